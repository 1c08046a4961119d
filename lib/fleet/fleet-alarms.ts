import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';

const period = Duration.minutes(5);

/** Whom the alarms of a fleet tell, and what they look at. */
export interface FleetAlarmsProps {
  /** The instances as the load balancer sees them. */
  readonly targets: elbv2.ApplicationTargetGroup;
  /** What stands in front of them. */
  readonly loadBalancer: elbv2.IApplicationLoadBalancer;
  /** Whom an alarm tells. */
  readonly actions: cloudwatch.IAlarmAction[];
}

/** Alarms of a fleet: what visitors see fail, and instances that do not become healthy. */
export class FleetAlarms extends Construct {
  constructor(scope: Construct, id: string, { targets, loadBalancer, actions }: FleetAlarmsProps) {
    super(scope, id);

    const failures = targets.metrics.httpCodeTarget(elbv2.HttpCodeTarget.TARGET_5XX_COUNT, { period });
    const requests = targets.metrics.requestCount({ period });
    const alarms = [
      new cloudwatch.Alarm(this, 'Errors', {
        alarmDescription: 'More than one of a hundred requests fails.',
        metric: new cloudwatch.MathExpression({
          expression: '100 * FILL(failures, 0) / requests',
          usingMetrics: { failures, requests },
          label: 'failed requests, percent',
          period,
        }),
        threshold: 1,
        evaluationPeriods: 2,
        comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      }),
      new cloudwatch.Alarm(this, 'Unreachable', {
        alarmDescription: 'The load balancer itself answers with errors: no instance takes requests.',
        metric: loadBalancer.metrics.httpCodeElb(elbv2.HttpCodeElb.ELB_5XX_COUNT, { period }),
        threshold: 10,
        evaluationPeriods: 1,
        comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      }),
      new cloudwatch.Alarm(this, 'Unhealthy', {
        alarmDescription: 'An instance has been unhealthy for a quarter of an hour, and its replacement too.',
        metric: targets.metrics.unhealthyHostCount({ period, statistic: cloudwatch.Stats.MINIMUM }),
        threshold: 0,
        evaluationPeriods: 3,
        comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      }),
    ];
    for (const alarm of alarms) {
      alarm.addAlarmAction(...actions);
    }
  }
}
