import { CfnParameter, CfnRule, Fn } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Environment } from './environment';

/** The account of AWS's own examples, which nobody has. */
const EXAMPLE_ACCOUNT = ':111122223333:';

/** A domain that nobody can have (RFC 2606). */
const EXAMPLE_DOMAIN = '@example.com';

/**
 * The committed settings hold examples, so that everything synthesizes. CloudFormation refuses to deploy them, before it
 * makes anything.
 */
export function refuseExamples(scope: Construct, { name, certificateArn, alarmEmail }: Environment): void {
  const examples = [
    { setting: 'certificateArn', value: certificateArn, isExample: certificateArn?.includes(EXAMPLE_ACCOUNT) },
    { setting: 'alarmEmail', value: alarmEmail, isExample: alarmEmail?.endsWith(EXAMPLE_DOMAIN) },
  ];
  for (const { setting, value, isExample } of examples) {
    if (value === undefined || isExample !== true) {
      continue;
    }
    const id = `Example${setting.charAt(0).toUpperCase()}${setting.slice(1)}`;
    const parameter = new CfnParameter(scope, id, {
      default: value,
      description: `An example: deploy with -c ${name}.${setting}=… instead`,
    });
    new CfnRule(scope, `${id}IsReplaced`, {
      assertions: [
        {
          assert: Fn.conditionNot(Fn.conditionEquals(parameter.valueAsString, value)),
          assertDescription: `${name} is set to an example: give your own with -c ${name}.${setting}=…, or in cdk.json under environments.${name}.${setting}`,
        },
      ],
    });
  }
}
