/** What one drill showed. Times are milliseconds since the load began. */
export interface DrillResult {
  /** Name of the drill, for example `failover`. */
  readonly drill: string;
  /** What happened, for example `The primary is killed`. */
  readonly title: string;
  readonly environment: string;
  /** Which engines served, and where: the figures are theirs and nobody else's. */
  readonly where: string;
  /** An ISO 8601 time. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly ratePerSecond: number;
  readonly marks: readonly DrillMark[];
  readonly samples: readonly DrillSample[];
  readonly verdicts: readonly DrillVerdict[];
  /** What is worth knowing besides, for example `the node came back empty: it has no replica`. */
  readonly notes: readonly string[];
}

/** Something that happened during the drill. */
export interface DrillMark {
  readonly atMs: number;
  readonly kind: 'fault' | 'promotion' | 'healed' | 'recovered';
  readonly label: string;
}

/** One request of a user. */
export interface DrillSample {
  readonly atMs: number;
  readonly ms: number;
  readonly action: 'browse' | 'account' | 'sign-in' | 'review';
  /** HTTP status; 0 when the connection failed or timed out. */
  readonly status: number;
  readonly isOk: boolean;
  /** Who answered a read. */
  readonly answer: 'hit' | 'miss' | 'bypass' | undefined;
  /** Time it spent on caches, from `server-timing`. */
  readonly cacheMs: number | undefined;
  readonly databaseMs: number | undefined;
}

/** One thing that the drill judged. */
export interface DrillVerdict {
  /** For example `reads answered`. */
  readonly name: string;
  /** For example `≥ 99.9 %`. */
  readonly wanted: string;
  /** For example `100 % (1,203 of 1,203)`. */
  readonly got: string;
  readonly passed: boolean;
}
