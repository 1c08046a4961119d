/** A line of the status: something, what is known of it, and what it has below it. */
export interface StatusRow {
  readonly name: string;
  /** What it is: a role, or an engine and a size. */
  readonly what?: string;
  readonly zone?: string;
  readonly state?: string;
  /** Whether the state is as it should be. */
  readonly isWell?: boolean;
  readonly memory?: string;
  readonly hits?: string;
  readonly connections?: string;
  readonly lag?: string;
  /** Sentences that belong to it, such as what waits to be changed. */
  readonly notes?: readonly string[];
  readonly rows?: readonly StatusRow[];
}
