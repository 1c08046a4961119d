import { Size } from 'aws-cdk-lib';
import { CfnReplicationGroup } from 'aws-cdk-lib/aws-elasticache';
import {
  CacheEngine,
  CacheNetworkType,
  CacheNodeType,
  CacheUser,
  DailySnapshotTime,
  MaintenanceWindow,
  MemcachedAzMode,
  MemcachedCluster,
  type MemcachedClusterProps,
  MemcachedVersion,
  RedisVersion,
  ServerlessCache,
  type ServerlessCacheProps,
  UserAuthentication,
  UserGroup,
  ValkeyVersion,
} from '../../lib';
import { type Choice, coveringRows } from '../lib/covering';
import { MatrixApp } from '../lib/matrix';

type Parts = Readonly<Record<string, Readonly<Record<string, object>>>>;

function choices(parts: Parts): Record<string, string[]> {
  return Object.fromEntries(Object.entries(parts).map(([factor, values]) => [factor, Object.keys(values)]));
}

function propsOf(parts: Parts, row: Choice): object {
  return Object.assign({}, ...Object.entries(row).map(([factor, value]) => parts[factor]?.[value]));
}

describe('every combination is clean under the built-in validator as errors and cdk-preflight', () => {
  // Replication groups, every three choices together: test/full/matrix.test.ts.
  test('Memcached clusters, every two choices together', () => {
    const matrix = new MatrixApp();
    const parts: Record<string, Record<string, Partial<MemcachedClusterProps>>> = {
      engine: Object.fromEntries(
        [MemcachedVersion.V1_5_16, MemcachedVersion.V1_6_6, MemcachedVersion.V1_6_12, MemcachedVersion.V1_6_22].map(
          (version) => [version.version, { engine: CacheEngine.memcached(version) }],
        ),
      ),
      place: {
        one: { nodes: 1 },
        together: { nodes: 3, azMode: MemcachedAzMode.SINGLE_AZ },
        spread: { nodes: 4 },
        named: { nodes: 2, availabilityZones: ['us-east-1b', 'us-east-1a'] },
      },
      tls: { on: {}, off: { transitEncryption: false } },
      node: { t4g: { nodeType: CacheNodeType.T4G_SMALL }, m7g: { nodeType: CacheNodeType.M7G_LARGE } },
      network: {
        ipv4: {},
        ipv6: { networkType: CacheNetworkType.IPV6 },
        dual: { networkType: CacheNetworkType.DUAL_STACK },
      },
      rest: {
        plain: {},
        parameters: { parameters: { max_item_size: '2097152', idle_timeout: '60' } },
        operated: { maintenanceWindow: MaintenanceWindow.parse('mon:03:00-mon:04:00'), port: 11_311 },
      },
    };
    const { rows, impossible } = coveringRows(
      choices(parts),
      2,
      ({ engine = '', tls, network }) =>
        !(tls === 'on' && ['1.5.16', '1.6.6'].includes(engine)) &&
        !(network !== undefined && network !== 'ipv4' && engine === '1.5.16'),
    );

    for (const [index, row] of rows.entries()) {
      const { stack, vpc } = matrix.next();
      const props = propsOf(parts, row) as MemcachedClusterProps;
      new MemcachedCluster(stack, `Cluster${index}`, { ...props, vpc }).addAlarms();
    }

    expect(impossible).toEqual([]);
    expect(matrix.findings()).toEqual([]);
    process.stdout.write(`matrix: ${rows.length} Memcached clusters, every two choices together\n`);
  }, 60_000);

  test('serverless caches, every two choices together', () => {
    const matrix = new MatrixApp();
    const engines: Record<string, CacheEngine> = {
      'valkey 7': CacheEngine.valkey(ValkeyVersion.V7_2),
      'valkey 8': CacheEngine.valkey(ValkeyVersion.V8_1),
      'valkey 9': CacheEngine.valkey(ValkeyVersion.V9_0),
      redis: CacheEngine.redis(RedisVersion.V7_1),
      memcached: CacheEngine.memcached(MemcachedVersion.V1_6_22),
    };
    const parts: Record<string, Record<string, Partial<ServerlessCacheProps>>> = {
      engine: Object.fromEntries(Object.entries(engines).map(([name, engine]) => [name, { engine }])),
      users: { default: {}, password: {} },
      limits: {
        none: {},
        most: { maxDataStorage: Size.gibibytes(10), maxProcessingUnits: 10_000 },
        both: { minProcessingUnits: 1_000, maxProcessingUnits: 5_000, minDataStorage: Size.gibibytes(1) },
      },
      network: {
        ipv4: {},
        ipv6: { networkType: CacheNetworkType.IPV6 },
        dual: { networkType: CacheNetworkType.DUAL_STACK },
      },
      snapshots: {
        default: {},
        daily: { snapshotRetentionDays: 35, dailySnapshotTime: DailySnapshotTime.at(3, 30), finalSnapshotName: 'last' },
        none: { snapshotRetentionDays: 0 },
        restored: {
          restoreFromSnapshotArns: ['arn:aws:elasticache:us-east-1:111122223333:serverlesscachesnapshot:nightly'],
        },
      },
    };
    const { rows, impossible } = coveringRows(
      choices(parts),
      2,
      ({ engine, users }) => !(engine === 'memcached' && users === 'password'),
    );

    for (const [index, row] of rows.entries()) {
      const { stack, vpc } = matrix.next();
      const engine = engines[row.engine as string] as CacheEngine;
      const authentication = UserAuthentication.generatedPassword();
      const userGroup =
        row.users === 'password'
          ? new UserGroup(stack, `Users${index}`, {
              engine,
              users: [new CacheUser(stack, `User${index}`, { engine, authentication })],
            })
          : undefined;
      new ServerlessCache(stack, `Serverless${index}`, { ...propsOf(parts, row), vpc, userGroup }).addAlarms();
    }

    expect(impossible).toEqual([]);
    expect(matrix.findings()).toEqual([]);
    process.stdout.write(`matrix: ${rows.length} serverless caches, every two choices together\n`);
  }, 60_000);

  test('and both do look: what AWS refuses is found', () => {
    const matrix = new MatrixApp();
    const { stack } = matrix.next();
    new CfnReplicationGroup(stack, 'Bad', {
      replicationGroupDescription: 'bad',
      engine: 'valkey',
      cacheNodeType: 'cache.t4g.small',
      numCacheClusters: 7,
      port: 70_000,
      transitEncryptionEnabled: true,
    });

    const found = matrix.findings().join('\n');

    expect(found).toContain('pf-elasticache-port at Stack0/Bad');
    expect(found).toContain('F3034 at Stack0/Bad');
  });
});
