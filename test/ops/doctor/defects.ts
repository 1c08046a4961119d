import type { EnvironmentState, Metrics, NodeState } from '../../../ops/environment/environment-state';
import {
  alarm,
  all,
  balancer,
  type Change,
  database,
  dataStack,
  environment,
  fleet,
  group,
  instances,
  memcached,
  memcachedMetrics,
  metrics,
  nodes,
  parameters,
  secret,
  serverless,
  silentTemplate,
  template,
} from './changes';
import { allDay, daysAgo, growing, lately } from './healthy-state';

/** One thing that is wrong, and what the doctor says of it: rules, subjects and evidence. */
export interface Defect {
  readonly what: string;
  readonly change: Change;
  readonly finds: ReadonlyArray<readonly [rule: string, subject: string, evidence: string]>;
}

const cluster = (state: EnvironmentState) => state.groups[0]?.shards ?? [];

/** The group with its shards changed, and a template that does not mind. */
function shards(change: (state: EnvironmentState) => ReturnType<typeof cluster>): Change {
  return all((state) => group({ shards: change(state) })(state), silentTemplate('Sessions'));
}

/** A node that is alone answers what three did. */
function asMuchAsThree(node: NodeState): NodeState {
  return { ...node, metrics: { ...node.metrics, CacheHits: allDay(150_000) } };
}

const oneZone: Change = shards((state) =>
  cluster(state).map((shard, index) =>
    index === 0 ? { ...shard, nodes: shard.nodes.map((node) => ({ ...node, zone: 'us-east-1a' })) } : shard,
  ),
);

const burstable = (nodeType: string) =>
  all(group({ nodeType }), silentTemplate('Sessions'), environment({ reservations: [] }), young);

const young: Change = (state) => all(nodes(6, { createdAt: daysAgo(1) }), memcachedYoung)(state);

const memcachedYoung: Change = (state) =>
  memcached({ nodes: (state.memcached[0]?.nodes ?? []).map((node) => ({ ...node, createdAt: daysAgo(1) })) })(state);

const large = all(
  group({ nodeType: 'cache.m7g.xlarge' }),
  silentTemplate('Sessions'),
  environment({ reservations: [] }),
  young,
);

const redis = (engineVersion: string) => all(group({ engine: 'redis', engineVersion }), silentTemplate('Sessions'));

const scalable =
  (dimension: string, resourceId: unknown): Change =>
  (state) =>
    dataStack({
      resources: [
        ...(state.stacks[0]?.resources ?? []),
        {
          logicalId: 'Scaling',
          physicalId: 'scaling',
          type: 'AWS::ApplicationAutoScaling::ScalableTarget',
          properties: { ScalableDimension: `elasticache:replication-group:${dimension}`, ResourceId: resourceId },
        },
      ],
    })(state);

/** A group that is a cache, and no store. */
const evicting = all(parameters({ 'maxmemory-policy': 'allkeys-lru' }), silentTemplate('SessionsParameters'));

/** Serverless Memcached, which has neither users nor snapshots, and counts lookups by other names. */
function serverlessMemcached(values: Metrics): Change {
  return (state) => {
    const changed = serverless({ engine: 'memcached', snapshotRetentionDays: 0 })(state);
    return {
      ...changed,
      serverless: changed.serverless.map(({ userGroup: _, ...cache }) => {
        const { CacheHits: GetHits = [], CacheMisses: GetMisses = [], CurrVolatileItems: _1, ...rest } = cache.metrics;
        return { ...cache, metrics: { ...rest, GetHits, GetMisses, ...values } };
      }),
    };
  };
}

export const DEFECTS: readonly Defect[] = [
  {
    what: 'a group is being deleted',
    change: group({ status: 'deleting' }),
    finds: [['cache-not-available', 'sessions', 'its status is deleting']],
  },
  {
    what: 'a serverless cache failed',
    change: serverless({ status: 'create-failed' }),
    finds: [['cache-not-available', 'pages', 'its status is create-failed']],
  },
  {
    what: 'a database is stopped',
    change: database({ status: 'stopped' }),
    finds: [['database-not-available', 'database films', 'its status is stopped']],
  },
  {
    what: 'a database restarts',
    change: database({ status: 'rebooting' }),
    finds: [['database-restarting', 'database films', 'its status is rebooting']],
  },
  {
    what: 'a database is being maintained',
    change: database({ status: 'maintenance' }),
    finds: [['change-under-way', 'database films', 'its status is maintenance']],
  },
  {
    what: 'Memcached is being rebooted',
    change: (state) =>
      memcached({
        status: 'rebooting cluster nodes',
        nodes: (state.memcached[0]?.nodes ?? []).map((node, index) =>
          index === 1 ? { ...node, status: 'rebooting' } : node,
        ),
      })(state),
    finds: [
      ['change-under-way', 'objects', 'its status is rebooting cluster nodes'],
      ['change-under-way', 'objects 0002', 'its status is rebooting'],
    ],
  },
  {
    what: 'slots are moved, and a token is changed',
    change: group({
      pending: [
        { what: 'slots', to: '40 % moved' },
        { what: 'AUTH token', to: 'ROTATING' },
      ],
    }),
    finds: [['change-under-way', 'sessions', 'its status is available; AUTH token: ROTATING; slots: 40 % moved']],
  },
  {
    what: 'a node failed',
    change: nodes(1, { status: 'failed' }),
    finds: [['node-not-available', 'sessions-0001-001', 'its status is failed, one of 6 nodes of sessions']],
  },
  {
    what: 'a node of Memcached failed',
    change: (state) =>
      memcached({
        nodes: (state.memcached[0]?.nodes ?? []).map((node, index) =>
          index === 1 ? { ...node, status: 'failed' } : node,
        ),
      })(state),
    finds: [['node-not-available', 'objects 0002', 'its status is failed, one of 3 nodes of objects']],
  },
  {
    what: 'a group and a database are being modified',
    change: all(group({ status: 'modifying' }), database({ status: 'modifying' }), nodes(1, { status: 'creating' })),
    finds: [
      ['change-under-way', 'database films', 'its status is modifying'],
      ['change-under-way', 'sessions', 'its status is modifying'],
      ['change-under-way', 'sessions-0001-001', 'its status is creating'],
    ],
  },
  {
    what: 'a shard lost some of its slots',
    change: shards((state) =>
      cluster(state).map((shard) => (shard.id === '0002' ? { ...shard, slots: '8192-16000,16002' } : shard)),
    ),
    finds: [['slots-without-shard', 'sessions', '16,002 of 16,384 slots belong to one of its shards']],
  },
  {
    what: 'a shard stands in one zone',
    change: oneZone,
    finds: [
      [
        'replicas-in-one-zone',
        'sessions',
        '3 of 3 nodes of shard 0001 are in us-east-1a; its subnets are in us-east-1a, us-east-1b, us-east-1c',
      ],
    ],
  },
  {
    what: 'Memcached stands in one zone',
    change: (state) =>
      memcached({ nodes: (state.memcached[0]?.nodes ?? []).map((node) => ({ ...node, zone: 'us-east-1b' })) })(state),
    finds: [
      [
        'memcached-in-one-zone',
        'objects',
        '3 of 3 nodes are in us-east-1b; its subnets are in us-east-1a, us-east-1b, us-east-1c',
      ],
    ],
  },
  {
    what: 'Memcached has one node',
    change: all(
      (state) => memcached({ nodes: (state.memcached[0]?.nodes ?? []).slice(0, 1) })(state),
      silentTemplate('Objects'),
    ),
    finds: [
      [
        'memcached-of-one-node',
        'objects',
        'it has 1 node: when that is lost, every entry is, and the database gets all reads',
      ],
    ],
  },
  {
    what: 'a shard has no replica',
    change: shards((state) =>
      cluster(state).map((shard) =>
        shard.id === '0002' ? { ...shard, nodes: shard.nodes.slice(0, 1).map(asMuchAsThree) } : shard,
      ),
    ),
    finds: [['shard-without-replica', 'sessions', 'shard 0002 has 1 node']],
  },
  {
    what: 'failover is off',
    change: all(group({ automaticFailover: 'disabled' }), silentTemplate('Sessions')),
    finds: [
      ['automatic-failover-off', 'sessions', 'automatic failover is disabled, Multi-AZ is enabled, with 4 replicas'],
    ],
  },
  {
    what: 'failover is off, and with it Multi-AZ',
    change: all(group({ automaticFailover: 'disabled', multiAz: 'disabled' }), silentTemplate('Sessions')),
    finds: [
      ['automatic-failover-off', 'sessions', 'automatic failover is disabled, Multi-AZ is disabled, with 4 replicas'],
    ],
  },
  {
    what: 'Multi-AZ is off',
    change: all(group({ multiAz: 'disabled' }), silentTemplate('Sessions')),
    finds: [['multi-az-off', 'sessions', 'Multi-AZ is disabled, with 4 replicas']],
  },
  {
    what: 'a replica lags',
    change: nodes(3, {}, { ReplicationLag: lately(4, 5.1) }),
    finds: [
      [
        'replication-lags',
        'sessions',
        [1, 2, 3]
          .map((node) => `sessions-0001-00${node} was up to 5.1 seconds behind on average, in 4 quarters of an hour`)
          .join('; '),
      ],
    ],
  },
  {
    what: 'the database has no standby',
    change: all(database({ isMultiAz: false }), silentTemplate('Films')),
    finds: [['database-in-one-zone', 'database films', 'its one instance is in us-east-1a']],
  },
  {
    what: 'no snapshots are taken',
    change: all(group({ snapshotRetentionDays: 0 }), silentTemplate('Sessions')),
    finds: [['no-automatic-snapshots', 'sessions', 'snapshots are kept 0 days; its maxmemory-policy is noeviction']],
  },
  {
    what: 'no snapshots of a serverless cache are taken',
    change: serverless({ snapshotRetentionDays: 0 }),
    finds: [['no-automatic-snapshots', 'pages', 'snapshots are kept 0 days']],
  },
  {
    what: 'the newest snapshot is old',
    change: group({
      snapshots: [{ name: 'automatic.sessions', status: 'available', at: daysAgo(2.1), isAutomatic: true }],
    }),
    finds: [['snapshot-old', 'sessions', 'automatic.sessions was made 2 days ago; they are kept 35 days']],
  },
  {
    what: 'no snapshot was ever taken',
    change: group({ snapshots: [] }),
    finds: [['snapshot-old', 'sessions', 'it has none yet, and was made 100 days ago; they are kept 35 days']],
  },
  {
    what: 'the database is not backed up',
    change: all(database({ backupRetentionDays: 0 }), silentTemplate('Films')),
    finds: [['database-without-backups', 'database films', 'backups are kept 0 days']],
  },
  {
    what: 'logs of the database are not saved',
    change: database({ latestRestorableAt: daysAgo(31 / 1440) }),
    finds: [['database-restore-lags', 'database films', 'its latest restorable time is 31 minutes ago']],
  },
  {
    what: 'the database may be deleted',
    change: all(database({ isDeletionProtected: false }), silentTemplate('Films')),
    finds: [['database-deletable', 'database films', 'deletion protection is off']],
  },
  {
    what: 'the stack may be deleted',
    change: dataStack({ isTerminationProtected: false }),
    finds: [['stack-deletable', 'stack prod-data', 'termination protection is off; it holds Films; Sessions']],
  },
  {
    what: 'Redis OSS 5 costs extra',
    change: redis('5.0.6'),
    finds: [
      [
        'engine-support-ended',
        'sessions',
        'standard support of redis 5.0.6 ended on 2026-01-31, 300 days ago; extended support costs extra',
      ],
    ],
  },
  {
    what: 'MySQL 8.0 costs extra',
    change: all(database({ engine: 'mysql', engineVersion: '8.0.42' }), silentTemplate('Films')),
    finds: [
      [
        'engine-support-ended',
        'database films',
        'standard support of mysql 8.0.42 ended on 2026-07-31, 119 days ago; extended support costs extra',
      ],
    ],
  },
  {
    what: 'MySQL 8.0 will be upgraded by RDS',
    change: all(
      database({ engine: 'mysql', engineVersion: '8.0.42', isSupportExtended: false }),
      silentTemplate('Films'),
    ),
    finds: [
      [
        'engine-support-ended',
        'database films',
        'standard support of mysql 8.0.42 ended on 2026-07-31, 119 days ago; extended support is off, so that AWS upgrades it by itself',
      ],
    ],
  },
  {
    what: 'Redis OSS 6 will cost extra',
    change: redis('6.2.6'),
    finds: [['engine-support-ending', 'sessions', 'standard support of redis 6.2.6 ends on 2027-01-31, in 64 days']],
  },
  {
    what: 'a service update is overdue',
    change: group({
      serviceUpdates: [{ name: 'elasticache-2026', severity: 'important', status: 'not-applied', applyBy: daysAgo(1) }],
    }),
    finds: [
      [
        'service-update-overdue',
        'sessions',
        'elasticache-2026 (important) is not-applied, to be applied by 2026-11-27',
      ],
    ],
  },
  {
    what: 'a service update waits',
    change: memcached({
      serviceUpdates: [{ name: 'elasticache-2027', severity: 'critical', status: 'not-applied', applyBy: daysAgo(-9) }],
    }),
    finds: [
      ['service-update-due', 'objects', 'elasticache-2027 (critical) is not-applied, to be applied by 2026-12-07'],
    ],
  },
  {
    what: 'AWS wants to upgrade the engine',
    change: group({
      serviceUpdates: [
        {
          name: 'redis-5-end',
          severity: 'important',
          type: 'engine-major-version-update',
          status: 'not-applied',
          applyBy: daysAgo(1),
        },
      ],
    }),
    finds: [['major-upgrade-due', 'sessions', 'redis-5-end (important) is not-applied, to be applied by 2026-11-27']],
  },
  {
    what: 'minor upgrades are off',
    change: all(
      group({ autoMinorVersionUpgrade: false }),
      silentTemplate('Sessions'),
      database({ autoMinorVersionUpgrade: false }),
    ),
    finds: [
      ['minor-upgrades-off', 'database films', 'automatic minor upgrades are off, and it runs postgres 17.6'],
      ['minor-upgrades-off', 'sessions', 'automatic minor upgrades are off, and it runs valkey 8.1.0'],
    ],
  },
  {
    what: 'changes wait for the window',
    change: group({ pending: [{ what: 'node type', to: 'cache.r7g.large' }] }),
    finds: [['pending-change', 'sessions', 'node type to cache.r7g.large; its window is sun:05:00-sun:06:00']],
  },
  {
    what: 'parameters wait for a reboot',
    change: all(memcached({ parameterStatus: 'pending-reboot' }), database({ parameterStatus: 'pending-reboot' })),
    finds: [
      ['parameters-wait-for-reboot', 'database films', 'its parameter group is pending-reboot'],
      ['parameters-wait-for-reboot', 'objects', 'default.memcached1.6 is pending-reboot'],
    ],
  },
  {
    what: 'parameters of some nodes wait for a reboot',
    change: group({
      parameterStatus: 'pending-reboot',
      nodesToReboot: ['sessions-0001-002', 'sessions-0002-001'],
    }),
    finds: [
      [
        'parameters-wait-for-reboot',
        'sessions',
        'sessions-parameters is pending-reboot, at sessions-0001-002; sessions-0002-001',
      ],
    ],
  },
  {
    what: 'a change of the storage and the password wait for the window',
    change: database({
      pending: [
        { what: 'storage type', to: 'io2' },
        { what: 'master password', to: 'another' },
      ],
    }),
    finds: [['pending-change', 'database films', 'master password to another; storage type to io2']],
  },
  {
    what: 'the certificate of the database expires',
    change: database({ certificateValidUntil: daysAgo(-59) }),
    finds: [
      [
        'database-certificate-expires',
        'database films',
        'its certificate of rds-ca-rsa2048-g1 expires in 59 days, on 2027-01-26',
      ],
    ],
  },
  {
    what: 'a store that evicts nothing is nearly full',
    change: metrics({ DatabaseMemoryUsagePercentage: lately(1, 80) }),
    finds: [
      [
        'memory-full-refuses-writes',
        'sessions',
        'sessions-0001-001 had up to 80 % in use; its maxmemory-policy is noeviction',
      ],
    ],
  },
  {
    what: 'a store is nearly full that may evict next to nothing',
    change: all(
      parameters({ 'maxmemory-policy': 'volatile-lru' }),
      silentTemplate('SessionsParameters'),
      metrics({ DatabaseMemoryUsagePercentage: lately(1, 80), CurrVolatileItems: allDay(199_000) }),
    ),
    finds: [
      [
        'memory-full-refuses-writes',
        'sessions',
        'sessions-0001-001 had up to 80 % in use with a time to live for 20 % of its entries; its maxmemory-policy is volatile-lru',
      ],
    ],
  },
  {
    what: 'memory and disk of a store are nearly full',
    change: all(
      group({ dataTiering: true }),
      nodes(6, {}, { DatabaseCapacityUsagePercentage: allDay(40) }),
      metrics({
        DatabaseMemoryUsagePercentage: allDay(99),
        DatabaseCapacityUsagePercentage: lately(1, 81),
      }),
    ),
    finds: [
      [
        'memory-full-refuses-writes',
        'sessions',
        'sessions-0001-001 had up to 81 % in use; its maxmemory-policy is noeviction',
      ],
    ],
  },
  {
    what: 'a cache that evicts is full',
    change: all(
      parameters({ 'maxmemory-policy': 'allkeys-lru' }),
      silentTemplate('SessionsParameters'),
      metrics({ DatabaseMemoryUsagePercentage: lately(1, 90) }),
    ),
    finds: [
      [
        'memory-full-evicts',
        'sessions',
        'sessions-0001-001 had up to 90 % in use; its maxmemory-policy is allkeys-lru',
      ],
    ],
  },
  {
    what: 'little memory is reserved',
    change: parameters({ 'reserved-memory-percent': '10' }),
    finds: [['reserved-memory-low', 'sessions', 'reserved-memory-percent is 10, and snapshots are kept 35 days']],
  },
  {
    what: 'a node swaps',
    change: metrics({ SwapUsage: allDay(300_000_000), FreeableMemory: allDay(200_000_000) }),
    finds: [['memory-pressure', 'sessions', 'sessions-0001-001 has 200 MB free and 300 MB of swap in use']],
  },
  {
    what: 'a node of Memcached swaps',
    change: memcachedMetrics({ SwapUsage: allDay(51_000_000) }),
    finds: [
      [
        'memory-pressure',
        'objects',
        'objects 0001 has 51 MB of swap in use; objects 0002 has 51 MB of swap in use; objects 0003 has 51 MB of swap in use',
      ],
    ],
  },
  {
    what: 'entries are evicted by expiry',
    change: all(
      parameters({ 'maxmemory-policy': 'volatile-lru' }),
      silentTemplate('SessionsParameters'),
      metrics({ Evictions: lately(4, 301) }),
    ),
    finds: [
      [
        'entries-evicted',
        'sessions',
        'sessions-0001-001 evicted up to 20 entries a minute, in 4 quarters of an hour (volatile-lru); 99 % of the lookups hit',
      ],
    ],
  },
  {
    what: 'Memcached evicts',
    change: memcachedMetrics({ Evictions: allDay(600) }),
    finds: [
      [
        'entries-evicted',
        'objects',
        `${[1, 2, 3].map((node) => `objects 000${node} evicted up to 40 entries a minute, in 96 quarters of an hour`).join('; ')} (the least recently used); 91 % of the lookups hit`,
      ],
    ],
  },
  {
    what: 'a serverless cache evicts',
    change: serverless({}, { Evictions: allDay(450) }),
    finds: [
      [
        'entries-evicted',
        'pages',
        'it evicted up to 30 entries a minute, in 96 quarters of an hour (volatile-lru); 90 % of the lookups hit',
      ],
    ],
  },
  {
    what: 'a serverless cache is nearly full',
    change: serverless({}, { BytesUsedForCache: lately(1, 9_000_000_000) }),
    finds: [
      [
        'serverless-storage-near-limit',
        'pages',
        'it held up to 9 GB of 10 GB, 90 %; full, it evicts entries with a time to live (volatile-lru), now 90 % of them, and else refuses writes',
      ],
    ],
  },
  {
    what: 'serverless Memcached is nearly full',
    change: serverlessMemcached({ BytesUsedForCache: lately(1, 9_000_000_000) }),
    finds: [
      [
        'serverless-storage-near-limit',
        'pages',
        'it held up to 9 GB of 10 GB, 90 %; full, it evicts the least recently used',
      ],
    ],
  },
  {
    what: 'a shard holds more than the other',
    change: nodes(3, {}, { BytesUsedForCache: allDay(6_000_000_000) }),
    finds: [['uneven-shards', 'sessions', 'shard 0001 holds 6 GB, the mean is 4 GB']],
  },
  {
    what: 'a shard is asked more than the other',
    change: nodes(3, {}, { CacheHits: allDay(151_000) }),
    finds: [['uneven-shards', 'sessions', 'shard 0001 had 43,632,000 lookups, the mean is 29,088,000']],
  },
  {
    what: 'a small node is busy',
    change: metrics({ CPUUtilization: lately(4, 45) }),
    finds: [
      [
        'engine-busy',
        'sessions',
        'sessions-0001-001 was up to 45 % busy on average of 2 vCPUs, of which the engine uses one, in 4 quarters of an hour',
      ],
    ],
  },
  {
    what: 'the engine of a large node is busy',
    change: all(large, metrics({ EngineCPUUtilization: lately(4, 90) })),
    finds: [['engine-busy', 'sessions', 'sessions-0001-001 was up to 90 % busy on average, in 4 quarters of an hour']],
  },
  {
    what: 'the bandwidth is used up',
    change: metrics({ NetworkBandwidthOutAllowanceExceeded: lately(4, 5) }),
    finds: [
      [
        'network-allowance-exceeded',
        'sessions',
        'sessions-0001-001 queued or dropped 0 packets in and 20 out, 4 quarters of an hour in a row',
      ],
    ],
  },
  {
    what: 'the bandwidth of Memcached is used up',
    change: memcachedMetrics({ NetworkBandwidthInAllowanceExceeded: lately(5, 1) }),
    finds: [
      [
        'network-allowance-exceeded',
        'objects',
        [1, 2, 3]
          .map((node) => `objects 000${node} queued or dropped 5 packets in and 0 out, 5 quarters of an hour in a row`)
          .join('; '),
      ],
    ],
  },
  {
    what: 'the CPU credits of a node are nearly spent',
    change: all(burstable('cache.t4g.micro'), nodes(6, {}, { CPUCreditBalance: growing(280, 28.5) })),
    finds: [
      [
        'cpu-credits-low',
        'sessions',
        [1, 2, 3].map((node) => `sessions-0001-00${node} has 29 of 288 CPU credits left`).join('; ') +
          '; sessions-0002-001 has 29 of 288 CPU credits left; sessions-0002-002 has 29 of 288 CPU credits left; and 1 more',
      ],
    ],
  },
  {
    what: 'most lookups miss',
    change: all(evicting, nodes(6, {}, { CacheHits: allDay(79), CacheMisses: allDay(21) })),
    finds: [['hit-ratio-low', 'sessions', '79 % hits: 45,504 hits and 12,096 misses']],
  },
  {
    what: 'most lookups of Memcached miss',
    change: memcachedMetrics({ GetHits: allDay(50_000), GetMisses: allDay(50_000) }),
    finds: [['hit-ratio-low', 'objects', '50 % hits: 14,400,000 hits and 14,400,000 misses']],
  },
  {
    what: 'most lookups of a serverless cache miss',
    change: serverless({}, { CacheMisses: allDay(90_000) }),
    finds: [['hit-ratio-low', 'pages', '50 % hits: 8,640,000 hits and 8,640,000 misses']],
  },
  {
    what: 'most lookups of serverless Memcached miss',
    change: serverlessMemcached({ GetMisses: allDay(90_000) }),
    finds: [['hit-ratio-low', 'pages', '50 % hits: 8,640,000 hits and 8,640,000 misses']],
  },
  {
    what: 'a serverless cache slows commands down',
    change: serverless({}, { ThrottledCmds: lately(1, 1) }),
    finds: [['serverless-throttled', 'pages', '1 command slowed down in the last 24 hours']],
  },
  {
    what: 'a serverless cache does nearly all that it may',
    change: serverless({}, { ElastiCacheProcessingUnits: lately(4, 4_000 * 900) }),
    finds: [['serverless-load-near-limit', 'pages', 'up to 4,000 a second of 5,000, 80 %, in 4 quarters of an hour']],
  },
  {
    what: 'a node has nearly all the connections that it takes',
    change: metrics({ CurrConnections: lately(1, 52_000, 200) }),
    finds: [['connections-near-limit', 'sessions', 'sessions-0001-001 had up to 52,000 of 65,000 connections, 80 %']],
  },
  {
    what: 'a smaller node has nearly all the connections that it takes',
    change: all(
      burstable('cache.t4g.micro'),
      nodes(6, {}, { CPUCreditBalance: allDay(288) }),
      metrics({ CurrConnections: lately(1, 16_000, 200) }),
    ),
    finds: [['connections-near-limit', 'sessions', 'sessions-0001-001 had up to 16,000 of 20,000 connections, 80 %']],
  },
  {
    what: 'clients do not close connections',
    change: metrics({ CurrConnections: growing(300, 1_200) }),
    finds: [
      [
        'connections-not-closed',
        'sessions',
        'sessions-0001-001 went from 300 to 1,200 connections in the last 24 hours, and never back',
      ],
    ],
  },
  {
    what: 'clients connect for each command',
    change: metrics({ NewConnections: lately(4, 9_000, 30) }),
    finds: [
      [
        'connects-for-each-command',
        'sessions',
        'sessions-0001-001 took up to 10 new connections a second with 200 open, in 4 quarters of an hour',
      ],
    ],
  },
  {
    what: 'connections are in the clear',
    change: all(
      group({ inTransitEncryption: false }),
      silentTemplate('Sessions'),
      memcached({ inTransitEncryption: false }),
    ),
    finds: [
      ['encryption-in-transit-off', 'objects', 'memcached is spoken in the clear'],
      ['encryption-in-transit-off', 'sessions', 'valkey is spoken in the clear'],
    ],
  },
  {
    what: 'connections may be in the clear',
    change: group({ inTransitEncryptionMode: 'preferred' }),
    finds: [['encryption-in-transit-optional', 'sessions', 'the mode of its encryption is preferred']],
  },
  {
    what: 'disks are not encrypted',
    change: group({ atRestEncryption: false }),
    finds: [['encryption-at-rest-off', 'sessions', 'encryption at rest is off']],
  },
  {
    what: 'nobody has to sign in',
    change: group({ userGroups: [] }),
    finds: [['nobody-signs-in', 'sessions', 'it has neither a user group nor an AUTH token']],
  },
  {
    what: 'nobody has to sign in to a serverless cache',
    change: (state) => {
      const changed = serverless({})(state);
      return { ...changed, serverless: changed.serverless.map(({ userGroup: _, ...cache }) => cache) };
    },
    finds: [['nobody-signs-in', 'pages', 'it has no user group']],
  },
  {
    what: 'sign-ins fail',
    change: metrics({ AuthenticationFailures: lately(1, 11) }),
    finds: [['authentication-failures', 'sessions', 'sessions-0001-001 refused 11 sign-ins in the last 24 hours']],
  },
  {
    what: 'the database is public',
    change: all(database({ isPublic: true }), silentTemplate('Films')),
    finds: [['database-public', 'database films', 'films.example.com:5432 is publicly accessible']],
  },
  {
    what: 'the database is not encrypted',
    change: database({ isEncrypted: false }),
    finds: [['database-unencrypted', 'database films', 'its storage is not encrypted']],
  },
  {
    what: 'a rotation is overdue',
    change: secret({ nextRotationAt: daysAgo(2), lastRotatedAt: daysAgo(32) }),
    finds: [['rotation-overdue', 'secret films-password', 'it was due 2 days ago, it last was on 2026-10-27']],
  },
  {
    what: 'a secret is not rotated',
    change: secret({ isRotated: false }),
    finds: [
      [
        'rotation-off',
        'secret films-password',
        'its rotation is off, and last was on 2026-11-18; Films is opened by it',
      ],
    ],
  },
  {
    what: 'an AUTH token that nothing rotates is old',
    change: group({ authToken: true, authTokenChangedAt: daysAgo(91) }),
    finds: [['auth-token-old', 'sessions', 'its AUTH token is 91 days old, and nothing changes it after 90 days']],
  },
  {
    what: 'an AUTH token is older than its rotation',
    change: all(
      group({ authToken: true, authTokenChangedAt: daysAgo(32) }),
      template('Sessions', {
        AuthToken: { 'Fn::Join': ['', ['{{resolve:secretsmanager:', { Ref: 'FilmsPassword' }, '}}']] },
      }),
    ),
    finds: [['auth-token-old', 'sessions', 'its AUTH token is 32 days old, and its secret is rotated every 30 days']],
  },
  {
    what: 'a cache was deleted by hand',
    change: (state) => ({ ...state, memcached: [] }),
    finds: [['resource-gone', 'objects', 'AWS::ElastiCache::CacheCluster Objects of the stack prod-data is not there']],
  },
  {
    what: 'a stack failed',
    change: dataStack({ status: 'UPDATE_ROLLBACK_FAILED' }),
    finds: [['stack-failed', 'stack prod-data', 'its status is UPDATE_ROLLBACK_FAILED']],
  },
  {
    what: 'a deployment was rolled back',
    change: dataStack({ status: 'UPDATE_ROLLBACK_COMPLETE' }),
    finds: [['stack-rolled-back', 'stack prod-data', 'its status is UPDATE_ROLLBACK_COMPLETE']],
  },
  {
    what: 'somebody changed parameters',
    change: group({
      parameters: [
        { name: 'maxmemory-policy', value: 'allkeys-lru', source: 'user' },
        { name: 'reserved-memory-percent', value: '30', source: 'user' },
      ],
    }),
    finds: [
      [
        'parameters-differ-from-template',
        'sessions',
        'maxmemory-policy: allkeys-lru, and noeviction in the template; reserved-memory-percent: 30, and nothing in the template',
      ],
    ],
  },
  {
    what: 'somebody gave a cache other parameters',
    change: group({ parameterGroup: 'default.valkey8.cluster.on' }),
    finds: [
      [
        'parameters-differ-from-template',
        'sessions',
        'parameter group: default.valkey8.cluster.on, and sessions-parameters in the template',
      ],
    ],
  },
  {
    what: 'somebody changed the node type',
    change: template('Sessions', { CacheNodeType: 'cache.r7g.large' }),
    finds: [
      [
        'node-type-differs-from-template',
        'sessions',
        'node type: cache.m7g.large, and cache.r7g.large in the template',
      ],
    ],
  },
  {
    what: 'the node type is on its way to what the template says',
    change: all(
      template('Sessions', { CacheNodeType: 'cache.r7g.large' }),
      group({ pending: [{ what: 'node type', to: 'cache.r7g.large' }] }),
    ),
    finds: [['pending-change', 'sessions', 'node type to cache.r7g.large; its window is sun:05:00-sun:06:00']],
  },
  {
    what: 'somebody upgraded the engine',
    change: all(template('Sessions', { EngineVersion: '7.2' }), template('Objects', { EngineVersion: '1.6.23' })),
    finds: [
      ['engine-version-differs-from-template', 'objects', 'engine version: 1.6.22, and 1.6.23 in the template'],
      ['engine-version-differs-from-template', 'sessions', 'engine version: 8.1.0, and 7.2 in the template'],
    ],
  },
  {
    what: 'somebody upgraded an engine that is not upgraded by itself',
    change: all(
      template('Sessions', { EngineVersion: '8.0', AutoMinorVersionUpgrade: false }),
      group({ autoMinorVersionUpgrade: false }),
    ),
    finds: [
      ['engine-version-differs-from-template', 'sessions', 'engine version: 8.1.0, and 8.0 in the template'],
      ['minor-upgrades-off', 'sessions', 'automatic minor upgrades are off, and it runs valkey 8.1.0'],
    ],
  },
  {
    what: 'somebody upgraded MySQL to another minor version',
    change: all(
      database({ engine: 'mysql', engineVersion: '8.4.3' }),
      template('Films', { Engine: 'mysql', EngineVersion: '8.0.42' }),
    ),
    finds: [['database-differs-from-template', 'database films', 'engine version: 8.4.3, and 8.0.42 in the template']],
  },
  {
    what: 'somebody changed the number of nodes',
    change: all(
      template('Sessions', { NumNodeGroups: 3, ReplicasPerNodeGroup: 1 }),
      template('Objects', { NumCacheNodes: 2 }),
    ),
    finds: [
      ['size-differs-from-template', 'objects', 'nodes: 3, and 2 in the template'],
      [
        'size-differs-from-template',
        'sessions',
        'replicas of shard 0001: 2, and 1 in the template; replicas of shard 0002: 2, and 1 in the template; shards: 2, and 3 in the template',
      ],
    ],
  },
  {
    what: 'one shard of two has another number of replicas',
    change: template('Sessions', {
      NumNodeGroups: undefined,
      ReplicasPerNodeGroup: undefined,
      NodeGroupConfiguration: [
        { NodeGroupId: '0002', ReplicaCount: 1 },
        { NodeGroupId: '0001', ReplicaCount: 2 },
      ],
    }),
    finds: [['size-differs-from-template', 'sessions', 'replicas of shard 0002: 2, and 1 in the template']],
  },
  {
    what: 'another group is scaled',
    change: all(template('Sessions', { NumNodeGroups: 3 }), scalable('NodeGroups', 'replication-group/others')),
    finds: [['size-differs-from-template', 'sessions', 'shards: 2, and 3 in the template']],
  },
  {
    what: 'somebody changed settings',
    change: template('Sessions', {
      SnapshotRetentionLimit: 7,
      MultiAZEnabled: 'false',
      AutomaticFailoverEnabled: false,
    }),
    finds: [
      [
        'settings-differ-from-template',
        'sessions',
        'Multi-AZ: true, and false in the template; automatic failover: true, and false in the template; days that snapshots are kept: 35, and 7 in the template',
      ],
    ],
  },
  {
    what: 'somebody changed the database',
    change: template('Films', { DBInstanceClass: 'db.r6g.xlarge', EngineVersion: '16' }),
    finds: [
      [
        'database-differs-from-template',
        'database films',
        'engine version: 17.6, and 16 in the template; instance class: db.r6g.large, and db.r6g.xlarge in the template',
      ],
    ],
  },
  {
    what: 'storage that grows is nearly full',
    change: database({}, { FreeStorageSpace: allDay(4_900_000_000) }),
    finds: [
      [
        'database-storage-low',
        'database films',
        '4.9 GB of 100 GB are free, 4.9 %; it may grow to 500 GB, and has not',
      ],
    ],
  },
  {
    what: 'storage that does not grow is nearly full',
    change: database({ maxAllocatedBytes: 100_000_000_000 }, { FreeStorageSpace: allDay(9_900_000_000) }),
    finds: [['database-storage-low', 'database films', '9.9 GB of 100 GB are free, 9.9 %; it does not grow']],
  },
  {
    what: 'the database is busy',
    change: database({}, { CPUUtilization: lately(4, 80) }),
    finds: [['database-busy', 'database films', 'up to 80 % on average, in 4 quarters of an hour']],
  },
  {
    what: 'the CPU credits of the database are nearly spent',
    change: all(
      database({ instanceClass: 'db.t4g.large' }, { CPUCreditBalance: growing(800, 86) }),
      silentTemplate('Films'),
    ),
    finds: [['database-credits-low', 'database films', '86 of 864 CPU credits are left']],
  },
  {
    what: 'no instance serves',
    change: fleet({ instances: [] }),
    finds: [['fleet-serves-nothing', 'fleet web', '0 of 3 instances serve']],
  },
  {
    what: 'no instance serves, and all are starting',
    change: instances(3, { target: 'initial' }),
    finds: [['fleet-serves-nothing', 'fleet web', '0 of 3 instances serve, and 3 are starting']],
  },
  {
    what: 'instances are starting',
    change: all(instances(2, { target: 'initial' }), instances(1, { lifecycle: 'Pending:Wait', target: 'unused' })),
    finds: [['fleet-starts-instances', 'fleet web', '1 of 3 instances serve, and 2 are starting']],
  },
  {
    what: 'a fleet has one instance',
    change: (state) =>
      fleet({ minimum: 1, desired: 1, instances: (state.fleets[0]?.instances ?? []).slice(0, 1) })(state),
    finds: [['fleet-of-one-instance', 'fleet web', '1 instance is wanted, and at least 1 always']],
  },
  {
    what: 'an instance is missing',
    change: fleet({ desired: 4 }),
    finds: [['fleet-short-of-instances', 'fleet web', '3 of 4 instances are there, and 3 serve']],
  },
  {
    what: 'an instance does not answer',
    change: instances(1, { target: 'unhealthy', targetReason: 'Health checks failed with these codes: [503]' }),
    finds: [
      [
        'target-unhealthy',
        'fleet web',
        'i-1 in us-east-1a: the load balancer finds it unhealthy (Health checks failed with these codes: [503])',
      ],
    ],
  },
  {
    what: 'all instances are in one zone',
    change: instances(3, { zone: 'us-east-1c' }),
    finds: [
      [
        'fleet-in-one-zone',
        'fleet web',
        '3 of 3 instances are in us-east-1c; its subnets are in us-east-1a, us-east-1b, us-east-1c',
      ],
    ],
  },
  {
    what: 'the fleet cannot grow',
    change: fleet({ minimum: 2, maximum: 3 }),
    finds: [['fleet-at-its-maximum', 'fleet web', '3 instances are wanted, of at most 3']],
  },
  {
    what: 'processes are suspended',
    change: fleet({ suspendedProcesses: ['Launch', 'AZRebalance'] }),
    finds: [['fleet-processes-suspended', 'fleet web', 'AZRebalance, Launch suspended']],
  },
  {
    what: 'instances are old',
    change: instances(2, { isOutdated: true }),
    finds: [['fleet-outdated', 'fleet web', '2 of 3 instances: i-1; i-2']],
  },
  {
    what: 'the load balancer is impaired',
    change: balancer({ state: 'active_impaired' }),
    finds: [['balancer-not-active', 'load balancer web', 'its state is active_impaired']],
  },
  {
    what: 'requests fail',
    change: balancer({}, { HTTPCode_Target_5XX_Count: allDay(60), HTTPCode_ELB_5XX_Count: allDay(40) }),
    finds: [
      [
        'requests-fail',
        'load balancer web',
        '1 % of 960,000 requests in the last 24 hours: 5,760 failed in targets, 3,840 in the load balancer',
      ],
    ],
  },
  {
    what: 'answers are slow',
    change: balancer({}, { TargetResponseTime: lately(4, 1) }),
    finds: [['requests-slow', 'load balancer web', 'up to 1 s on average, in 4 quarters of an hour']],
  },
  {
    what: 'the certificate of the load balancer was not renewed',
    change: balancer({}, { DaysToExpiry: [30, 29] }),
    finds: [['https-certificate-expires', 'load balancer web', 'it expires in 29 days']],
  },
  {
    what: 'an alarm is raised',
    change: alarm({ state: 'ALARM', reason: 'Threshold Crossed: 1 datapoint', since: daysAgo(0.125) }),
    finds: [['alarm-raised', 'alarm sessions-cpu', 'for 3 hours: Threshold Crossed: 1 datapoint']],
  },
  {
    what: 'an alarm is raised that says what it is about',
    change: alarm({
      state: 'ALARM',
      reason: 'Threshold Crossed: 1 datapoint',
      description: 'the cache answers few of the reads',
      measures: ['AWS/ElastiCache CacheHitRate', 'AWS/ElastiCache IsMaster'],
    }),
    finds: [
      [
        'alarm-raised',
        'alarm sessions-cpu',
        'for 30 days: Threshold Crossed: 1 datapoint (the cache answers few of the reads)',
      ],
    ],
  },
  {
    what: 'an alarm watches nodes that are gone',
    change: alarm({ watchesNodes: ['sessions-0001-001', 'sessions-0003-001', 'others-0001-001'] }),
    finds: [['alarm-watches-what-is-gone', 'alarm sessions-cpu', 'sessions-0003-001 is not there']],
  },
  {
    what: 'no alarm watches the sessions',
    change: alarm({ watches: ['another', '0001'] }),
    finds: [['watched-by-no-alarm', 'sessions', 'none of the 3 alarms of the stacks watches it']],
  },
  {
    what: 'there are no alarms at all',
    change: environment({ alarms: [] }),
    finds: [
      ['watched-by-no-alarm', 'database films', 'the stacks have no alarms'],
      ['watched-by-no-alarm', 'objects', 'the stacks have no alarms'],
      ['watched-by-no-alarm', 'sessions', 'the stacks have no alarms'],
    ],
  },
  {
    what: 'an alarm does nothing',
    change: alarm({ actions: 0 }),
    finds: [['alarm-tells-nobody', 'alarm sessions-cpu', 'it has no actions']],
  },
  {
    what: 'an alarm is switched off',
    change: alarm({ actionsEnabled: false, actions: 2 }),
    finds: [['alarm-tells-nobody', 'alarm sessions-cpu', 'its 2 actions are switched off']],
  },
  {
    what: 'an alarm has no data',
    change: alarm({ state: 'INSUFFICIENT_DATA', since: daysAgo(1.1) }),
    finds: [['alarm-without-data', 'alarm sessions-cpu', 'INSUFFICIENT_DATA for 26 hours']],
  },
  {
    what: 'a log is not delivered',
    change: group({ logDelivery: [{ type: 'slow-log', status: 'error', message: 'Destination does not exist' }] }),
    finds: [['log-delivery-failed', 'sessions', 'slow-log: Destination does not exist']],
  },
  {
    what: 'nodes are not reserved',
    change: environment({
      reservations: [
        { id: 'r1', nodeType: 'cache.m7g.xlarge', count: 2, engine: 'redis', endsAt: daysAgo(-1) },
        { id: 'r2', nodeType: 'cache.m7g.large', count: 9, engine: 'valkey', endsAt: daysAgo(1) },
        { id: 'r3', nodeType: 'cache.m7g.large', count: 3, engine: 'memcached' },
      ],
    }),
    finds: [
      [
        'reserved-nodes',
        'cache.m7g.large',
        '2 of 6 nodes of Valkey and Redis OSS are older than 30 days and not reserved; reservations of the account may be meant for others, and Savings Plans are not seen',
      ],
    ],
  },
  {
    what: 'the cache saves the database little',
    change: all(
      memcachedMetrics({ GetHits: allDay(900), GetMisses: allDay(0) }),
      database({}, { ReadIOPS: allDay(31) }),
    ),
    finds: [
      ['cache-saves-little', 'prod', '3 hits a second, while the databases read from their disks 31 times a second'],
    ],
  },
];

const quiet = nodes(6, {}, { BytesUsedForCache: allDay(1_000_000), CacheHits: allDay(100), CacheMisses: allDay(1) });

/** What just reaches a threshold. */
export const AT_THE_THRESHOLD: ReadonlyArray<readonly [what: string, change: Change, rule: string]> = [
  ['24 % of the memory are reserved', parameters({ 'reserved-memory-percent': '24' }), 'reserved-memory-low'],
  ['a node has 99 MB free', metrics({ FreeableMemory: allDay(99_000_000) }), 'memory-pressure'],
  ['a shard holds 101 MB', all(quiet, nodes(3, {}, { BytesUsedForCache: allDay(101_000_000) })), 'uneven-shards'],
  ['a shard had 101,000 lookups', all(quiet, nodes(3, {}, { CacheHits: allDay(350) })), 'uneven-shards'],
  [
    'all of 1,000 lookups miss',
    all(evicting, nodes(6, {}, { CacheHits: [0], CacheMisses: [0] }), metrics({ CacheMisses: [1_000] })),
    'hit-ratio-low',
  ],
  [
    'connections a little more than double',
    metrics({ CurrConnections: growing(900, 2_100) }),
    'connections-not-closed',
  ],
  ['connections grow to 1,010', metrics({ CurrConnections: growing(300, 1_010) }), 'connections-not-closed'],
  [
    'connections grow for six hours',
    metrics({
      CurrConnections: growing(300, 4_000).filter((_, index) => index % 4 === 0),
      NewConnections: allDay(1).slice(-24),
    }),
    'connections-not-closed',
  ],
  [
    'each open connection is one of ten new ones',
    metrics({ NewConnections: allDay(9_000), CurrConnections: allDay(900) }),
    'connects-for-each-command',
  ],
  ['a rotation is late by a little more than a day', secret({ nextRotationAt: daysAgo(1.1) }), 'rotation-overdue'],
  ['ten of ten requests fail', balancer({}, { RequestCount: [10], HTTPCode_ELB_5XX_Count: [10] }), 'requests-fail'],
  [
    'the database reads once a second, and the cache answers nothing',
    all(memcachedMetrics({ GetHits: allDay(0), GetMisses: allDay(0) }), database({}, { ReadIOPS: allDay(1) })),
    'cache-saves-little',
  ],
];

/** What stays just below a threshold, or is meant so. */
export const NO_DEFECTS: ReadonlyArray<readonly [what: string, change: Change]> = [
  ['a snapshot is being taken', all(group({ status: 'snapshotting' }), database({ status: 'backing-up' }))],
  ['a shard is in the one zone that its subnets have', all(oneZone, group({ subnetZones: ['us-east-1a'] }))],
  ['a replica lagged in three quarters of an hour', nodes(3, {}, { ReplicationLag: lately(3, 60) })],
  ['a replica is five seconds behind', nodes(3, {}, { ReplicationLag: allDay(5) })],
  [
    'a snapshot is two days old',
    group({ snapshots: [{ name: 'automatic', status: 'available', at: daysAgo(2), isAutomatic: true }] }),
  ],
  ['a new group has no snapshot yet', group({ snapshots: [], createdAt: daysAgo(1.9) })],
  ['the database can be restored to half an hour ago', database({ latestRestorableAt: daysAgo(30 / 1440) })],
  ['Memcached has no end of support', all(memcached({ engineVersion: '1.4.34' }), silentTemplate('Objects'))],
  ['PostgreSQL 15 is long in support', all(database({ engineVersion: '15.12' }), silentTemplate('Films'))],
  [
    'a service update is minor, or under way',
    group({
      serviceUpdates: [
        { name: 'one', severity: 'medium', status: 'not-applied', applyBy: daysAgo(9) },
        { name: 'two', severity: 'critical', status: 'in-progress', applyBy: daysAgo(9) },
        { name: 'three', severity: 'critical', status: 'scheduled' },
        { name: 'four', severity: 'critical', status: 'waiting-to-start', applyBy: daysAgo(9) },
      ],
    }),
  ],
  ['the certificate of the database is valid for 60 days', database({ certificateValidUntil: daysAgo(-60) })],
  ['a store has 79.9 % in use', metrics({ DatabaseMemoryUsagePercentage: allDay(79.9) })],
  [
    'a cache that evicts has 89.9 % in use',
    all(
      parameters({ 'maxmemory-policy': 'volatile-ttl' }),
      silentTemplate('SessionsParameters'),
      metrics({ DatabaseMemoryUsagePercentage: allDay(89.9) }),
    ),
  ],
  ['a quarter of the memory is reserved', parameters({ 'reserved-memory-percent': '25' })],
  ['a node has 100 MB free', metrics({ SwapUsage: allDay(100_000_000), FreeableMemory: allDay(100_000_000) })],
  ['Memcached swaps 50 MB', memcachedMetrics({ SwapUsage: allDay(50_000_000) })],
  ['twenty entries a minute are evicted of each node', memcachedMetrics({ Evictions: allDay(300) })],
  ['many entries are evicted in three quarters of an hour', memcachedMetrics({ Evictions: lately(3, 90_000) })],
  ['a serverless cache holds 89.9 %', serverless({}, { BytesUsedForCache: allDay(8_990_000_000) })],
  ['shards differ by less than half', nodes(3, {}, { BytesUsedForCache: allDay(5_900_000_000) })],
  [
    'shards differ in what is not worth it',
    all(
      nodes(6, {}, { BytesUsedForCache: allDay(1_000_000), CacheHits: allDay(100), CacheMisses: allDay(1) }),
      nodes(3, {}, { BytesUsedForCache: allDay(99_000_000), CacheHits: allDay(340) }),
    ),
  ],
  ['a small node is busy to 44.9 %', metrics({ CPUUtilization: allDay(44.9) })],
  ['a node was busy in three quarters of an hour', metrics({ CPUUtilization: lately(3, 100) })],
  [
    'a large node is judged by its engine',
    all(large, metrics({ CPUUtilization: allDay(89), EngineCPUUtilization: allDay(89.9) })),
  ],
  ['Memcached is busy to 89.9 %', memcachedMetrics({ CPUUtilization: allDay(89.9) })],
  ['the bandwidth was used up three times', metrics({ NetworkBandwidthInAllowanceExceeded: lately(3, 100) })],
  [
    'single packets were held back now and then',
    metrics({ NetworkBandwidthInAllowanceExceeded: allDay(0).map((_, index) => (index % 4 === 0 ? 0 : 1)) }),
  ],
  [
    'a node has more than a tenth of its credits',
    all(burstable('cache.t4g.micro'), nodes(6, {}, { CPUCreditBalance: growing(280, 28.9) })),
  ],
  [
    'a new node earns its first credits',
    all(burstable('cache.t4g.micro'), nodes(6, {}, { CPUCreditBalance: growing(0, 20) })),
  ],
  ['t2 tells no credits', burstable('cache.t2.medium')],
  ['four of five lookups hit', all(evicting, nodes(6, {}, { CacheHits: allDay(80), CacheMisses: allDay(20) }))],
  ['lookups of a store miss', nodes(6, {}, { CacheHits: allDay(20), CacheMisses: allDay(80) })],
  [
    'all of 999 lookups miss',
    all(evicting, nodes(6, {}, { CacheHits: [0], CacheMisses: [0] }), metrics({ CacheMisses: [999] })),
  ],
  ['a serverless cache did 79.9 %', serverless({}, { ElastiCacheProcessingUnits: allDay(3_995 * 900) })],
  ['a serverless cache was busy three times', serverless({}, { ElastiCacheProcessingUnits: lately(3, 5_000 * 900) })],
  [
    'a serverless cache has no limits',
    (state) => {
      const changed = serverless({})(state);
      return {
        ...changed,
        serverless: changed.serverless.map(({ maxStorageBytes: _1, maxEcpuPerSecond: _2, ...cache }) => cache),
      };
    },
  ],
  [
    'serverless Memcached has no users and no snapshots',
    (state) => {
      const changed = serverlessMemcached({})(state);
      return { ...changed, serverless: changed.serverless.map(({ userGroup: _, ...cache }) => cache) };
    },
  ],
  ['a node has 79.9 % of the connections that it takes', metrics({ CurrConnections: allDay(51_900) })],
  ['connections grow to less than twice as many', metrics({ CurrConnections: growing(1_000, 1_900) })],
  ['connections grow to a thousand', metrics({ CurrConnections: growing(100, 1_000) })],
  [
    'connections come and go with the day',
    metrics({ CurrConnections: [...growing(500, 3_000), ...growing(3_000, 1_500)] }),
  ],
  [
    'connections grew and no more come',
    metrics({ CurrConnections: growing(300, 3_000), NewConnections: lately(20, 0, 100) }),
  ],
  ['clients connect nine times a second', metrics({ NewConnections: allDay(8_999) })],
  ['many clients connect once', metrics({ NewConnections: allDay(9_000), CurrConnections: allDay(901) })],
  ['ten sign-ins failed', metrics({ AuthenticationFailures: lately(1, 10) })],
  ['an AUTH token is 90 days old', group({ authToken: true, userGroups: [], authTokenChangedAt: daysAgo(90) })],
  ['a rotation is due since today', secret({ nextRotationAt: daysAgo(1) })],
  [
    'a stack is being deleted',
    all((state) => ({ ...state, memcached: [] }), dataStack({ status: 'DELETE_IN_PROGRESS' })),
  ],
  [
    'a Redis OSS node without a group is in a stack',
    (state) =>
      dataStack({
        resources: [
          ...(state.stacks[0]?.resources ?? []),
          {
            logicalId: 'Old',
            physicalId: 'old',
            type: 'AWS::ElastiCache::CacheCluster',
            properties: { Engine: 'redis' },
          },
        ],
      })(state),
  ],
  ['the template leaves the version of a minor open', template('Sessions', { EngineVersion: '8.x' })],
  [
    'what the deployment decides is not drift',
    template('Sessions', { CacheNodeType: { Ref: 'Size' }, NumNodeGroups: { Ref: 'Shards' } }),
  ],
  [
    'auto scaling decides about shards',
    all(template('Sessions', { NumNodeGroups: 5 }), scalable('NodeGroups', 'replication-group/sessions')),
  ],
  [
    'auto scaling decides about replicas',
    all(
      template('Sessions', { ReplicasPerNodeGroup: 1 }),
      scalable('Replicas', { 'Fn::Join': ['', ['replication-group/', { Ref: 'Sessions' }]] }),
    ),
  ],
  ['storage that grows has 5 % free', database({}, { FreeStorageSpace: allDay(5_000_000_000) })],
  [
    'storage that does not grow has 10 % free',
    database({ maxAllocatedBytes: 100_000_000_000 }, { FreeStorageSpace: allDay(10_000_000_000) }),
  ],
  ['the database is busy to 79.9 %', database({}, { CPUUtilization: allDay(79.9) })],
  [
    'the database has more than a tenth of its credits',
    all(database({ instanceClass: 'db.t4g.large' }, { CPUCreditBalance: growing(800, 87) }), silentTemplate('Films')),
  ],
  ['answers take a little less than a second', balancer({}, { TargetResponseTime: allDay(0.99) })],
  ['the database was busy three times', database({}, { CPUUtilization: lately(3, 100) })],
  [
    'a read replica has neither backups, a standby, protection nor alarms',
    all(
      database({ backupRetentionDays: 0, isMultiAz: false, isDeletionProtected: false, readReplicaOf: 'main' }),
      silentTemplate('Films'),
      (state) => ({ ...state, alarms: (state.alarms ?? []).filter(({ name }) => name !== 'films-cpu') }),
    ),
  ],
  [
    'minor versions are installed by themselves',
    all(
      template('Sessions', { EngineVersion: '8.0' }),
      template('Objects', { EngineVersion: '1.6.17' }),
      template('Films', { EngineVersion: '17.4' }),
    ),
  ],
  [
    'MySQL is patched by itself',
    all(
      database({ engine: 'mysql', engineVersion: '8.4.7' }),
      template('Films', { Engine: 'mysql', EngineVersion: '8.4.3' }),
    ),
  ],
  [
    'a volatile store is half full, and evicts hardly anything',
    all(
      parameters({ 'maxmemory-policy': 'volatile-lru' }),
      silentTemplate('SessionsParameters'),
      metrics({ DatabaseMemoryUsagePercentage: allDay(79.9), CurrVolatileItems: allDay(0) }),
    ),
  ],
  [
    'data tiering fills the memory',
    all(
      group({ dataTiering: true }),
      nodes(
        6,
        {},
        {
          DatabaseMemoryUsagePercentage: allDay(99),
          DatabaseCapacityUsagePercentage: allDay(79),
        },
      ),
    ),
  ],
  ['an alarm that scales is raised', alarm({ state: 'ALARM', isForScaling: true })],
  ['a composite alarm tells of an alarm', alarm({ state: 'ALARM', partOf: ['sessions'], actions: 0 })],
  ['an alarm searches all caches', alarm({ watches: [], searches: ['AWS/ElastiCache'] })],
  [
    'an alarm of what is seldom counted has no data',
    alarm({ state: 'INSUFFICIENT_DATA', since: daysAgo(9), measures: ['AWS/ApplicationELB HTTPCode_ELB_5XX_Count'] }),
  ],
  [
    'a secret that opens nothing of the stacks is not rotated',
    all(secret({ isRotated: false }), silentTemplate('Films')),
  ],
  [
    'a fleet without a load balancer runs',
    (state) => ({ ...state, fleets: state.fleets.map(({ loadBalancer: _, ...each }) => each) }),
  ],
  ['a fleet has one size', fleet({ minimum: 3, maximum: 3 })],
  ['less than a hundredth of the requests fail', balancer({}, { HTTPCode_Target_5XX_Count: allDay(99) })],
  ['nine of ten requests fail', balancer({}, { RequestCount: [10], HTTPCode_ELB_5XX_Count: [9] })],
  ['answers were slow three times', balancer({}, { TargetResponseTime: lately(3, 9) })],
  ['the certificate of the load balancer is valid for 30 days', balancer({}, { DaysToExpiry: [30] })],
  [
    'a load balancer has no certificate',
    balancer({ certificates: [], metrics: {} }, { RequestCount: [1], TargetResponseTime: [0.1] }),
  ],
  ['an alarm has had no data for a day', alarm({ state: 'INSUFFICIENT_DATA', since: daysAgo(1) })],
  [
    'a month-old node is not reserved',
    all(environment({ reservations: [] }), nodes(6, { createdAt: daysAgo(30) }), memcachedYoung),
  ],
  [
    'the cache answers a tenth of what the database reads',
    all(memcachedMetrics({ GetHits: allDay(900), GetMisses: allDay(0) }), database({}, { ReadIOPS: allDay(30) })),
  ],
  [
    'the database reads next to nothing',
    all(memcachedMetrics({ GetHits: allDay(0), GetMisses: allDay(0) }), database({}, { ReadIOPS: allDay(0.9) })),
  ],
];
