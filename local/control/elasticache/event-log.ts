import type { Clock } from '../clock';

/** How long AWS keeps events. */
export const RETENTION_MS = 14 * 24 * 60 * 60_000;

/** So that a node which ends over and over does not fill the memory. */
const MAX_EVENTS = 10_000;

/** Sources that have events here, of those that AWS has. */
type LoggedSource = 'cache-cluster' | 'replication-group';

export interface LoggedEvent {
  /** Counts up, so that events of one moment have an order. */
  readonly sequence: number;
  readonly date: Date;
  readonly source: string;
  readonly sourceType: LoggedSource;
  readonly message: string;
}

/** What has happened to the caches, in AWS's words, for as long as AWS would keep it. */
export class EventLog {
  private events: LoggedEvent[] = [];
  private sequence = 0;

  constructor(private readonly clock: Clock) {}

  cacheCluster(id: string, message: string): void {
    this.add('cache-cluster', id, message);
  }

  replicationGroup(id: string, message: string): void {
    this.add('replication-group', id, message);
  }

  /** The newest first, as AWS answers them. */
  between(start: Date, end: Date): readonly LoggedEvent[] {
    return this.events.filter(({ date }) => date >= start && date <= end).reverse();
  }

  private add(sourceType: LoggedSource, source: string, message: string): void {
    const date = this.clock();
    const kept = date.getTime() - RETENTION_MS;
    this.events.push({ sequence: this.sequence++, date, source, sourceType, message });
    this.events = this.events.filter((event) => event.date.getTime() >= kept).slice(-MAX_EVENTS);
  }
}
