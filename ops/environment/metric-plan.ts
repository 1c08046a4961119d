/** A statistic of CloudWatch. */
type Statistic = 'Sum' | 'Maximum' | 'Minimum' | 'Average';

/** What is asked of CloudWatch about one thing. */
export interface MetricPlan {
  readonly namespace: string;
  readonly statistics: Readonly<Record<string, Statistic>>;
}

/** How much is asked: what a look at the environment shows, or all that is judged. */
export type Detail = 'status' | 'doctor';

/**
 * How far back metrics go, and how far their values are apart, in seconds. ElastiCache, RDS and the load balancer give
 * one value a minute, which may come some minutes late; a day in quarters of an hour shows what grows.
 */
export const METRIC_WINDOWS: Readonly<Record<Detail, { readonly seconds: number; readonly period: number }>> = {
  status: { seconds: 15 * 60, period: 60 },
  doctor: { seconds: 24 * 60 * 60, period: 15 * 60 },
};

const PLANS = {
  storeNode: {
    namespace: 'AWS/ElastiCache',
    status: {
      DatabaseMemoryUsagePercentage: 'Maximum',
      CurrConnections: 'Maximum',
      CacheHits: 'Sum',
      CacheMisses: 'Sum',
      ReplicationLag: 'Maximum',
      IsMaster: 'Maximum',
    },
    doctor: {
      // What lasts is judged, as the alarms of this package do, and not the worst minute of a quarter of an hour.
      ReplicationLag: 'Average',
      EngineCPUUtilization: 'Average',
      CPUUtilization: 'Average',
      DatabaseCapacityUsagePercentage: 'Maximum',
      NewConnections: 'Sum',
      Evictions: 'Sum',
      AuthenticationFailures: 'Sum',
      NetworkBandwidthInAllowanceExceeded: 'Sum',
      NetworkBandwidthOutAllowanceExceeded: 'Sum',
      SwapUsage: 'Maximum',
      FreeableMemory: 'Minimum',
      CPUCreditBalance: 'Minimum',
      BytesUsedForCache: 'Maximum',
      CurrItems: 'Maximum',
      CurrVolatileItems: 'Maximum',
    },
  },
  memcachedNode: {
    namespace: 'AWS/ElastiCache',
    status: {
      BytesUsedForCacheItems: 'Maximum',
      UnusedMemory: 'Minimum',
      CurrConnections: 'Maximum',
      GetHits: 'Sum',
      GetMisses: 'Sum',
    },
    doctor: {
      CPUUtilization: 'Average',
      NewConnections: 'Sum',
      Evictions: 'Sum',
      NetworkBandwidthInAllowanceExceeded: 'Sum',
      NetworkBandwidthOutAllowanceExceeded: 'Sum',
      FreeableMemory: 'Minimum',
      SwapUsage: 'Maximum',
      CPUCreditBalance: 'Minimum',
      CurrItems: 'Maximum',
    },
  },
  serverless: {
    namespace: 'AWS/ElastiCache',
    // Valkey and Redis OSS have hits and their share, but no misses, and Memcached what its command `get` found.
    status: {
      BytesUsedForCache: 'Maximum',
      CurrConnections: 'Maximum',
      CacheHits: 'Sum',
      CacheHitRate: 'Average',
      GetHits: 'Sum',
      GetMisses: 'Sum',
    },
    doctor: {
      ElastiCacheProcessingUnits: 'Sum',
      ThrottledCmds: 'Sum',
      Evictions: 'Sum',
      CurrItems: 'Maximum',
      CurrVolatileItems: 'Maximum',
    },
  },
  database: {
    namespace: 'AWS/RDS',
    status: { CPUUtilization: 'Maximum', DatabaseConnections: 'Maximum', FreeStorageSpace: 'Minimum' },
    doctor: {
      CPUUtilization: 'Average',
      FreeableMemory: 'Minimum',
      CPUCreditBalance: 'Minimum',
      ReadIOPS: 'Average',
      WriteIOPS: 'Average',
    },
  },
  loadBalancer: {
    namespace: 'AWS/ApplicationELB',
    status: { RequestCount: 'Sum', HTTPCode_Target_5XX_Count: 'Sum', HTTPCode_ELB_5XX_Count: 'Sum' },
    doctor: { TargetResponseTime: 'Average' },
  },
  certificate: {
    namespace: 'AWS/CertificateManager',
    status: {},
    doctor: { DaysToExpiry: 'Minimum' },
  },
} as const satisfies Record<string, { namespace: string } & Record<Detail, Record<string, Statistic>>>;

export type Measured = keyof typeof PLANS;

export function metricPlan(measured: Measured, detail: Detail): MetricPlan {
  const { namespace, status, doctor } = PLANS[measured];
  return { namespace, statistics: detail === 'status' ? status : { ...status, ...doctor } };
}
