import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import cdkJson from '../../../cdk.json';
import { Application, EnvironmentStage, Environments } from '../../../lib';
import { applicationDirectory } from '../../lib/stacks';

// The templates are read here, not judged by CDK's own rules.
process.env.CDK_VALIDATION = 'false';

const OWN = {
  certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/6f1c9a52-4c55-4c8e-9d54-0d6c5d3d3a10',
  alarmEmail: 'operators@films.test',
};

/** The template of an environment's first stack, with settings above those of `cdk.json`. */
function networkOf(name: string, settings: Readonly<Record<string, string>> = {}): any {
  const own = Object.fromEntries(Object.entries(settings).map(([key, value]) => [`${name}.${key}`, value]));
  const app = new App({ context: { ...cdkJson.context, ...own } });
  const stage = new EnvironmentStage(app, name, {
    environment: Environments.named(app, name),
    application: Application.fromDirectory(applicationDirectory()),
  });
  return Template.fromStack(stage.network).toJSON();
}

/** Whether an assertion of a rule holds when every parameter has its default. */
function holds(assertion: any, parameters: any): any {
  if (typeof assertion === 'string') {
    return assertion;
  }
  const [[name, argument]] = Object.entries<any>(assertion) as [[string, any]];
  switch (name) {
    case 'Ref':
      return parameters[argument].Default;
    case 'Fn::Equals':
      return holds(argument[0], parameters) === holds(argument[1], parameters);
    case 'Fn::Not':
      return !holds(argument[0], parameters);
    default:
      throw new Error(`the rule has ${name}, which this test cannot evaluate`);
  }
}

const examples = (section: any) => Object.keys(section ?? {}).filter((name) => name.startsWith('Example'));

describe.each(['staging', 'prod'])('the committed settings of %s', (name) => {
  test('break a rule of the first stack’s template, each by its own, which says how to give others', () => {
    const { Parameters, Rules } = networkOf(name);

    expect(examples(Rules).sort()).toEqual(['ExampleAlarmEmailIsReplaced', 'ExampleCertificateArnIsReplaced']);
    for (const rule of examples(Rules)) {
      const [{ Assert, AssertDescription }] = Rules[rule].Assertions;
      expect(holds(Assert, Parameters)).toBe(false);
      expect(AssertDescription).toContain(`-c ${name}.`);
    }
  });

  test('leave no rule when others are given on the command line', () => {
    const { Parameters, Rules } = networkOf(name, OWN);

    expect([...examples(Parameters), ...examples(Rules)]).toEqual([]);
  });

  test('leave the rule of the one that is still an example', () => {
    expect(examples(networkOf(name, { certificateArn: OWN.certificateArn }).Rules)).toEqual([
      'ExampleAlarmEmailIsReplaced',
    ]);
  });
});

test('dev has no examples', () => {
  expect(examples(networkOf('dev').Rules)).toEqual([]);
});
