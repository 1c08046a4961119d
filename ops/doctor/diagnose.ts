import type { EnvironmentState } from '../environment/environment-state';
import { type DoctorRule, type DoctorSeverity, milder, SEVERITIES, type Verdict } from './rule';
import { DOCTOR_RULES } from './rules';

export type { DoctorSeverity } from './rule';

/** Something that is wrong or risky now. */
export interface DoctorFinding {
  /** Id of the rule, in kebab-case; it does not change. */
  readonly rule: string;
  readonly severity: DoctorSeverity;
  /** What it is about: `sessions`, `sessions-0001-002`, `database films`, `fleet …`. */
  readonly subject: string;
  /** One line, in the operator's words. */
  readonly title: string;
  /** With the actual figures. */
  readonly evidence: string;
  /** What to do: a property of this package's construct where there is one, else AWS's call or setting. */
  readonly fix: string;
  /** URL of AWS's documentation. */
  readonly source: string;
}

export interface Diagnosis {
  /** Ranked by severity, then by rule and subject. */
  readonly findings: readonly DoctorFinding[];
  /** Rules that could not be judged because a part of the state is not known, and why. */
  readonly notChecked: ReadonlyArray<{ readonly rule: string; readonly subject: string; readonly why: string }>;
}

/**
 * What is wrong or risky now in an environment. Pure: the same state at the same time gives the same diagnosis, in
 * whatever order AWS lists its parts.
 *
 * @param state with the metrics of a day, one value each quarter of an hour
 */
export function diagnose(state: EnvironmentState, now: Date): Diagnosis {
  const findings: DoctorFinding[] = [];
  const notChecked: Array<Diagnosis['notChecked'][number]> = [];
  for (const rule of DOCTOR_RULES) {
    const severity = severityIn(state, rule);
    const verdicts: readonly Verdict[] = severity === 'skip' ? [] : rule.judge(state, now);
    for (const verdict of verdicts) {
      if ('why' in verdict) {
        notChecked.push({ rule: rule.id, subject: verdict.subject, why: verdict.why });
      } else if (severity !== 'skip') {
        const { id, title } = rule;
        const { subject, evidence, fix = rule.fix, source = rule.source } = verdict;
        const asBad = verdict.severity === undefined ? severity : milder(severity, verdict.severity);
        findings.push({ rule: id, severity: asBad, subject, title, evidence, fix, source });
      }
    }
  }
  return {
    findings: findings.sort((one, other) => compared(rankOf(one), rankOf(other))),
    notChecked: notChecked.sort((one, other) =>
      compared([one.rule, one.subject, one.why], [other.rule, other.subject, other.why]),
    ),
  };
}

/** How bad it is here, or that it is not judged here. */
function severityIn(state: EnvironmentState, rule: DoctorRule): DoctorSeverity | 'skip' {
  if (state.isLocal && rule.local === 'skip') {
    return 'skip';
  }
  return state.isDisposable ? (rule.disposable ?? rule.severity) : rule.severity;
}

function rankOf({ severity, rule, subject, evidence }: DoctorFinding): string[] {
  return [`${SEVERITIES.indexOf(severity)}`, rule, subject, evidence];
}

function compared(one: readonly string[], other: readonly string[]): number {
  for (const [index, part] of one.entries()) {
    const against = other[index] ?? '';
    if (part !== against) {
      return part < against ? -1 : 1;
    }
  }
  return 0;
}
