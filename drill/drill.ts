import type { DrilledEnvironment, DrillTarget } from './drill-target';
import type { DrillMark, DrillVerdict } from './report/drill-result';
import type { LoadTruth, UserSample, Users } from './users/users';

/** How long each part of a drill takes, in milliseconds. */
export interface DrillWindows {
  readonly beforeMs: number;
  /** How long a fault lasts that does not end by itself. */
  readonly faultMs: number;
  readonly afterMs: number;
}

/** What a drill works with while it runs. */
export interface DrillRun<Target extends DrilledEnvironment = DrillTarget> {
  readonly target: Target;
  readonly windows: DrillWindows;
  /** Waits; rejects when the drill is broken off. */
  wait(ms: number): Promise<void>;
  /** Waits until nothing is being brought back; ends the fault when that takes too long. */
  settled(): Promise<void>;
  /** Notes that the fault begins, or what else happens. */
  mark(kind: DrillMark['kind'], label: string): void;
  note(line: string): void;
  readonly users: Pick<Users, 'hotPath' | 'coldPath' | 'ask'>;
}

/** What is judged. Times of samples and marks are milliseconds since the load began. */
export interface DrillEvidence<Target extends DrilledEnvironment = DrillTarget> {
  readonly target: Target;
  readonly samples: readonly UserSample[];
  readonly marks: readonly DrillMark[];
  readonly truth: LoadTruth;
  /** When the load began, on `performance.now()`'s clock. */
  readonly startedAt: number;
  /** Of each second since the load began, the statements of the database in it. */
  readonly statements: readonly number[];
  /** What the drill itself kept, by name. */
  readonly kept: ReadonlyMap<string, number>;
}

/** Something that breaks, and what users may feel of it. @typeParam Target what it can be run on */
export interface Drill<Target extends DrilledEnvironment = DrillTarget> {
  readonly name: string;
  readonly title: string;
  /** Why it cannot be run on a target; `undefined` when it can. */
  readonly lacks?: (target: Target) => string | undefined;
  /** Whether it judges statements of the database: those of the users' arrival are waited for, and it takes longer. */
  readonly countsStatements?: boolean;
  /** Before the load begins. */
  readonly prepare?: (run: DrillRun<Target>) => Promise<void>;
  /** Breaks it, and returns when the fault is over. @param keep keeps a figure for the judgement */
  readonly inject: (run: DrillRun<Target>, keep: (name: string, value: number) => void) => Promise<void>;
  /** Undoes what was broken, whether it was or not. */
  readonly heal?: (target: Target) => Promise<void>;
  readonly judge: (evidence: DrillEvidence<Target>) => DrillVerdict[];
}
