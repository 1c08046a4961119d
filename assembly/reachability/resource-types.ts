import type { Resource } from '../templates';

export const FLEET = 'AWS::AutoScaling::AutoScalingGroup';
export const FUNCTION = 'AWS::Lambda::Function';
export const INSTANCE = 'AWS::EC2::Instance';
export const NETWORK_INTERFACE = 'AWS::EC2::NetworkInterface';
export const LOAD_BALANCER = 'AWS::ElasticLoadBalancingV2::LoadBalancer';
export const CLASSIC_LOAD_BALANCER = 'AWS::ElasticLoadBalancing::LoadBalancer';
export const CONTAINER_SERVICE = 'AWS::ECS::Service';
export const ENDPOINT = 'AWS::EC2::VPCEndpoint';
export const SERVERLESS_CACHE = 'AWS::ElastiCache::ServerlessCache';
export const DATABASE = 'AWS::RDS::DBInstance';
export const DATABASE_CLUSTER = 'AWS::RDS::DBCluster';
export const DATABASE_PROXY = 'AWS::RDS::DBProxy';

const CACHES = ['AWS::ElastiCache::ReplicationGroup', 'AWS::ElastiCache::CacheCluster', SERVERLESS_CACHE];
const DATABASES = [DATABASE, DATABASE_CLUSTER, DATABASE_PROXY];

/** What answers as a cache or database. */
export const TARGET_TYPES: readonly string[] = [...CACHES, ...DATABASES];

/** Whether it is a cache, and not a database. */
export function isCache({ type }: Resource): boolean {
  return CACHES.includes(type);
}

/** Whether it answers as a cache or database. An instance of a cluster does so through the cluster, which has the groups. */
export function isTarget({ type, properties }: Resource): boolean {
  return TARGET_TYPES.includes(type) && !(type === DATABASE && properties.DBClusterIdentifier !== undefined);
}

/** Whether it is a load balancer, of either generation. */
export function isLoadBalancer({ type }: Resource): boolean {
  return type === LOAD_BALANCER || type === CLASSIC_LOAD_BALANCER;
}
