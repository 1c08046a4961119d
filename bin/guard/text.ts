import { styleText } from 'node:util';
import type { Severity } from '../../lib/checks/finding';
import type { CheckedFinding } from './checked-finding';

const ORDER: readonly Severity[] = ['error', 'warning', 'informational'];
const STYLES = { error: 'red', warning: 'yellow', informational: 'dim' } as const;

/** Findings for a reader, stack by stack, the worst first. */
export function findingsText(findings: readonly CheckedFinding[], { all }: { readonly all: boolean }): string {
  const shown = findings.filter(
    ({ severity, acknowledged }) => acknowledged === undefined && (all || severity !== 'informational'),
  );
  const stacks = [...new Set(shown.map(({ stack }) => stack))].sort();
  return [
    ...stacks.flatMap((stack) => [
      styleText('bold', stack),
      ...shown
        .filter((finding) => finding.stack === stack)
        .sort((one, other) => ORDER.indexOf(one.severity) - ORDER.indexOf(other.severity))
        .map(entry),
    ]),
    summary(findings, all),
  ].join('\n');
}

function entry({ severity, check, rule, construct, description, fix, file, line }: CheckedFinding): string {
  return [
    `  ${styleText(STYLES[severity], severity)} ${check}::${rule}  ${construct} (${file}:${line})`,
    `    ${description}`,
    `    ${styleText('dim', `fix: ${fix}`)}`,
  ].join('\n');
}

function summary(findings: readonly CheckedFinding[], all: boolean): string {
  const open = findings.filter(({ acknowledged }) => acknowledged === undefined);
  const count = (of: Severity) => open.filter(({ severity }) => severity === of).length;
  const notes = count('informational');
  return [
    `${number(count('error'), 'error')}, ${number(count('warning'), 'warning')}`,
    ...(notes === 0 ? [] : [`${notes} informational${all ? '' : ' (shown with --all)'}`]),
    ...(findings.length === open.length ? [] : [`${findings.length - open.length} acknowledged`]),
  ].join(', ');
}

function number(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
