import type { CacheCluster, ReplicationGroup } from '@aws-sdk/client-elasticache';
import type { FakeState } from './fake-aws';

/** Something wrong in an environment that was well, as AWS would tell of it. */
export interface PlantedDefect {
  readonly name: string;
  /** Rules that find it, and no others do. */
  readonly rules: readonly string[];
  /** What the evidence of the first has in it. */
  readonly evidence: RegExp;
  readonly plant: (state: FakeState) => void;
}

const DAY_MS = 24 * 60 * 60_000;

const inDays = (days: number) => new Date(Date.now() + days * DAY_MS);

const group = (state: FakeState) =>
  state.replicationGroups.find(({ ReplicationGroupId }) => ReplicationGroupId === 'prod-sessions') as ReplicationGroup;
const members = (state: FakeState) =>
  state.cacheClusters.filter(({ ReplicationGroupId }) => ReplicationGroupId === 'prod-sessions');
const memcached = (state: FakeState) =>
  state.cacheClusters.find(({ CacheClusterId }) => CacheClusterId === 'prod-objects') as CacheCluster;
const database = (state: FakeState) => state.dbInstances[0] ?? {};
const fleet = (state: FakeState) => state.autoScalingGroups[0] ?? ({} as never);

/** Sets metrics of everything whose dimensions have that value. */
function measure(state: FakeState, of: RegExp, values: Record<string, number | number[]>): void {
  const found = state.metrics.filter(({ dimensions }) => Object.values(dimensions).some((value) => of.test(value)));
  if (found.length === 0) {
    throw new Error(`nothing is measured of ${of}`);
  }
  for (const metrics of found) {
    Object.assign(metrics.values, values);
  }
}

function parameter(state: FakeState, name: string, value: string): void {
  const [parameters = []] = Object.values(state.cacheParameters);
  const found = parameters.find(({ ParameterName }) => ParameterName === name);
  Object.assign(found ?? {}, { ParameterValue: value, Source: 'user' });
}

/** Defects as one meets them; each alone makes an environment that was well one that is not. */
export const PLANTED: readonly PlantedDefect[] = [
  {
    name: 'all nodes of a shard are in one zone',
    rules: ['replicas-in-one-zone'],
    evidence: /3 .*us-east-1a/,
    plant: (state) => {
      for (const member of group(state).NodeGroups?.[0]?.NodeGroupMembers ?? []) {
        member.PreferredAvailabilityZone = 'us-east-1a';
      }
    },
  },
  {
    name: 'the automatic failover was switched off',
    rules: ['automatic-failover-off', 'settings-differ-from-template'],
    evidence: /disabled/,
    plant: (state) => Object.assign(group(state), { AutomaticFailover: 'disabled' }),
  },
  {
    name: 'Multi-AZ was switched off',
    rules: ['multi-az-off', 'settings-differ-from-template'],
    evidence: /./,
    plant: (state) => Object.assign(group(state), { MultiAZ: 'disabled' }),
  },
  {
    name: 'nobody takes snapshots any more',
    rules: ['no-automatic-snapshots', 'settings-differ-from-template'],
    evidence: /0/,
    plant: (state) => Object.assign(group(state), { SnapshotRetentionLimit: 0 }),
  },
  {
    name: 'the last snapshot is five days old',
    rules: ['snapshot-old'],
    evidence: /./,
    plant: (state) => {
      for (const { NodeSnapshots = [] } of state.snapshots) {
        for (const node of NodeSnapshots) {
          node.SnapshotCreateTime = inDays(-5);
        }
      }
    },
  },
  {
    name: 'the engine is Redis OSS 5, which is out of support',
    rules: ['engine-support-ended', 'engine-version-differs-from-template'],
    evidence: /2026/,
    plant: (state) => {
      Object.assign(group(state), { Engine: 'redis' });
      for (const member of members(state)) {
        Object.assign(member, { Engine: 'redis', EngineVersion: '5.0.6' });
      }
    },
  },
  {
    name: 'a critical service update waits',
    rules: ['service-update-due'],
    evidence: /20261101-valkey/,
    plant: (state) =>
      void state.updateActions.push({
        ReplicationGroupId: 'prod-sessions',
        ServiceUpdateName: '20261101-valkey-security',
        ServiceUpdateSeverity: 'critical',
        ServiceUpdateStatus: 'available',
        UpdateActionStatus: 'not-applied',
        ServiceUpdateRecommendedApplyByDate: inDays(10),
        Engine: 'valkey',
      }),
  },
  {
    name: 'an important service update is overdue',
    rules: ['service-update-overdue'],
    evidence: /./,
    plant: (state) =>
      void state.updateActions.push({
        CacheClusterId: 'prod-objects',
        ServiceUpdateName: '20260701-memcached',
        ServiceUpdateSeverity: 'important',
        ServiceUpdateStatus: 'available',
        UpdateActionStatus: 'not-applied',
        ServiceUpdateRecommendedApplyByDate: inDays(-20),
        Engine: 'memcached',
      }),
  },
  {
    name: 'the session store is nearly full, and refuses writes when it is',
    rules: ['memory-full-refuses-writes'],
    evidence: /93/,
    plant: (state) => measure(state, /^prod-sessions-0001/, { DatabaseMemoryUsagePercentage: 93 }),
  },
  {
    name: 'a primary has no processor left',
    rules: ['engine-busy'],
    evidence: /9[67]/,
    plant: (state) => measure(state, /^prod-sessions-0002-001$/, { EngineCPUUtilization: 97, CPUUtilization: 96 }),
  },
  {
    name: 'Memcached throws away what is asked for',
    rules: ['entries-evicted'],
    evidence: /./,
    plant: (state) => measure(state, /^prod-objects$/, { Evictions: 5_000 }),
  },
  {
    name: 'nearly nothing that is looked up is found',
    rules: ['cache-saves-little', 'hit-ratio-low'],
    evidence: /./,
    plant: (state) => measure(state, /^prod-objects$/, { GetHits: 1_000, GetMisses: 40_000 }),
  },
  {
    name: 'connections are near the limit',
    rules: ['connections-near-limit'],
    evidence: /65,?000/,
    plant: (state) => measure(state, /^prod-sessions-0001-001$/, { CurrConnections: 60_000, NewConnections: 100 }),
  },
  {
    name: 'clients open connections and do not close them',
    rules: ['connections-not-closed'],
    evidence: /./,
    plant: (state) =>
      measure(state, /^prod-sessions-0001-001$/, {
        CurrConnections: Array.from({ length: 96 }, (_, index) => 1_000 + index * 100),
        NewConnections: 300,
      }),
  },
  {
    name: 'a parameter was changed by hand',
    rules: ['parameters-differ-from-template'],
    evidence: /maxmemory-policy/,
    plant: (state) => parameter(state, 'maxmemory-policy', 'allkeys-lru'),
  },
  {
    name: 'the node type was changed by hand, to one whose credits are used up',
    rules: ['cpu-credits-low', 'node-type-differs-from-template', 'reserved-nodes'],
    evidence: /./,
    plant: (state) => {
      Object.assign(memcached(state), { CacheNodeType: 'cache.t4g.medium' });
      measure(state, /^prod-objects$/, { CPUCreditBalance: 2 });
    },
  },
  {
    name: 'the certificate of the load balancer expires in twelve days',
    rules: ['https-certificate-expires'],
    evidence: /12/,
    plant: (state) => measure(state, /:certificate\//, { DaysToExpiry: 12 }),
  },
  {
    name: 'the certificate of the database expires in twenty days',
    rules: ['database-certificate-expires'],
    evidence: /./,
    plant: (state) =>
      Object.assign(database(state), { CertificateDetails: { CAIdentifier: 'rds-ca-2019', ValidTill: inDays(20) } }),
  },
  {
    name: 'a secret should have been rotated a week ago',
    rules: ['rotation-overdue'],
    evidence: /./,
    plant: (state) =>
      Object.assign(state.secrets[0] ?? {}, { NextRotationDate: inDays(-7), LastRotatedDate: inDays(-37) }),
  },
  {
    name: 'the reservations have ended',
    rules: ['reserved-nodes'],
    evidence: /./,
    plant: (state) => {
      state.reservedCacheNodes = [];
    },
  },
  {
    name: 'an instance fails its health checks',
    rules: ['target-unhealthy'],
    evidence: /Target\.FailedHealthChecks/,
    plant: (state) => {
      const [targets = []] = Object.values(state.targetHealth);
      Object.assign(targets[0] ?? {}, {
        TargetHealth: { State: 'unhealthy', Reason: 'Target.FailedHealthChecks', Description: 'Health checks failed' },
      });
    },
  },
  {
    name: 'somebody suspended the replacement of instances',
    rules: ['fleet-processes-suspended'],
    evidence: /ReplaceUnhealthy/,
    plant: (state) => Object.assign(fleet(state), { SuspendedProcesses: [{ ProcessName: 'ReplaceUnhealthy' }] }),
  },
  {
    name: 'an alarm is raised',
    rules: ['alarm-raised'],
    evidence: /./,
    plant: (state) => Object.assign(state.alarms[0] ?? {}, { StateValue: 'ALARM', StateReason: 'Threshold Crossed' }),
  },
  {
    name: 'an alarm tells nobody',
    rules: ['alarm-tells-nobody'],
    evidence: /./,
    plant: (state) => Object.assign(state.alarms[0] ?? {}, { AlarmActions: [] }),
  },
  {
    name: 'the slow log is not delivered',
    rules: ['log-delivery-failed'],
    evidence: /slow-log/,
    plant: (state) =>
      Object.assign(group(state).LogDeliveryConfigurations?.find(({ LogType }) => LogType === 'slow-log') ?? {}, {
        Status: 'error',
      }),
  },
  {
    name: 'a node is not available',
    rules: ['node-not-available'],
    evidence: /prod-sessions-0001-002|incompatible-network/,
    plant: (state) => Object.assign(members(state)[1] ?? {}, { CacheClusterStatus: 'incompatible-network' }),
  },
  {
    name: 'the database has nearly no storage left',
    rules: ['database-storage-low'],
    evidence: /./,
    plant: (state) => {
      Object.assign(database(state), { MaxAllocatedStorage: database(state).AllocatedStorage });
      measure(state, /^prod-database$/, { FreeStorageSpace: 500 * 1024 ** 2 });
    },
  },
  {
    name: 'anybody may delete the database',
    rules: ['database-deletable', 'database-differs-from-template'],
    evidence: /./,
    plant: (state) => Object.assign(database(state), { DeletionProtection: false }),
  },
  {
    name: 'the database has no backups',
    rules: ['database-differs-from-template', 'database-without-backups'],
    evidence: /./,
    plant: (state) => Object.assign(database(state), { BackupRetentionPeriod: 0 }),
  },
  {
    name: 'a node type waits for the maintenance window',
    rules: ['pending-change'],
    evidence: /cache\.m7g\.xlarge/,
    plant: (state) => Object.assign(memcached(state), { PendingModifiedValues: { CacheNodeType: 'cache.m7g.xlarge' } }),
  },
  {
    name: 'parameters wait for a reboot',
    rules: ['parameters-wait-for-reboot'],
    evidence: /./,
    plant: (state) =>
      Object.assign(memcached(state).CacheParameterGroup ?? {}, { ParameterApplyStatus: 'pending-reboot' }),
  },
  {
    name: 'parameters of one replica wait for a reboot',
    rules: ['parameters-wait-for-reboot'],
    evidence: /at prod-sessions-0001-002$/,
    plant: (state) =>
      Object.assign(members(state)[1]?.CacheParameterGroup ?? {}, { ParameterApplyStatus: 'pending-reboot' }),
  },
  {
    name: 'a group was given other parameters',
    rules: ['parameters-differ-from-template'],
    evidence: /default\.valkey8\.cluster\.on, and prod-sessions-parameters/,
    plant: (state) => {
      const [parameters = []] = Object.values(state.cacheParameters);
      state.cacheParameters['default.valkey8.cluster.on'] = parameters;
      for (const { CacheParameterGroup } of members(state)) {
        Object.assign(CacheParameterGroup ?? {}, { CacheParameterGroupName: 'default.valkey8.cluster.on' });
      }
    },
  },
  {
    name: 'an instance is missing, and none is started',
    rules: ['fleet-short-of-instances'],
    evidence: /2 of 3 instances/,
    plant: (state) => void fleet(state).Instances?.pop(),
  },
  {
    name: 'an instance is being started',
    rules: ['fleet-starts-instances'],
    evidence: /2 of 3 instances serve, and 1 is starting/,
    plant: (state) => {
      const [targets = []] = Object.values(state.targetHealth);
      Object.assign(targets[0] ?? {}, { TargetHealth: { State: 'initial' } });
    },
  },
  {
    name: 'an alarm watches a node that was taken away',
    rules: ['alarm-watches-what-is-gone'],
    evidence: /prod-sessions-0003-001 is not there/,
    plant: (state) =>
      void state.alarms[0]?.Metrics?.push({
        Id: 'gone',
        MetricStat: {
          Metric: {
            Namespace: 'AWS/ElastiCache',
            MetricName: 'EngineCPUUtilization',
            Dimensions: [{ Name: 'CacheClusterId', Value: 'prod-sessions-0003-001' }],
          },
          Period: 300,
          Stat: 'Average',
        },
      }),
  },
  {
    name: 'the database is being restarted',
    rules: ['database-restarting'],
    evidence: /rebooting/,
    plant: (state) => Object.assign(database(state), { DBInstanceStatus: 'rebooting' }),
  },
  {
    name: 'the master password waits for the maintenance window',
    rules: ['pending-change'],
    evidence: /^master password to another; storage type to io2$/,
    plant: (state) =>
      Object.assign(database(state), { PendingModifiedValues: { MasterUserPassword: 'hunter2', StorageType: 'io2' } }),
  },
  {
    name: 'a deploy has failed and was rolled back',
    rules: ['stack-rolled-back'],
    evidence: /UPDATE_ROLLBACK_COMPLETE/,
    plant: (state) =>
      Object.assign(state.stacks.find(({ StackName }) => StackName?.endsWith('-service')) ?? {}, {
        StackStatus: 'UPDATE_ROLLBACK_COMPLETE',
      }),
  },
  {
    name: 'a replica is ten seconds behind',
    rules: ['replication-lags'],
    evidence: /./,
    plant: (state) => measure(state, /^prod-sessions-0002-003$/, { ReplicationLag: 10 }),
  },
  {
    name: 'the network of a node is used up',
    rules: ['network-allowance-exceeded'],
    evidence: /./,
    plant: (state) => measure(state, /^prod-sessions-0001-001$/, { NetworkBandwidthOutAllowanceExceeded: 5_000 }),
  },
  {
    name: 'somebody tries passwords',
    rules: ['authentication-failures'],
    evidence: /./,
    plant: (state) => measure(state, /^prod-sessions-0001-001$/, { AuthenticationFailures: 50 }),
  },
  {
    name: 'encryption is optional',
    rules: ['encryption-in-transit-optional'],
    evidence: /./,
    plant: (state) => Object.assign(group(state), { TransitEncryptionMode: 'preferred' }),
  },
];

/** A state with a handful of the defects, for what is shown of them. */
export function planted(state: FakeState): FakeState {
  for (const name of SHOWN) {
    PLANTED.find((defect) => defect.name === name)?.plant(state);
  }
  return state;
}

const SHOWN = [
  'the automatic failover was switched off',
  'a critical service update waits',
  'connections are near the limit',
  'an instance fails its health checks',
  'an alarm is raised',
  'a node type waits for the maintenance window',
  'the reservations have ended',
];
