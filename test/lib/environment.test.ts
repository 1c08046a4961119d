import type { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import recommendedFlags from 'aws-cdk-lib/recommended-feature-flags.json';
import cdkJson from '../../cdk.json';
import { Application, EnvironmentStack, Environments } from '../../lib';
import { packageFile } from '../../lib/package-file';
import { everyAcknowledgementIsNeeded, findings } from './acknowledgements';
import { newApp } from './stacks';

function devIn(app: App, props: { allowFrom?: string } = {}): EnvironmentStack {
  return new EnvironmentStack(app, 'dev', {
    environment: Environments.named('dev'),
    application: Application.fromDirectory(packageFile('dist', 'service'), { environment: { DEVELOPMENT: 'true' } }),
    ...props,
  });
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
  everyAcknowledgementIsNeeded(devIn);
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
