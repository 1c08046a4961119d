import { printable } from '../aws/problems';
import type { Diagnosis, DoctorFinding, DoctorSeverity } from '../doctor/diagnose';
import type { EnvironmentState } from '../environment/environment-state';
import { wrapped } from './columns';
import { gapLines } from './gap-lines';
import { type Paint, painter, type Style, type TerminalOptions } from './terminal';

const STYLES: Readonly<Record<DoctorSeverity, Style>> = {
  critical: ['bold', 'red'],
  high: 'red',
  medium: 'yellow',
  low: 'dim',
};

const INDENT = '    ';

/** What is wrong, the worst first, each with its evidence, what to do, and where that is from. */
export function diagnosisText(
  state: EnvironmentState,
  { findings, notChecked }: Diagnosis,
  options: TerminalOptions,
): string {
  const paint = painter(options);
  const place = state.isLocal ? 'on this machine' : state.region;
  return [
    `${paint('bold', printable(state.environment))}  ${place}  ${state.takenAt}`,
    ...findings.flatMap((finding) => entry(finding, paint, options.width)),
    summary(findings),
    ...(notChecked.length === 0 ? [] : [paint('dim', 'not checked:')]),
    ...unchecked(notChecked).flatMap((line) => wrapped(line, options.width, INDENT).map((each) => paint('dim', each))),
    ...gapLines(state, paint),
  ].join('\n');
}

function entry(
  { severity, rule, subject, title, evidence, fix, source }: DoctorFinding,
  paint: Paint,
  width: number,
): string[] {
  return [
    `${paint(STYLES[severity], severity)}  ${paint('bold', printable(subject))}: ${title}  ${paint('dim', rule)}`,
    ...wrapped(printable(evidence), width, INDENT),
    ...wrapped(`fix: ${printable(fix)}`, width, INDENT),
    `${INDENT}${paint('dim', source)}`,
  ];
}

function summary(findings: readonly DoctorFinding[]): string {
  const counts = (['critical', 'high', 'medium', 'low'] as const).flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [`${count} ${severity}`];
  });
  return counts.length === 0 ? 'nothing found' : counts.join(', ');
}

/** Rules that lack the same thing of the same subject are one line. */
function unchecked(notChecked: Diagnosis['notChecked']): string[] {
  const byReason = new Map<string, string[]>();
  for (const { rule, subject, why } of notChecked) {
    const reason = `${printable(subject)}: ${printable(why)}`;
    byReason.set(reason, [...(byReason.get(reason) ?? []), rule]);
  }
  return [...byReason].map(([reason, rules]) => `${reason} (${rules.join(', ')})`);
}
