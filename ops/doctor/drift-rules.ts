import type { DatabaseState, EnvironmentState, GroupState, PendingChange } from '../environment/environment-state';
import { groups, type NodeCache, nodeCaches } from './caches';
import { becauseOf } from './gaps';
import { type DoctorRule, each, found, type Judge, unknown, type Verdict } from './rule';
import { stackGuide } from './sources';
import {
  isDeploying,
  type Properties,
  propertiesAt,
  resolved,
  resourcesOf,
  stackOf,
  stated,
  templateUnknown,
} from './templates';
import { listed } from './words';

const SOURCE = stackGuide('using-cfn-stack-drift');
const FIX =
  'say in the code what is meant and deploy it, or set it back: the next deployment may undo a change that was made by hand, or fail at it';

/** What was changed beside the template. */
export const DRIFT_RULES: readonly DoctorRule[] = [
  {
    id: 'parameters-differ-from-template',
    severity: 'medium',
    disposable: 'low',
    title: 'Parameters of a cache differ from its template',
    fix: FIX,
    source: SOURCE,
    judge: each(nodeCaches, (cache, state) => {
      const now = cache.parameterGroup;
      const meant = resolved(state, cache.stack, propertiesAt(state, cache)?.CacheParameterGroupName);
      if (now !== undefined && meant !== undefined && !isSame(now, meant)) {
        return differingFrom(state, cache, cache.id, [`parameter group: ${now}, and ${meant} in the template`]);
      }
      const groupOf = resourcesOf(state, 'AWS::ElastiCache::ParameterGroup').find(
        ({ physicalId }) => physicalId !== undefined && now !== undefined && isSame(physicalId, now),
      );
      if (groupOf === undefined) {
        return undefined;
      }
      if (groupOf.properties === undefined) {
        return templateUnknown(state, cache.id);
      }
      if (cache.parameters === undefined) {
        return unknown(
          cache.id,
          becauseOf(state, 'elasticache:DescribeCacheParameters', 'its parameters are not known'),
        );
      }
      const differences = parameterDifferences(cache, (groupOf.properties.Properties ?? {}) as Properties);
      return differingFrom(state, cache, cache.id, differences);
    }),
  },
  {
    id: 'node-type-differs-from-template',
    severity: 'medium',
    disposable: 'low',
    title: 'The node type of a cache differs from its template',
    fix: FIX,
    source: SOURCE,
    judge: differing(nodeCaches, (cache, template) => [
      { what: 'node type', now: cache.nodeType, meant: stated(template.CacheNodeType) },
    ]),
  },
  {
    id: 'engine-version-differs-from-template',
    severity: 'medium',
    disposable: 'low',
    local: 'skip',
    title: 'The engine or its version differs from the template',
    fix: FIX,
    source: SOURCE,
    judge: differing(nodeCaches, (cache, template) => [
      { what: 'engine', now: cache.engine, meant: stated(template.Engine) },
      {
        what: 'engine version',
        now: cache.engineVersion,
        meant: stated(template.EngineVersion),
        same: versionOf(cache),
      },
    ]),
  },
  {
    id: 'size-differs-from-template',
    severity: 'medium',
    disposable: 'low',
    title: 'A cache has other numbers of nodes than its template',
    fix: FIX,
    source: SOURCE,
    judge: differing(nodeCaches, (cache, template, state) =>
      cache.engine === 'memcached'
        ? [{ what: 'nodes', now: cache.nodes.length, meant: stated(template.NumCacheNodes) }]
        : sizeOf(cache, template, state),
    ),
  },
  {
    id: 'settings-differ-from-template',
    severity: 'medium',
    disposable: 'low',
    local: 'skip',
    title: 'Settings of a cache differ from its template',
    fix: FIX,
    source: SOURCE,
    judge: differing(groups, (group, template) => [
      {
        what: 'days that snapshots are kept',
        now: group.snapshotRetentionDays,
        meant: stated(template.SnapshotRetentionLimit),
      },
      { what: 'Multi-AZ', now: group.multiAz === 'enabled', meant: stated(template.MultiAZEnabled) },
      {
        what: 'automatic failover',
        now: /^enabl/.test(group.automaticFailover),
        meant: stated(template.AutomaticFailoverEnabled),
      },
      {
        what: 'automatic minor upgrades',
        now: group.autoMinorVersionUpgrade,
        meant: stated(template.AutoMinorVersionUpgrade),
      },
      {
        what: 'encryption in transit',
        now: group.inTransitEncryption,
        meant: stated(template.TransitEncryptionEnabled),
      },
    ]),
  },
  {
    id: 'database-differs-from-template',
    severity: 'medium',
    disposable: 'low',
    local: 'skip',
    title: 'A database differs from its template',
    fix: FIX,
    source: SOURCE,
    judge: differing(databases, (database, template) => [
      { what: 'instance class', now: database.instanceClass, meant: stated(template.DBInstanceClass) },
      {
        what: 'engine version',
        now: database.engineVersion,
        meant: stated(template.EngineVersion),
        same: versionOf(database),
      },
      { what: 'Multi-AZ', now: database.isMultiAz, meant: stated(template.MultiAZ) },
      {
        what: 'days that backups are kept',
        now: database.backupRetentionDays,
        meant: stated(template.BackupRetentionPeriod),
      },
      { what: 'deletion protection', now: database.isDeletionProtected, meant: stated(template.DeletionProtection) },
      { what: 'public address', now: database.isPublic, meant: stated(template.PubliclyAccessible) },
    ]),
  },
];

function databases(state: EnvironmentState) {
  return state.databases;
}

interface Difference {
  readonly what: string;
  readonly now: string | number | boolean;
  /** Nothing where the template leaves it open. */
  readonly meant: string | undefined;
  readonly same?: (now: string, meant: string) => boolean;
}

type Described = NodeCache | DatabaseState;

function differing<T extends Described>(
  things: (state: EnvironmentState) => readonly T[],
  compare: (thing: T, template: Properties, state: EnvironmentState) => readonly Difference[],
): Judge {
  return each(things, (thing, state) => {
    const subject = 'isMultiAz' in thing ? `database ${thing.id}` : thing.id;
    const template = propertiesAt(state, thing);
    if (template === undefined) {
      return templateUnknown(state, subject);
    }
    const differences = compare(thing, template, state).filter((one) => differs(one, thing.pending));
    const evidence = differences.map(({ what, now, meant }) => `${what}: ${now}, and ${meant} in the template`);
    return differingFrom(state, thing, subject, evidence);
  });
}

/** While a deployment is under way, what is there and the template may differ without anybody's doing. */
function differingFrom(
  state: EnvironmentState,
  { stack }: Described,
  subject: string,
  differences: readonly string[],
): Verdict | false {
  if (differences.length === 0) {
    return false;
  }
  const of = stackOf(state, { stack });
  return of !== undefined && isDeploying(of)
    ? unknown(subject, `a deployment is under way: the stack ${stack} is ${of.status}`)
    : found(subject, listed(differences));
}

/** What is not known differs from nothing, and what is on its way to what the template says will not for long. */
function differs({ what, now, meant, same = isSame }: Difference, pending: readonly PendingChange[]): boolean {
  const isPending = pending.some((change) => change.what === what && meant !== undefined && same(change.to, meant));
  return meant !== undefined && now !== '' && !isPending && !same(`${now}`, meant);
}

function isSame(now: string, meant: string): boolean {
  return now.toLowerCase() === meant.toLowerCase();
}

/** Parts of a version that automatic minor upgrades leave as they are: of most engines the first alone. */
const KEPT_PARTS: Readonly<Record<string, number>> = { mysql: 2, mariadb: 2 };

/** Whether a version is the one that is meant, or one that automatic minor upgrades have made of it. */
function versionOf({ engine, autoMinorVersionUpgrade }: Described) {
  return (now: string, meant: string): boolean =>
    isOfVersion(now, meant) || (autoMinorVersionUpgrade && isLaterMinor(now, meant, KEPT_PARTS[engine] ?? 1));
}

function isLaterMinor(now: string, meant: string, kept: number): boolean {
  const [newer, older] = [now, meant].map((version) => version.split('.').map(Number)) as [number[], number[]];
  const differing = older.findIndex((part, index) => part !== newer[index]);
  return differing >= kept && (newer[differing] ?? 0) > (older[differing] ?? 0);
}

/** `8.1` and `8.x` say nothing of the third part. */
function isOfVersion(now: string, meant: string): boolean {
  return `${now}.`.startsWith(`${meant.replace(/\.x$/, '')}.`);
}

function sizeOf(group: GroupState, template: Properties, state: EnvironmentState): Difference[] {
  const { NumCacheClusters, NumNodeGroups, ReplicasPerNodeGroup, NodeGroupConfiguration } = template;
  const configured = Array.isArray(NodeGroupConfiguration)
    ? (NodeGroupConfiguration as readonly Properties[])
    : undefined;
  const shards = isScaled(state, group, 'NodeGroups')
    ? []
    : [{ what: 'shards', now: group.shards.length, meant: stated(NumNodeGroups) ?? stated(configured?.length) }];
  if (isScaled(state, group, 'Replicas')) {
    return shards;
  }
  const nodes = group.shards.reduce((total, shard) => total + shard.nodes.length, 0);
  const perShard = group.shards.map(({ id, nodes }, index) => {
    const own = configured?.find(({ NodeGroupId }) => NodeGroupId === id) ?? configured?.[index];
    return {
      what: `replicas of shard ${id}`,
      now: nodes.length - 1,
      meant: stated(own?.ReplicaCount) ?? stated(ReplicasPerNodeGroup),
    };
  });
  return [...shards, { what: 'nodes', now: nodes, meant: stated(NumCacheClusters) }, ...perShard];
}

/** Whether Application Auto Scaling decides: of this group, or of one that the template does not name in plain text. */
function isScaled(
  state: EnvironmentState,
  { id, logicalId }: GroupState,
  dimension: 'NodeGroups' | 'Replicas',
): boolean {
  return resourcesOf(state, 'AWS::ApplicationAutoScaling::ScalableTarget').some(({ properties }) => {
    if (properties === undefined) {
      return true;
    }
    const { ScalableDimension, ResourceId } = properties;
    const isOther = typeof ResourceId === 'string' && !isSame(ResourceId, `replication-group/${id}`);
    const isOfAnother = typeof ResourceId === 'object' && !JSON.stringify(ResourceId).includes(`"${logicalId}"`);
    return ScalableDimension === `elasticache:replication-group:${dimension}` && !isOther && !isOfAnother;
  });
}

function parameterDifferences(cache: NodeCache, template: Properties): string[] {
  const meant = Object.entries(template).flatMap(([name, value]) => {
    const said = stated(value);
    return said === undefined ? [] : [[name, said] as const];
  });
  const known = cache.parameters ?? [];
  const changed = meant.flatMap(([name, said]) => {
    const now = known.find((parameter) => parameter.name === name)?.value;
    return now === said ? [] : [`${name}: ${now ?? 'not there'}, and ${said} in the template`];
  });
  const added = known
    .filter(({ name, source }) => source === 'user' && template[name] === undefined)
    .map(({ name, value }) => `${name}: ${value}, and nothing in the template`);
  return [...changed, ...added];
}
