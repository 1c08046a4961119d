import { RULES } from '../../lib/checks/rules/catalogue';
import type { Controls } from '../../lib/checks/rules/rule';
import { markdownTable } from '../generated-docs';

const SOURCES: ReadonlyArray<[keyof Controls, string]> = [
  ['securityHub', 'Security Hub'],
  ['nist', 'NIST'],
  ['pci', 'PCI DSS'],
  ['hipaa', 'HIPAA'],
  ['cis', 'CIS'],
  ['lens', 'lens'],
];

/** The rules as the documentation shows them. */
export function catalogueTable(): string {
  const rows = RULES.map(({ id, severity, must, otherwise, controls, fix, page, relaxed }) => {
    const published = SOURCES.flatMap(([source, name]) => {
      const list = controls[source] ?? [];
      return list.length === 0 ? [] : [`${name} ${list.join(', ')}`];
    });
    return [
      `<a id="${id}"></a>[\`${id}\`](${page})`,
      severity,
      `${must}, else ${otherwise}`,
      published.join('; ') || '–',
      `\`${fix.replaceAll('|', '\\|')}\``,
      relaxed ?? '–',
    ];
  });
  return markdownTable(
    ['rule', 'severity', 'what must be so', 'published controls', 'fix', 'relaxed for dev because'],
    rows,
  );
}
