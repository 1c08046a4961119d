import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import { CfnReplicationGroup } from 'aws-cdk-lib/aws-elasticache';
import {
  CacheCapability,
  CacheEngine,
  CacheNetworkType,
  CacheNodeType,
  MaintenanceWindow,
  MemcachedAzMode,
  MemcachedCluster,
  type MemcachedClusterProps,
  MemcachedVersion,
  RedisVersion,
  ServerlessCache,
  type ServerlessCacheProps,
  ValkeyVersion,
} from '../../lib';
import { MatrixApp, replicationGroups } from './matrix';

describe('every combination is clean under the built-in validator as errors and cdk-preflight', () => {
  // Every three choices together: test/full/matrix.test.ts.
  test('replication groups, every two choices together', () => {
    const { tried, found } = replicationGroups(2);

    expect(found).toEqual([]);
    expect(tried).toBeGreaterThan(100);
    process.stdout.write(`matrix: ${tried} replication groups, every two choices together\n`);
  }, 60_000);

  test('Memcached clusters and serverless caches', () => {
    const matrix = new MatrixApp();
    const versions = [
      MemcachedVersion.V1_5_16,
      MemcachedVersion.V1_6_6,
      MemcachedVersion.V1_6_12,
      MemcachedVersion.V1_6_22,
    ];
    const clusters = versions.flatMap((version): MemcachedClusterProps[] =>
      [
        { nodes: 1 },
        { nodes: 3, azMode: MemcachedAzMode.SINGLE_AZ },
        { nodes: 4, parameters: { max_item_size: '2097152' } },
        { nodes: 2, availabilityZones: ['us-east-1b', 'us-east-1a'] },
        { maintenanceWindow: MaintenanceWindow.parse('mon:03:00-mon:04:00'), port: 11_311 },
      ].map((props) => ({
        vpc: undefined as unknown as ec2.IVpc,
        nodeType: CacheNodeType.M7G_LARGE,
        engine: CacheEngine.memcached(version),
        transitEncryption: CacheEngine.memcached(version).supports(CacheCapability.TRANSIT_ENCRYPTION),
        ...props,
      })),
    );
    const serverless = [
      CacheEngine.valkey(ValkeyVersion.V7_2),
      CacheEngine.valkey(ValkeyVersion.V8_1),
      CacheEngine.valkey(ValkeyVersion.V9_0),
      CacheEngine.redis(RedisVersion.V7_1),
      CacheEngine.memcached(MemcachedVersion.V1_6_22),
    ].flatMap(
      (engine): Array<Partial<ServerlessCacheProps>> => [
        { engine },
        { engine, maxProcessingUnits: 10_000, snapshotRetentionDays: 1, finalSnapshotName: 'last' },
        { engine, networkType: CacheNetworkType.DUAL_STACK },
      ],
    );

    for (const [index, props] of clusters.entries()) {
      const { stack, vpc } = matrix.next();
      new MemcachedCluster(stack, `Cluster${index}`, { ...props, vpc }).addAlarms();
    }
    for (const [index, props] of serverless.entries()) {
      const { stack, vpc } = matrix.next();
      new ServerlessCache(stack, `Serverless${index}`, { vpc, ...props }).addAlarms();
    }

    expect(matrix.findings()).toEqual([]);
    process.stdout.write(`matrix: ${clusters.length} Memcached clusters, ${serverless.length} serverless caches\n`);
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
