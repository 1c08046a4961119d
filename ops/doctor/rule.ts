import type { EnvironmentState } from '../environment/environment-state';

/** How bad it is: `critical` is an outage or open to everyone, `low` is worth knowing. The worst first. */
export const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const;

export type DoctorSeverity = (typeof SEVERITIES)[number];

/** What a rule says of one subject: that something is wrong with it, or that it could not be judged. */
export type Verdict = Found | Unknown;

export interface Found {
  readonly subject: string;
  readonly evidence: string;
  /** In place of the rule's own, where they depend on the subject. */
  readonly fix?: string;
  readonly source?: string;
  /** How bad it is here, where that is less than the rule's own. */
  readonly severity?: DoctorSeverity;
}

export interface Unknown {
  readonly subject: string;
  readonly why: string;
}

export type Judge = (state: EnvironmentState, now: Date) => readonly Verdict[];

/** One thing that may be wrong with an environment. */
export interface DoctorRule {
  /** Stable, in kebab-case. */
  readonly id: string;
  readonly severity: DoctorSeverity;
  /** What is wrong, in the operator's words, with the threshold where there is one. */
  readonly title: string;
  readonly fix: string;
  /** URL of AWS's documentation. */
  readonly source: string;
  /** In an environment that is tagged disposable: another severity, or not judged. */
  readonly disposable?: DoctorSeverity | 'skip';
  /** `skip` where it is about what a local environment does not have. */
  readonly local?: 'skip';
  readonly judge: Judge;
}

export function found(subject: string, evidence: string, own: Pick<Found, 'fix' | 'source' | 'severity'> = {}): Found {
  return { subject, evidence, ...own };
}

/** Of two, the one that is less bad. */
export function milder(one: DoctorSeverity, other: DoctorSeverity): DoctorSeverity {
  return SEVERITIES[Math.max(SEVERITIES.indexOf(one), SEVERITIES.indexOf(other))] ?? one;
}

export function unknown(subject: string, why: string): Unknown {
  return { subject, why };
}

/** Judges one thing after the other. */
export function each<T>(
  things: (state: EnvironmentState) => readonly T[],
  judge: (thing: T, state: EnvironmentState, now: Date) => Verdict | readonly Verdict[] | false | undefined,
): Judge {
  return (state, now) =>
    things(state).flatMap((thing) => {
      const verdict = judge(thing, state, now);
      return verdict === false || verdict === undefined ? [] : verdict;
    });
}
