export { AccessRules } from './cache/access-rules';
export { AlarmThreshold, type CacheAlarmOptions, CacheAlarms, type CacheAlarmsProps } from './cache/alarms';
export { AuthToken, AuthTokenUpdateStrategy, type GeneratedAuthTokenOptions } from './cache/auth-token';
export { CacheBase, type ICache } from './cache/cache';
export { CacheCapability, CacheEngine } from './cache/engine';
export { MemcachedVersion, RedisVersion, ValkeyVersion } from './cache/engine-version';
export { CacheLog, CacheLogFormat, type CloudWatchLogOptions, type FirehoseLogOptions } from './cache/log-delivery';
export { MemcachedCluster } from './cache/memcached-cluster';
export { type IMemcachedCluster, MemcachedClusterBase } from './cache/memcached-cluster-base';
export {
  MemcachedAzMode,
  type MemcachedClusterAttributes,
  type MemcachedClusterProps,
} from './cache/memcached-cluster-props';
export { CacheIpDiscovery, CacheNetworkType } from './cache/network-type';
export { CacheNodeType } from './cache/node-type';
export { type IParameterGroup, ParameterGroup, type ParameterGroupProps } from './cache/parameter-group';
export { ReplicationGroup } from './cache/replication-group';
export { type IReplicationGroup, ReplicationGroupBase } from './cache/replication-group-base';
export {
  Durability,
  type ReplicationGroupAttributes,
  type ReplicationGroupProps,
  TransitEncryptionMode,
} from './cache/replication-group-props';
export type {
  CacheTargetTrackingProps,
  ReplicaScalingProps,
  ShardScalingProps,
} from './cache/replication-group-scaling';
export {
  CacheDay,
  DailySnapshotTime,
  MaintenanceWindow,
  type MaintenanceWindowOptions,
  SnapshotWindow,
  type SnapshotWindowOptions,
} from './cache/schedule';
export { type IServerlessCache, ServerlessCache, ServerlessCacheBase } from './cache/serverless-cache';
export type { ServerlessCacheAttributes, ServerlessCacheProps } from './cache/serverless-cache-props';
export { SnapshotSource } from './cache/snapshot-source';
export { type ISubnetGroup, SubnetGroup, type SubnetGroupProps } from './cache/subnet-group';
export { ClusterMode, type ShardConfiguration } from './cache/topology';
export { CacheUser, type CacheUserAttributes, type CacheUserProps, type ICacheUser } from './cache/user';
export { type GeneratedPasswordOptions, UserAuthentication } from './cache/user-authentication';
export { type IUserGroup, UserGroup, type UserGroupAttributes, type UserGroupProps } from './cache/user-group';
export { CacheReachability, type CacheReachabilityProps } from './checks/cache-reachability';
export { CacheRules, type CacheRulesProps, RuleProfile } from './checks/cache-rules';
export { ReplacementGuard, type ReplacementGuardProps } from './checks/replacement-guard';
export { Database } from './database/database';
export { DatabaseBase, type IDatabase } from './database/database-base';
export { DatabaseEngine } from './database/database-engine';
export type { DatabaseInstanceAttributes, DatabaseProps } from './database/database-props';
export {
  DatabaseStorage,
  type Gp3StorageOptions,
  type Io2StorageOptions,
  type StorageSizeOptions,
} from './database/database-storage';
export { DataStack, type DataStackProps } from './environment/data-stack';
export type { Environment } from './environment/environment';
export { EnvironmentStage, type EnvironmentStageProps } from './environment/environment-stage';
export { Environments } from './environment/environments';
export { NetworkStack, type NetworkStackProps } from './environment/network-stack';
export { ServiceStack, type ServiceStackProps } from './environment/service-stack';
export { Application, type ApplicationOptions } from './fleet/application';
export { FleetInstances, type MixedInstancesOptions } from './fleet/fleet-instances';
export { FleetRollout, type InstanceRefreshOptions, type RollingOptions } from './fleet/fleet-rollout';
export { WebFleet } from './fleet/web-fleet';
export type { FleetHealthCheck, UseCacheOptions, WebFleetProps } from './fleet/web-fleet-props';
export { ClientSecurityGroup, type ClientSecurityGroupProps } from './network/client-security-group';
export { Network, NetworkEgress, type NetworkProps } from './network/network';
export { CacheDashboard, type CacheDashboardProps } from './patterns/cache-dashboard';
export { CachedWebService, type CachedWebServiceProps } from './patterns/cached-web-service';
export { DatabaseCache, type DatabaseCacheProps } from './patterns/database-cache';
export { SessionStore, type SessionStoreProps } from './patterns/session-store';
