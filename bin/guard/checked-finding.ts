import { relative } from 'node:path';
import type { AssemblyStack } from '../../assembly/assembly';
import { originsIn } from '../../assembly/construct-metadata';
import type { Finding } from '../../lib/checks/finding';

/** The plugins that `guard` runs, as acknowledgements name them. */
export type CheckName = 'CacheRules' | 'CacheReachability' | 'ReplacementGuard';

/** A finding and where it belongs. */
export interface CheckedFinding extends Finding {
  readonly check: CheckName;
  /** Path of the stack, for example `prod/data`. */
  readonly stack: string;
  /** Path of the construct, or the logical id where CDK wrote down no path. */
  readonly construct: string;
  /** Of a file below the working directory: the line of code that made the resource, or else that of the template. */
  readonly file: string;
  readonly line: number;
  /** Why it was acknowledged in the app. */
  readonly acknowledged?: string;
}

/** Findings with what CDK wrote down of their resources. */
export function located(
  check: CheckName,
  findings: readonly Finding[],
  stacks: readonly AssemblyStack[],
  readTemplate: (file: string) => string,
): CheckedFinding[] {
  const origins = new Map(stacks.map((stack) => [stack.templateFile, { stack, origins: originsIn(stack) }]));
  return findings.map((finding): CheckedFinding => {
    const { stack, origins: own } = origins.get(finding.templatePath) ?? {};
    const origin = own?.get(finding.logicalId);
    const source = origin?.frames.find(({ file }) => isBelow(file));
    const reason = origin?.acknowledged.get(`${check}::${finding.rule}`);
    return {
      ...finding,
      check,
      stack: stack?.path ?? '',
      construct: origin?.path ?? finding.logicalId,
      file: relative(process.cwd(), source?.file ?? finding.templatePath),
      line: source?.line ?? lineOf(readTemplate(finding.templatePath), finding.logicalId),
      ...(reason === undefined ? {} : { acknowledged: reason }),
    };
  });
}

function isBelow(file: string): boolean {
  return !relative(process.cwd(), file).startsWith('..');
}

function lineOf(template: string, logicalId: string): number {
  return template.split('\n').findIndex((line) => line.trimStart().startsWith(`"${logicalId}": {`)) + 1 || 1;
}
