import { App, Stack } from 'aws-cdk-lib';
import { CacheReachability, CacheRules } from '../../lib';
import { findingsOfAssembly } from '../checks/assembly-findings';
import { FOREIGN_STACKS } from '../checks/foreign-stacks';
import { unjustified } from '../checks/justified';
import { type Said, validated } from '../checks/validation';
import { replicationGroupTemplates } from '../lib/matrix';

describe('over the replication groups in which every two choices meet', () => {
  type Properties = Readonly<Record<string, any>>;
  const logs = ({ LogDeliveryConfigurations: all = [] }: Properties) => all.map(({ LogType: type }: any) => type);
  const leastReplicas = (own: Properties): number => {
    const shards = own.NodeGroupConfiguration?.map(({ ReplicaCount: count }: any) => count) ?? [];
    return own.NumCacheClusters !== undefined
      ? own.NumCacheClusters - 1
      : shards.length > 0 && !shards.includes(undefined)
        ? Math.min(...shards)
        : own.ReplicasPerNodeGroup;
  };

  /** When a group has a control off, said once more, by its properties. */
  const OFF: Readonly<Record<string, (own: Properties, resource: any) => boolean>> = {
    'in-transit-encryption': (own) => own.TransitEncryptionEnabled !== true,
    'in-transit-encryption-required': (own) => own.TransitEncryptionMode === 'preferred',
    'at-rest-encryption': (own) => own.AtRestEncryptionEnabled !== true,
    'customer-managed-key': (own) => own.KmsKeyId === undefined,
    authentication: (own) => own.AuthToken === undefined && own.UserGroupIds === undefined,
    'users-instead-of-token': (own) => own.AuthToken !== undefined,
    'default-port': (own) => [undefined, 6_379].includes(own.Port),
    'automatic-failover': (own) => own.AutomaticFailoverEnabled !== true,
    'multi-az': (own) => own.MultiAZEnabled !== true,
    replicas: (own) => leastReplicas(own) < 1,
    'second-replica': (own) => leastReplicas(own) < 2,
    snapshots: (own) => !(own.SnapshotRetentionLimit > 0),
    'final-snapshot': (_, { DeletionPolicy: policy }) => !['Snapshot', 'Retain'].includes(policy),
    'minor-upgrades': (own) => own.AutoMinorVersionUpgrade !== true,
    'supported-engine': (own) => own.Engine === 'redis' && /^[45]/.test(own.EngineVersion),
    'slow-log': (own) => !logs(own).includes('slow-log'),
    'engine-log': (own) => !logs(own).includes('engine-log'),
    // They are taken out of the templates below, being most of them.
    alarms: () => true,
  };

  test('what is found is what is off, no more and no less', () => {
    const templates = replicationGroupTemplates(2);
    for (const { Resources: resources } of Object.values(templates)) {
      for (const [id, { Type: type }] of Object.entries<any>(resources)) {
        if (type === 'AWS::CloudWatch::Alarm') {
          delete resources[id];
        }
      }
    }
    const groups = Object.entries(templates).flatMap(([template, { Resources: resources }]) =>
      Object.entries<any>(resources)
        .filter(([, { Type: type }]) => type === 'AWS::ElastiCache::ReplicationGroup')
        .map(([id, resource]) => ({ template, id, resource })),
    );
    const expected = groups.flatMap(({ template, id, resource }) =>
      Object.entries(OFF)
        .filter(([, isOff]) => isOff(resource.Properties, resource))
        .map(([rule]) => `${template} ${rule} ${id}`),
    );
    const ids = new Set(groups.map(({ template, id }) => `${template} ${id}`));

    const said = validated(new CacheRules(), templates);
    const ofGroups = said.filter(({ template, resource }) => ids.has(`${template} ${resource}`));

    expect(ofGroups.map(({ template, rule, resource }) => `${template} ${rule} ${resource}`).sort()).toEqual(
      expected.sort(),
    );
    expect(groups.length).toBeGreaterThan(60);
    // What stands around the groups in those stacks is sound but for this.
    expect([...new Set(said.filter((one) => !ofGroups.includes(one)).map(aroundGroups))].sort()).toEqual([]);
  });
});

function aroundGroups({ rule, description }: Said): string {
  return `${rule}: ${description.split(': ')[0]}`;
}

describe('over stacks of packages that others wrote', () => {
  const names = Object.keys(FOREIGN_STACKS);
  const assemblies = new Map<string, string>();

  beforeAll(() => {
    process.env.CDK_VALIDATION = 'false';
    for (const [name, make] of Object.entries(FOREIGN_STACKS)) {
      const app = new App({ context: { 'aws:cdk:disable-creation-stack-traces': true } });
      make(new Stack(app, 'Foreign', { env: { region: 'us-east-1' } }));
      app.synth();
      assemblies.set(name, app.outdir);
    }
  });

  test.each(names)('%s: every finding was looked at, and is true', (name) => {
    const plugins = [new CacheRules(), new CacheReachability()];

    expect(unjustified(name, findingsOfAssembly(assemblies.get(name) as string, plugins))).toEqual({
      notLookedAt: [],
      gone: [],
    });
  });

  test('are more than ten', () => {
    expect(names.length).toBeGreaterThan(10);
  });
});
