/** An environment that users use while it is broken. */
export interface DrilledEnvironment {
  /** For example `dev`. */
  readonly environment: string;
  /** Which engines serve, and where: what the figures are figures of. */
  readonly where: string;
  /** Of the load balancer. */
  readonly address: string;
  /** Where the statements of the database cannot be counted, there is none. */
  readonly database?: DrillDatabase | undefined;
  /** Resolves once nothing is being brought back. */
  settled(): Promise<void>;
  /**
   * Told each time that a replica has taken a primary's place, or that something else has happened that the report
   * shows. @returns stops telling
   */
  onChange(listener: (change: DrillChange) => void): () => void;
}

/** What happens to an environment while it is drilled. */
export interface DrillChange {
  /** A promotion is a line in the chart, and anything else a note. */
  readonly kind: 'promotion' | 'note';
  readonly what: string;
  /** When, where it is told later. @default now */
  readonly at?: Date;
}

/** A replication group whose primary can be made to fail. */
export interface FailoverStore {
  /** For example `dev/data/Sessions`. */
  readonly name: string;
  /** Replicas of each primary. */
  readonly replicas: number;
  /** Ends the primary of one shard at once. */
  killPrimary(): Promise<void>;
}

/** Where a failover can be drilled. */
export interface FailoverTarget extends DrilledEnvironment {
  readonly stores: readonly FailoverStore[];
}

/** Where the loss of an instance can be drilled. */
export interface InstanceTarget extends DrilledEnvironment {
  /** Ends one instance at once. */
  killInstance(): Promise<void>;
}

/** An environment in which everything can be broken. It is handed to the drills, which know nothing of how it runs. */
export interface DrillTarget extends FailoverTarget, InstanceTarget {
  /** Instances behind the load balancer. */
  readonly instances: number;
  /** Valkey or Redis OSS caches: sessions and data types. */
  readonly stores: readonly DrillStore[];
  /** Memcached clusters. */
  readonly objectCaches: readonly DrillObjectCache[];
  readonly database: DrillDatabase | undefined;
  /** Takes one instance out as a scale-in does, and puts another in. */
  drainInstance(): Promise<void>;
  /** Replaces every instance, as a deploy does. */
  deploy(): Promise<void>;
}

/** What can go wrong with any cache. */
export interface DrillCache {
  /** For example `dev/data/Sessions`. */
  readonly name: string;
  /** Stops every node as if it hung, or lets it go on. */
  freeze(on: boolean): void;
  /** Nothing arrives any more between clients and cache. */
  partition(on: boolean): void;
  /** Everything takes so much longer, in each direction, in milliseconds. */
  delay(ms: number): void;
  /** Resets every connection. */
  reset(): void;
  /** When each connection was asked for, on `performance.now()`'s clock. */
  connects(): number[];
  /** Forgets everything. */
  flush(): Promise<void>;
}

export interface DrillStore extends DrillCache, FailoverStore {
  readonly shards: number;
  /** Ends a replica at once. */
  killReplica(): Promise<void>;
  /** Lets it hold no more than it holds now, and refuse what does not fit; or as much as before. */
  fill(on: boolean): Promise<void>;
}

export interface DrillObjectCache extends DrillCache {
  readonly nodes: number;
  /** Has at least so many nodes from now on. */
  setNodes(count: number): Promise<void>;
  /** Empties one node, by its place. */
  empty(index: number): Promise<void>;
}

export interface DrillDatabase {
  readonly name: string;
  /** It says nothing any more, or goes on. */
  freeze(on: boolean): void;
  /** Statements that it has carried out for the application so far. */
  statements(): Promise<number>;
}
