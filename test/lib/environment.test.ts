import { type App, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import recommendedFlags from 'aws-cdk-lib/recommended-feature-flags.json';
import { AwsSolutionsChecks } from 'cdk-nag';
import cdkJson from '../../cdk.json';
import { Application, EnvironmentStack, Environments } from '../../lib';
import { packageFile } from '../../lib/package-file';
import { newApp } from './stacks';

function devIn(app: App, props: { allowFrom?: string } = {}): EnvironmentStack {
  return new EnvironmentStack(app, 'dev', {
    environment: Environments.named('dev'),
    application: Application.fromDirectory(packageFile('dist', 'service'), { environment: { DEVELOPMENT: 'true' } }),
    ...props,
  });
}

/** Findings of cdk-nag's AwsSolutions pack, as `rule at construct`. */
function findings(app: App): string[] {
  const { violations } = new AwsSolutionsChecks(app).validateScope(app) as any;
  return violations.flatMap((violation: any) =>
    (violation.violatingConstructs ?? violation.violatingResources).map(
      (construct: any) => `${violation.ruleName} at ${construct.constructPath}`,
    ),
  );
}

/** The template without what changes with every build. */
function masked(stack: EnvironmentStack): unknown {
  const text = JSON.stringify(Template.fromStack(stack).toJSON(), null, 2)
    .replaceAll(/[0-9a-f]{64}/g, 'ASSET_HASH')
    .replaceAll(/CurrentVersion[0-9A-F]{8}[0-9a-f]{32}/g, 'CurrentVersionHASH');
  return JSON.parse(text);
}

test('dev is what it was', () => {
  expect(masked(devIn(newApp()))).toMatchSnapshot();
});

test('cdk-nag finds nothing in dev', () => {
  const app = newApp();
  devIn(app);

  expect(findings(app)).toEqual([]);
});

describe('every acknowledgement is needed', () => {
  const acknowledged: Array<{ id: string; reason: string }> = [];
  const real = Validations.prototype.acknowledge;
  jest.spyOn(Validations.prototype, 'acknowledge').mockImplementation(function (this: Validations, ...all) {
    acknowledged.push(...all);
    return real.apply(this, all);
  });
  devIn(newApp());
  jest.restoreAllMocks();
  // CDK's own constructs acknowledge rules of the built-in validator; those are not ours to test.
  const own = acknowledged.filter(({ id }) => id.startsWith('AwsSolutions'));
  const rules = [...new Set(own.map(({ id }) => id))];

  test('there are some, each with a reason', () => {
    expect(rules.length).toBeGreaterThan(5);
    expect(own.filter(({ reason }) => reason.split(' ').length < 5)).toEqual([]);
  });

  test.each(rules)('without the acknowledgement of %s its finding returns', (rule) => {
    const spy = jest.spyOn(Validations.prototype, 'acknowledge').mockImplementation(function (
      this: Validations,
      ...all
    ) {
      const others = all.filter(({ id }) => id !== rule);
      return others.length === 0 ? undefined : real.apply(this, others);
    });
    const app = newApp();
    devIn(app);
    spy.mockRestore();

    const found = findings(app);

    expect(found.length).toBeGreaterThan(0);
    expect(found.every((finding) => finding.startsWith(rule))).toBe(true);
  });
});

test('no password stands in the template', () => {
  const text = JSON.stringify(Template.fromStack(devIn(newApp())).toJSON());

  expect(text.match(/"(MasterUserPassword|AuthToken|Passwords)":/g)).toBeNull();
  expect(text.includes('"ManageMasterUserPassword":true')).toBe(true);
});

test('the load balancer admits who is named, and nobody otherwise', () => {
  const admitted = (stack: EnvironmentStack) =>
    Object.values(Template.fromStack(stack).findResources('AWS::EC2::SecurityGroup')).flatMap(({ Properties }) =>
      (Properties.SecurityGroupIngress ?? []).map((rule: any) => rule.CidrIp),
    );

  expect(admitted(devIn(newApp()))).toEqual([]);
  expect(admitted(devIn(newApp(), { allowFrom: '203.0.113.7/32' }))).toEqual(['203.0.113.7/32']);
});

test('fails if the range that may come is none', () => {
  expect(() => devIn(newApp(), { allowFrom: 'me' })).toThrow(
    '`allowFrom` must be an address range such as 203.0.113.7/32, got me',
  );
});

test('cdk.json carries the recommended feature flags, but for the one that defers references', () => {
  const { '@aws-cdk/core:defaultCrossStackReferences': references, ...flags } = cdkJson.context as Record<
    string,
    unknown
  >;
  const { '@aws-cdk/core:defaultCrossStackReferences': _, ...recommended } = recommendedFlags as Record<
    string,
    unknown
  >;

  expect(flags).toEqual(recommended);
  expect(references).toBe('strong');
  expect(flags['@aws-cdk/core:validateAgainstDefaultRules']).toBe(true);
});

test('fails if an environment does not exist, and says which do', () => {
  expect(() => Environments.named('demo')).toThrow('no environment `demo`, there are: dev');
});
