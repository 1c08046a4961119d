import type { EnvironmentState, StackResource } from '../environment/environment-state';
import { becauseOf } from './gaps';
import { type DoctorRule, each, found, unknown, type Verdict } from './rule';
import { stackGuide } from './sources';

const AGAIN = 'somebody deleted it by hand: make it again under another construct id';

/** What the state has of each type, which call tells of it, and what is to be done when it is gone. */
const KNOWN: Readonly<
  Record<string, { readonly action: string; readonly ids: (state: EnvironmentState) => string[]; readonly fix: string }>
> = {
  'AWS::ElastiCache::ReplicationGroup': {
    action: 'elasticache:DescribeReplicationGroups',
    ids: ({ groups }) => groups.map(({ id }) => id),
    fix: `${AGAIN}, with \`restoreFrom\` of a manual or final snapshot, if there is one: the automatic ones went with it`,
  },
  'AWS::ElastiCache::CacheCluster': {
    action: 'elasticache:DescribeCacheClusters',
    ids: ({ memcached }) => memcached.map(({ id }) => id),
    fix: `${AGAIN}: Memcached begins empty`,
  },
  'AWS::ElastiCache::ServerlessCache': {
    action: 'elasticache:DescribeServerlessCaches',
    ids: ({ serverless }) => serverless.map(({ id }) => id),
    fix: `${AGAIN}, with \`restoreFromSnapshotArns\` of a manual or final snapshot, if there is one: the automatic ones went with it`,
  },
  'AWS::RDS::DBInstance': {
    action: 'rds:DescribeDBInstances',
    ids: ({ databases }) => databases.map(({ id }) => id),
    fix: 'RestoreDBInstanceFromDBSnapshot of its final snapshot, or RestoreDBInstanceToPointInTime of a retained automated backup, if there is one; `Database` restores none',
  },
  'AWS::AutoScaling::AutoScalingGroup': {
    action: 'autoscaling:DescribeAutoScalingGroups',
    ids: ({ fleets }) => fleets.map(({ name }) => name),
    fix: AGAIN,
  },
};

/** Stacks, and what is left of what they made. */
export const STACK_RULES: readonly DoctorRule[] = [
  {
    id: 'resource-gone',
    severity: 'critical',
    disposable: 'high',
    local: 'skip',
    title: 'What a stack made is not in AWS any more',
    fix: `${AGAIN}; what of its data can be brought back depends on what it is`,
    source: stackGuide('using-cfn-stack-drift'),
    judge: (state) =>
      state.stacks
        .filter(({ status }) => !status.startsWith('DELETE_'))
        .flatMap(({ name, resources }) => resources.flatMap((resource) => goneOf(state, name, resource))),
  },
  {
    id: 'stack-failed',
    severity: 'high',
    disposable: 'medium',
    local: 'skip',
    title: 'A stack is in a state that no deployment changes',
    fix: 'read its events; ContinueUpdateRollback for UPDATE_ROLLBACK_FAILED, else delete what failed and deploy again',
    source: stackGuide('troubleshooting'),
    judge: each(
      stacks,
      ({ name, status }) =>
        /(_FAILED|^ROLLBACK_COMPLETE)$/.test(status) && found(`stack ${name}`, `its status is ${status}`),
    ),
  },
  {
    id: 'stack-rolled-back',
    severity: 'medium',
    disposable: 'low',
    local: 'skip',
    title: 'The last deployment of a stack was rolled back',
    fix: 'read its events for the first failure, mend it and deploy again: what runs is the version before',
    source: stackGuide('troubleshooting'),
    judge: each(
      stacks,
      ({ name, status }) =>
        /^(UPDATE|IMPORT)_ROLLBACK_COMPLETE$/.test(status) && found(`stack ${name}`, `its status is ${status}`),
    ),
  },
];

function stacks(state: EnvironmentState) {
  return state.stacks;
}

function goneOf(
  state: EnvironmentState,
  stack: string,
  { type, logicalId, physicalId, properties }: StackResource,
): Verdict[] {
  const known = KNOWN[type];
  if (known === undefined || physicalId === undefined) {
    return [];
  }
  // ElastiCache and RDS write names in lower case, whatever the template said.
  const isThere = known.ids(state).some((id) => id.toLowerCase() === physicalId.toLowerCase());
  const engine = properties?.Engine;
  if (isThere || (type === 'AWS::ElastiCache::CacheCluster' && engine !== undefined && engine !== 'memcached')) {
    return [];
  }
  if (state.gaps.some(({ action }) => action === known.action)) {
    return [unknown(physicalId, becauseOf(state, known.action, 'it is not known whether it is there'))];
  }
  if (type === 'AWS::ElastiCache::CacheCluster' && engine === undefined) {
    return [unknown(physicalId, becauseOf(state, 'cloudformation:GetTemplate', 'its engine is not known'))];
  }
  return [found(physicalId, `${type} ${logicalId} of the stack ${stack} is not there`, { fix: known.fix })];
}
