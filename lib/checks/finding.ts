import type { PolicyValidationPluginReport, PolicyViolation } from 'aws-cdk-lib';

/** How much a finding weighs. Errors stop a synth; the rest is shown. */
export type Severity = 'error' | 'warning' | 'informational';

/** What a check has found at one resource. */
export interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  /** What is so, in a sentence of the user's terms. */
  readonly description: string;
  /** What mends it; a code line where there is one. */
  readonly fix: string;
  /** Absolute path of the template that the resource is in. */
  readonly templatePath: string;
  readonly logicalId: string;
  /** For example `Properties.Engine`; of the whole resource when it is left out. */
  readonly location?: string;
  readonly metadata?: { readonly [key: string]: string };
}

/** Findings as CDK reports them: those of one rule with one text together, in the order of the first of each. */
export function reportOf(findings: readonly Finding[]): PolicyValidationPluginReport {
  const violations = new Map<string, PolicyViolation>();
  for (const { rule, severity, description, fix, templatePath, logicalId, location, metadata } of findings) {
    const key = JSON.stringify([rule, severity, description]);
    const resource = {
      resourceLogicalId: logicalId,
      templatePath,
      locations: location === undefined ? [] : [location],
    };
    const known = violations.get(key);
    violations.set(key, {
      ruleName: rule,
      severity,
      description,
      fix,
      violatingResources: [...(known?.violatingResources ?? []), resource],
      ...(metadata === undefined ? {} : { ruleMetadata: metadata }),
    });
  }
  return { success: findings.every(({ severity }) => severity !== 'error'), violations: [...violations.values()] };
}
