import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';

const specification = loadAwsServiceSpecSync();

/**
 * Stateful types: those that CDK's specification marks, and those it does not: a serverless cache holds data, and a user
 * that is replaced under its fixed id fails the deploy.
 */
const STATEFUL = ['AWS::ElastiCache::ServerlessCache', 'AWS::ElastiCache::User', 'AWS::ElastiCache::UserGroup'];

/** What CloudFormation would do to go from one template to another, where it touches what is stateful. */
export interface StatefulChange {
  readonly id: string;
  readonly type: string;
  /** `replace` and `delete` lose what it holds. */
  readonly change: 'update' | 'replace' | 'delete';
  readonly properties: string[];
}

/** Changes of stateful resources between two templates, judged by CDK's specification of CloudFormation. */
export function statefulChanges(before: any, after: any): StatefulChange[] {
  return Object.entries<any>(before.Resources).flatMap(([id, old]): StatefulChange[] => {
    const now = after.Resources[id];
    if (!isStateful(old.Type)) {
      return [];
    }
    if (now === undefined || now.Type !== old.Type) {
      return [{ id, type: old.Type, change: 'delete', properties: [] }];
    }
    const names = new Set([...Object.keys(old.Properties ?? {}), ...Object.keys(now.Properties ?? {})]);
    const changed = [...names].filter(
      (name) => JSON.stringify(old.Properties?.[name]) !== JSON.stringify(now.Properties?.[name]),
    );
    if (changed.length === 0) {
      return [];
    }
    const replacing = changed.filter((name) => replaces(old.Type, name, old, now));
    return [
      {
        id,
        type: old.Type,
        change: replacing.length > 0 ? 'replace' : 'update',
        properties: replacing.length > 0 ? replacing : changed,
      },
    ];
  });
}

function isStateful(type: string): boolean {
  const [resource] = specification.lookup('resource', 'cloudFormationType', 'equals', type);
  return resource?.isStateful === true || STATEFUL.includes(type);
}

function replaces(type: string, property: string, old: any, now: any): boolean {
  const [resource] = specification.lookup('resource', 'cloudFormationType', 'equals', type);
  const rule = resource?.properties[property]?.causesReplacement ?? 'no';
  if (rule === 'no') {
    return false;
  }
  if (type === 'AWS::ElastiCache::ReplicationGroup') {
    if (['NumNodeGroups', 'NodeGroupConfiguration'].includes(property)) {
      return now.UpdatePolicy?.UseOnlineResharding !== true || shardsDiffer(old, now);
    }
    if (property === 'Engine') {
      // The one change of engine that AWS makes in place (L1, CfnReplicationGroup.engine).
      return !(old.Properties.Engine === 'redis' && now.Properties.Engine === 'valkey');
    }
    if (property === 'AuthToken') {
      // To add one, or to go from one to users (cloudformation-coverage-roadmap, issue 2356).
      return (old.Properties.AuthToken === undefined) !== (now.Properties.AuthToken === undefined);
    }
  }
  if (type === 'AWS::ElastiCache::CacheCluster' && rule === 'maybe') {
    // Only without any Availability Zone, then and now (L1, CfnCacheCluster.numCacheNodes).
    return now.Properties.PreferredAvailabilityZones === undefined;
  }
  return true;
}

/** Whether a shard that stays has other replicas or zones: only the number of shards changes online. */
function shardsDiffer(old: any, now: any): boolean {
  const shards = (resource: any) =>
    new Map<string, string>(
      (resource.Properties.NodeGroupConfiguration ?? []).map(({ Slots: _, ...shard }: any) => [
        shard.NodeGroupId,
        JSON.stringify(shard),
      ]),
    );
  const [before, after] = [shards(old), shards(now)];
  return [...before].some(([id, shard]) => after.has(id) && after.get(id) !== shard);
}
