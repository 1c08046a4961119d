import { type App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R5Checks, PCIDSS321Checks } from 'cdk-nag';
import type { IConstruct } from 'constructs';
import { newApp } from './stacks';

/** Packs of cdk-nag by the prefix of their rules. */
export const PACKS = {
  AwsSolutions: AwsSolutionsChecks,
  'NIST.800.53.R5': NIST80053R5Checks,
  'HIPAA.Security': HIPAASecurityChecks,
  'PCI.DSS.321': PCIDSS321Checks,
} as const;

export type Pack = keyof typeof PACKS;

/** Rules of Control Tower. */
export const CONTROL_TOWER = 'cdk-validator-cfnguard::';

/** One rule that was acknowledged at one construct. */
export interface Acknowledgement {
  readonly path: string;
  readonly id: string;
  readonly reason: string;
}

/** Findings of packs of cdk-nag, as `rule at construct`. */
export function findings(app: App, packs: readonly Pack[] = ['AwsSolutions'], scope: IConstruct = app): string[] {
  return packs.flatMap((pack) => {
    const { violations } = new PACKS[pack](app).validateScope(scope) as any;
    return violations.flatMap((violation: any) =>
      (violation.violatingConstructs ?? violation.violatingResources).map(
        (construct: any) => `${violation.ruleName} at ${construct.constructPath}`,
      ),
    );
  });
}

/** Our acknowledgements of rules that begin with one of the prefixes; CDK's own constructs acknowledge others. */
export function acknowledgements(scope: IConstruct, prefixes: readonly string[]): Acknowledgement[] {
  return scope.node.findAll().flatMap(({ node }) =>
    node.metadata
      .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap(({ data }) => Object.entries(data as Record<string, string>))
      // How CDK writes an id without a plugin's name.
      .map(([id, reason]) => [id.replace(/^Annotation::/, ''), reason] as const)
      .filter(([id]) => prefixes.some((prefix) => id.startsWith(prefix)))
      .map(([id, reason]) => ({ path: node.path, id, reason })),
  );
}

/** The same app as if nobody had acknowledged anything. */
export function withoutAcknowledgements(make: (app: App) => unknown): App {
  const spy = jest.spyOn(Validations.prototype, 'acknowledge').mockImplementation(() => {});
  const app = newApp();
  make(app);
  spy.mockRestore();
  return app;
}

/** Those of the acknowledgements whose finding does not return without them, at their construct or below. */
export function unneeded(known: readonly Acknowledgement[], found: readonly string[]): string[] {
  return known
    .filter(
      ({ id, path }) =>
        !found.some((finding) => finding === `${id} at ${path}` || finding.startsWith(`${id} at ${path}/`)),
    )
    .map(({ id, path }) => `${id} at ${path}`);
}

/** Tests that each of our acknowledgements has a reason, and that without it its finding returns at its construct. */
export function everyAcknowledgementIsNeeded(
  make: (app: App) => unknown,
  packs: readonly Pack[] = ['AwsSolutions'],
): void {
  const app = newApp();
  make(app);
  const known = acknowledgements(
    app,
    packs.map((pack) => `${pack}-`),
  );

  test('there are some, each with a reason', () => {
    expect(known.length).toBeGreaterThan(3);
    expect(known.filter(({ reason }) => reason.split(' ').length < 5)).toEqual([]);
  });

  test('without an acknowledgement its finding returns', () => {
    expect(unneeded(known, findings(withoutAcknowledgements(make), packs))).toEqual([]);
  });
}
