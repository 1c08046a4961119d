import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Findings over templates of others, each looked at: `template`, `check::rule`, `resource`, and why it is true. */
const JUSTIFIED = readFileSync(join(__dirname, 'justified-findings.tsv'), 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split('\t') as [template: string, rule: string, resource: string, why: string]);

/** What is found that nobody has looked at, and what was looked at and is not found any more. */
export function unjustified(
  template: string,
  found: ReadonlyArray<{ readonly rule: string; readonly resource: string }>,
): { readonly notLookedAt: string[]; readonly gone: string[] } {
  const keys = new Set(found.map(({ rule, resource }) => `${rule} at ${resource}`));
  const known = new Set(
    JUSTIFIED.filter(([one, , , why]) => one === template && why.split(' ').length > 3).map(
      ([, rule, resource]) => `${rule} at ${resource}`,
    ),
  );
  return {
    notLookedAt: [...keys].filter((key) => !known.has(key)).sort(),
    gone: [...known].filter((key) => !keys.has(key)).sort(),
  };
}
