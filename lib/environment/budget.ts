import * as budgets from 'aws-cdk-lib/aws-budgets';
import type { Construct } from 'constructs';
import type { Environment } from './environment';

/** Parts of the budget at which somebody is told, in percent. */
const SPENT = 80;
const FORECASTED = 100;

/**
 * What the environment may cost a month. It counts by the tag `environment`, which has to be activated once as a cost
 * allocation tag in the account's billing.
 */
export function createBudget(scope: Construct, { name, alarmEmail, monthlyBudgetUsd }: Environment): void {
  const notify = (notificationType: string, threshold: number) => ({
    notification: { comparisonOperator: 'GREATER_THAN', notificationType, threshold, thresholdType: 'PERCENTAGE' },
    subscribers: [{ subscriptionType: 'EMAIL', address: alarmEmail as string }],
  });
  new budgets.CfnBudget(scope, 'Budget', {
    budget: {
      budgetType: 'COST',
      timeUnit: 'MONTHLY',
      budgetLimit: { amount: monthlyBudgetUsd, unit: 'USD' },
      costFilters: { TagKeyValue: [`user:environment$${name}`] },
    },
    // Without an address the budget is still seen in the console.
    ...(alarmEmail === undefined
      ? {}
      : { notificationsWithSubscribers: [notify('ACTUAL', SPENT), notify('FORECASTED', FORECASTED)] }),
  });
}
