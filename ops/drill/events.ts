import { setTimeout as sleep } from 'node:timers/promises';
import { type Event, paginateDescribeEvents } from '@aws-sdk/client-elasticache';
import type { AwsSession } from '../aws/aws-session';
import { asFatal } from '../aws/problems';
import { everyOne } from '../environment/plain';

/** Something that ElastiCache says has happened. */
export interface CacheEvent {
  /** Of this machine's clock. */
  readonly at: Date;
  /** Replication group or cache cluster. */
  readonly source: string;
  readonly message: string;
}

/** How far back events are asked for, before the time they are followed from: clocks differ. */
const EARLIER_MS = 60_000;

/** ElastiCache's events of some caches, as they come. */
export class EventFollower {
  /** Messages that were told of. */
  private readonly seen = new Set<string>();
  private stopped = false;
  private readonly following: Promise<void>;

  /**
   * @param sources ids of replication groups and cache clusters
   * @param rankOf place of a message among those of one moment
   * @param everyMs how often ElastiCache is asked
   * @param failed told when it does not answer any more; it is asked no longer then
   */
  constructor(
    private readonly session: AwsSession,
    private readonly sources: ReadonlySet<string>,
    private readonly since: Date,
    private readonly rankOf: (message: string) => number,
    everyMs: number,
    private readonly happened: (event: CacheEvent) => void,
    failed: (error: Error) => void,
  ) {
    this.following = this.follow(everyMs).catch((error) => {
      if (!this.stopped) {
        failed(asFatal(error, 'elasticache:DescribeEvents', session.region));
      }
    });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.following;
  }

  private async follow(everyMs: number): Promise<void> {
    while (!this.stopped) {
      await this.look();
      await sleep(everyMs, undefined, { signal: this.session.signal });
    }
  }

  /** By time, and what is told of one moment by its rank. */
  private inOrder(events: readonly Event[]): Event[] {
    const rank = ({ Message = '' }: Event) => this.rankOf(Message);
    return [...events].sort(
      (one, other) => (one.Date?.getTime() ?? 0) - (other.Date?.getTime() ?? 0) || rank(one) - rank(other),
    );
  }

  private async look(): Promise<void> {
    const since = this.since.getTime() + this.session.clockOffsetMs - EARLIER_MS;
    const events = await eventsSince(this.session, new Date(since));
    for (const { Date: date, SourceIdentifier: source = '', Message: message = '' } of this.inOrder(events)) {
      const at = new Date((date ?? this.session.now()).getTime() - this.session.clockOffsetMs);
      // A group and its node tell of the same, one after the other.
      if (this.sources.has(source) && at >= this.since && !this.seen.has(message)) {
        this.seen.add(message);
        this.happened({ at, source, message });
      }
    }
  }
}

/** How many failovers AWS lets be tested in any 24 hours, in shards (TestFailover in ElastiCache's API reference). */
export const MOST_FAILOVERS = 15;

const DAY_MS = 24 * 60 * 60_000;

/** What ElastiCache says when a failover is tested. */
export const CALLED = /^Test Failover API called for node group (\S+)/;

/** How many failovers were tested in the last 24 hours, in this region. */
export async function testedFailovers(session: AwsSession): Promise<number> {
  try {
    const events = await eventsSince(session, new Date(session.now().getTime() - DAY_MS));
    return events.filter(({ Message = '' }) => CALLED.test(Message)).length;
  } catch (error) {
    throw asFatal(error, 'elasticache:DescribeEvents', session.region);
  }
}

function eventsSince(session: AwsSession, StartTime: Date): Promise<Event[]> {
  const EndTime = new Date(session.now().getTime() + EARLIER_MS);
  return everyOne(
    paginateDescribeEvents(
      { client: session.elastiCache, pageSize: 100 },
      { StartTime, EndTime },
      { abortSignal: session.signal },
    ),
    (page) => page.Events,
  );
}
