import { join } from 'node:path';
import { App, CfnParameter, CloudFormationValidatePlugin, Stack, Validations } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { CfnReplicationGroup } from 'aws-cdk-lib/aws-elasticache';
import { Assembly } from '../../assembly/assembly';
import { CacheEngine, CacheNodeType, CacheRules, ReplicationGroup, RuleProfile, ValkeyVersion } from '../../lib';
import { RULES } from '../../lib/checks/rules/catalogue';
import { PROJECT } from '../engines/folders';
import { generated } from '../generated-docs';
import { catalogueTable } from './catalogue-page';
import { CACHES, hardened } from './hardened';
import { validated } from './validation';

test('nothing is found where every control is on', () => {
  const templates = Object.fromEntries(CACHES.map((cache) => [cache.replace(' ', '-'), hardened(cache)]));

  expect(validated(new CacheRules(), templates)).toEqual([]);
});

test('a group without anything, in L1s: the same is found whatever the engine', () => {
  const found = (Engine: string) =>
    validated(new CacheRules(), {
      bare: {
        Resources: {
          Cache: {
            Type: 'AWS::ElastiCache::ReplicationGroup',
            Properties: { Engine, ReplicationGroupDescription: 'x' },
          },
        },
      },
    }).map(({ rule, severity }) => `${severity} ${rule}`);

  expect(found('valkey')).toEqual(found('redis'));
  expect(
    found('valkey')
      .filter((one) => one.startsWith('error'))
      .sort(),
  ).toEqual([
    'error at-rest-encryption',
    'error authentication',
    'error automatic-failover',
    'error in-transit-encryption',
    'error minor-upgrades',
    'error multi-az',
    'error replicas',
    'error security-groups',
    'error snapshots',
    'error subnet-group',
  ]);
});

test('a finding says what is so, what follows from it, the fix and the page', () => {
  const template = structuredClone(hardened('valkey'));
  template.Resources.Cache.Properties.TransitEncryptionEnabled = false;

  expect(validated(new CacheRules(), { off: template })).toEqual([
    {
      template: 'off',
      rule: 'in-transit-encryption',
      severity: 'error',
      resource: 'Cache',
      description:
        'TransitEncryptionEnabled is false: whoever is on the network between a client and a node reads sessions, ' +
        'cached rows and passwords',
      fix:
        'transitEncryptionEnabled: true ' +
        '(https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/in-transit-encryption.html)',
    },
  ]);
});

test('a secret in a template is found and not repeated', () => {
  const template = structuredClone(hardened('valkey'));
  template.Resources.Cache.Properties.AuthToken = 'hunter2-hunter2-hunter2';
  template.Resources.Web.Properties.AuthenticationMode = { Type: 'password', Passwords: ['hunter2-hunter2-hunter2'] };

  const said = validated(new CacheRules(), { secret: template });

  expect(said.map(({ rule, resource }) => `${rule} at ${resource}`).sort()).toEqual([
    'secret-in-template at Cache',
    'secret-in-template at Web',
    'users-instead-of-token at Cache',
  ]);
  expect(JSON.stringify(said)).not.toContain('hunter2');
});

test('both sides of a condition count', () => {
  const template: any = structuredClone(hardened('redis'));
  template.Conditions = { Production: { 'Fn::Equals': [{ Ref: 'Unknown' }, 'prod'] } };
  const either = (yes: unknown, no: unknown) => ({ 'Fn::If': ['Production', yes, no] });
  const { Properties: properties } = template.Resources.Cache;
  properties.MultiAZEnabled = either(true, 'true');
  properties.AtRestEncryptionEnabled = either(true, false);
  properties.KmsKeyId = either({ Ref: 'Key' }, { Ref: 'AWS::NoValue' });

  expect(
    validated(new CacheRules(), { condition: template })
      .map(({ rule }) => rule)
      .sort(),
  ).toEqual(['at-rest-encryption', 'customer-managed-key']);
});

test.each([
  ['a parameter of a type that AWS checks', { Type: 'AWS::EC2::SecurityGroup::Id' }, []],
  ['a parameter with a default', { Type: 'String', Default: 'sg-0123' }, []],
  ['a parameter that may be anything', { Type: 'String' }, ['security-groups']],
])('security groups by %s', (_, parameter, expected) => {
  const template = structuredClone(hardened('memcached'));
  (template.Parameters as Record<string, unknown>).Group = parameter;
  template.Resources.Cache.Properties.VpcSecurityGroupIds = [{ Ref: 'Group' }];

  expect(validated(new CacheRules(), { group: template }).map(({ rule }) => rule)).toEqual(expected);
});

test.each([
  ['0.0.0.0/0', ['open-data-port']],
  ['10.0.0.0/0', ['open-data-port']],
  ['10.0.0.0/8', []],
])('a rule for %s', (CidrIp, expected) => {
  const template = structuredClone(hardened('memcached'));
  const rule = { IpProtocol: 'TCP', FromPort: 11_211, ToPort: 11_211, CidrIp };
  template.Resources.CacheSecurityGroup.Properties.SecurityGroupIngress = [rule];

  expect(validated(new CacheRules(), { open: template }).map(({ rule: id }) => id)).toEqual(expected);
});

test('a secret by a parameter that is not shown is no secret in the template', () => {
  const template = structuredClone(hardened('redis'));
  (template.Parameters as Record<string, unknown>).Token = { Type: 'String', NoEcho: true };
  template.Resources.Database.Properties.MasterUserPassword = { Ref: 'Token' };

  expect(validated(new CacheRules(), { hidden: template })).toEqual([]);
});

test('dev is let off what its profile names, with the reason, and keeps the rest', () => {
  const template = {
    Resources: {
      Cache: {
        Type: 'AWS::ElastiCache::ReplicationGroup',
        Properties: { Engine: 'valkey', ReplicationGroupDescription: 'x' },
      },
    },
  };
  const errors = (profile: RuleProfile) =>
    validated(new CacheRules({ profile }), { bare: template })
      .filter(({ severity }) => severity === 'error')
      .map(({ rule }) => rule)
      .sort();

  expect(errors(RuleProfile.DEV)).toEqual(['at-rest-encryption', 'minor-upgrades', 'security-groups', 'subnet-group']);
  expect(errors(RuleProfile.PROD)).toHaveLength(10);
});

test('in an app an error stops the synth, and is let through where it was acknowledged', () => {
  const app = (acknowledged: boolean) => {
    const made = new App();
    const stack = new Stack(made, 'Mine');
    const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2 });
    const cache = new ReplicationGroup(stack, 'Cache', {
      vpc,
      engine: CacheEngine.valkey(ValkeyVersion.V8_1),
      nodeType: CacheNodeType.T4G_SMALL,
    });
    const group = cache.node.defaultChild as CfnReplicationGroup;
    group.autoMinorVersionUpgrade = new CfnParameter(stack, 'Upgrade').valueAsString as never;
    if (acknowledged) {
      Validations.of(cache).acknowledge({ id: 'CacheRules::minor-upgrades', reason: 'the platform team upgrades it' });
    }
    Validations.of(made).addPlugins(new CacheRules());
    return made;
  };

  expect(() => app(false).synth()).toThrow(/AutoMinorVersionUpgrade is known to a deploy only/);
  expect(() => app(true).synth()).not.toThrow();
});

describe('the environments of this project', () => {
  const environments = new Assembly(join(PROJECT, 'cdk.out')).environments.map(
    (one) => [one.name, one.stacks] as const,
  );

  test.each(environments)('%s has no error', (name, stacks) => {
    const context = {
      stackTemplates: stacks.map(({ path, templateFile: templatePath }) => ({
        stackConstructPath: path,
        templatePath,
      })),
    };
    const profile = name === 'prod' ? RuleProfile.PROD : RuleProfile.DEV;

    const { violations, success } = new CacheRules({ profile }).validate(context as never);

    expect(violations.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(success).toBe(true);
    expect(
      violations
        .filter(({ severity }) => severity === 'warning')
        .map(({ ruleName }) => ruleName)
        .sort(),
    ).toEqual([]);
  });
});

test('each rule has an id of its own, a fix and a page, and the documentation shows all of them', () => {
  expect(new Set(RULES.map(({ id }) => id)).size).toBe(RULES.length);
  for (const { id, fix, page } of RULES) {
    expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(fix).not.toBe('');
    expect(page).toMatch(/^https:\/\/docs\.aws\.amazon\.com\//);
  }
  expect(generated('docs/checks.md', 'rules', catalogueTable())).toBe(catalogueTable());
});

test('the rules are a module for whoever validates plain CloudFormation', () => {
  const validator = new CloudFormationValidatePlugin({
    includeDefaultRules: false,
    regoRules: [{ name: 'caches', content: CacheRules.rego() }],
  });
  const template = structuredClone(hardened('memcached'));
  template.Resources.Cache.Properties.TransitEncryptionEnabled = false;
  template.Resources.Cache.Properties.NumCacheNodes = 1;

  const said = validated(validator, { plain: template }).filter(({ rule }) => RULES.some(({ id }) => id === rule));

  expect(said.map(({ rule, severity, description }) => `${severity} ${rule}: ${description}`).sort()).toEqual([
    'error in-transit-encryption: TransitEncryptionEnabled: TransitEncryptionEnabled is false',
    'warning memcached-nodes: NumCacheNodes: NumCacheNodes is 1',
  ]);
});
