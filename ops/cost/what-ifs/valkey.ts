import type { StackTemplate } from '../estimate';
import { type ChangedStacks, changedResources } from './changed-stacks';

const CACHES = new Set([
  'AWS::ElastiCache::ReplicationGroup',
  'AWS::ElastiCache::CacheCluster',
  'AWS::ElastiCache::ServerlessCache',
]);

/** Stacks whose caches of Redis OSS are of Valkey. */
export function withValkey(stacks: readonly StackTemplate[]): ChangedStacks {
  return changedResources(stacks, ({ Type, Properties }) =>
    CACHES.has(Type) && Properties?.Engine === 'redis'
      ? { properties: { Engine: 'valkey' }, what: 'redis → valkey' }
      : undefined,
  );
}
