import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeReplicationGroupsCommand, TestFailoverCommand } from '@aws-sdk/client-elasticache';
import type { AwsSession } from '../aws/aws-session';
import { AskedWronglyError, asFatal, RefusedError } from '../aws/problems';
import type { GroupState, ShardState } from '../environment/environment-state';
import { CALLED, type CacheEvent, EventFollower, MOST_FAILOVERS, testedFailovers } from './events';

/** What ElastiCache tells of a tested failover, in the order of its documentation (TestFailover in the API reference). */
const STEPS = [
  { name: 'the test was called', message: CALLED },
  {
    name: 'a replica was promoted',
    message: /^Failover from (?:primary|master) node (\S+) to replica node (\S+) completed/,
  },
  { name: 'the old primary is being recovered', message: /^Recovering cache nodes? (.+)/ },
  { name: 'the old primary is back', message: /^Finished recovery for cache nodes? (.+)/ },
] as const;

const PROMOTION = 1;

/** Which step an event is; -1 for one that is none. */
function stepOf(message: string): number {
  return STEPS.findIndex((step) => step.message.test(message));
}

/** A shard whose failover can be tested, and how many tests AWS has still room for. */
export interface TestableShard {
  readonly group: GroupState;
  readonly shard: ShardState;
  /** Failovers that were tested in the last 24 hours. */
  readonly tested: number;
}

/**
 * Chooses what is tested, and refuses what AWS would refuse.
 *
 * @throws AskedWronglyError when nothing of that name can fail over, or it is not clear which is meant
 * @throws RefusedError when 15 failovers were tested in the last 24 hours
 */
export async function testableShard(
  session: AwsSession,
  groups: readonly GroupState[],
  choice: { readonly group?: string; readonly shard?: string },
): Promise<TestableShard> {
  const candidates = groups.filter(({ id }) => choice.group === undefined || id === choice.group);
  const able = candidates.filter(isAble);
  const [group, ...others] = able;
  if (group === undefined) {
    const why = candidates.map((each) => `${each.id} ${whyNot(each)}`).join(', ');
    throw new AskedWronglyError(
      candidates.length === 0
        ? `no replication group${choice.group === undefined ? '' : ` \`${choice.group}\``} is there: ${groups.map(({ id }) => id).join(', ') || 'none at all'}`
        : `no failover can be tested: ${why}`,
    );
  }
  if (others.length > 0) {
    throw new AskedWronglyError(`which replication group? --group names it: ${able.map(({ id }) => id).join(', ')}`);
  }
  const shard = group.shards.find(({ id }) => choice.shard === undefined || id === choice.shard);
  if (shard === undefined) {
    throw new AskedWronglyError(
      `${group.id} has no shard \`${choice.shard}\`, there are: ${group.shards.map(({ id }) => id).join(', ')}`,
    );
  }
  const tested = await testedFailovers(session);
  if (tested >= MOST_FAILOVERS) {
    throw new RefusedError(
      'APICallRateForCustomerExceeded',
      `${tested} failovers were tested in the last 24 hours, and AWS lets ${MOST_FAILOVERS} be: try again later`,
    );
  }
  return { group, shard, tested };
}

function isAble(group: GroupState): boolean {
  return group.status === 'available' && group.automaticFailover === 'enabled' && replicasOf(group) > 0;
}

function whyNot(group: GroupState): string {
  return replicasOf(group) === 0
    ? 'has no replica'
    : group.automaticFailover !== 'enabled'
      ? `has its automatic failover ${group.automaticFailover}`
      : `is ${group.status}`;
}

/** Replicas of each primary. */
export function replicasOf({ shards }: GroupState): number {
  return Math.min(...shards.map(({ nodes }) => nodes.length)) - 1;
}

/** A tested failover, from the call until ElastiCache says that everything is back. */
export class TestedFailover {
  private readonly follower: EventFollower;
  private next = 0;
  /** What is amiss with what ElastiCache told, in sentences. */
  readonly remarks: string[] = [];
  private readonly done: Promise<void>;
  private finish: () => void = () => {};
  private fail: (error: Error) => void = () => {};

  /** @param happened told each event, and whether it is the promotion */
  constructor(
    private readonly session: AwsSession,
    private readonly group: GroupState,
    private readonly everyMs: number,
    private readonly happened: (event: CacheEvent, isPromotion: boolean) => void,
  ) {
    this.done = new Promise((resolve, reject) => {
      this.finish = resolve;
      this.fail = reject;
    });
    this.done.catch(() => {});
    const sources = new Set([group.id, ...group.shards.flatMap(({ nodes }) => nodes.map(({ id }) => id))]);
    this.follower = new EventFollower(
      session,
      sources,
      new Date(),
      stepOf,
      everyMs,
      (event) => this.take(event),
      this.fail,
    );
  }

  /** @throws RefusedError */
  async call(shard: string): Promise<void> {
    try {
      await this.session.elastiCache.send(
        new TestFailoverCommand({ ReplicationGroupId: this.group.id, NodeGroupId: shard }),
        { abortSignal: this.session.signal },
      );
    } catch (error) {
      throw asFatal(error, 'elasticache:TestFailover', this.session.region);
    }
  }

  /** Resolves once ElastiCache has told of every step, and the group is available. */
  async recovered(): Promise<void> {
    await this.done;
    while (!(await this.isAvailable())) {
      await sleep(this.everyMs, undefined, { signal: this.session.signal });
    }
  }

  private async isAvailable(): Promise<boolean> {
    try {
      const { ReplicationGroups: [group] = [] } = await this.session.elastiCache.send(
        new DescribeReplicationGroupsCommand({ ReplicationGroupId: this.group.id }),
        { abortSignal: this.session.signal },
      );
      const states = [group?.Status, ...(group?.NodeGroups ?? []).map(({ Status }) => Status)];
      return states.every((state) => state === 'available');
    } catch (error) {
      throw asFatal(error, 'elasticache:DescribeReplicationGroups', this.session.region);
    }
  }

  stop(): Promise<void> {
    return this.follower.stop();
  }

  private take(event: CacheEvent): void {
    const step = stepOf(event.message);
    if (step === -1) {
      this.happened(event, false);
      return;
    }
    if (step !== this.next) {
      this.remarks.push(
        `ElastiCache told that ${STEPS[step]?.name} ${step > this.next ? `before it told that ${STEPS[this.next]?.name}` : 'once more'}`,
      );
    }
    this.next = Math.max(this.next, step + 1);
    this.happened(event, step === PROMOTION);
    if (this.next === STEPS.length) {
      this.finish();
    }
  }
}
