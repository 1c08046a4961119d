import { createHash } from 'node:crypto';
import type { Log, ReportingDescriptor, Result } from 'sarif';
import type { Severity } from '../../lib/checks/finding';
import { RULES } from '../../lib/checks/rules/catalogue';
import type { CheckedFinding } from './checked-finding';

const LEVELS: Readonly<Record<Severity, Result.level>> = { error: 'error', warning: 'warning', informational: 'note' };

/** Findings as SARIF 2.1.0, which GitHub code scanning and editors read. */
export function sarifOf(findings: readonly CheckedFinding[], version: string): string {
  const ids = [...new Set(findings.map(idOf))].sort();
  const log: Log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'cdk-elasticache guard',
            version,
            informationUri: 'https://github.com/cdk-elasticache/cdk-elasticache',
            rules: ids.map((id) => descriptorOf(id)),
          },
        },
        originalUriBaseIds: { '%SRCROOT%': { description: { text: 'where guard was run' } } },
        results: findings.map((finding) => resultOf(finding, ids.indexOf(idOf(finding)))),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function idOf({ check, rule }: CheckedFinding): string {
  return `${check}/${rule}`;
}

function descriptorOf(id: string): ReportingDescriptor {
  const rule = RULES.find((one) => id === `CacheRules/${one.id}`);
  return rule === undefined
    ? { id }
    : {
        id,
        shortDescription: { text: rule.must },
        fullDescription: { text: `${rule.must}, else ${rule.otherwise}.` },
        help: { text: `Fix: ${rule.fix}`, markdown: `Fix: \`${rule.fix}\`` },
        helpUri: rule.page,
        defaultConfiguration: { level: LEVELS[rule.severity] },
        properties: { controls: rule.controls },
      };
}

function resultOf(finding: CheckedFinding, ruleIndex: number): Result {
  const { check, rule, severity, description, fix, stack, construct, logicalId, file, line, acknowledged } = finding;
  return {
    ruleId: `${check}/${rule}`,
    ruleIndex,
    level: LEVELS[severity],
    message: { text: `${description}. Fix: ${fix}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: file.split('\\').join('/'), uriBaseId: '%SRCROOT%' },
          region: { startLine: line },
        },
        logicalLocations: [{ name: logicalId, fullyQualifiedName: construct, kind: 'resource' }],
      },
    ],
    // The same finding from one run to the next, wherever lines have moved to.
    partialFingerprints: {
      'cdkElasticacheFinding/v1': createHash('sha256')
        .update([check, rule, stack, logicalId, finding.location ?? ''].join('\n'))
        .digest('hex'),
    },
    ...(acknowledged === undefined
      ? {}
      : { suppressions: [{ kind: 'external' as const, justification: acknowledged }] }),
  };
}
