import { type App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { newApp } from './stacks';

/** Findings of cdk-nag's AwsSolutions pack, as `rule at construct`. */
export function findings(app: App): string[] {
  const { violations } = new AwsSolutionsChecks(app).validateScope(app) as any;
  return violations.flatMap((violation: any) =>
    (violation.violatingConstructs ?? violation.violatingResources).map(
      (construct: any) => `${violation.ruleName} at ${construct.constructPath}`,
    ),
  );
}

/** Tests that each of our acknowledgements has a reason, and that without it its finding returns. */
export function everyAcknowledgementIsNeeded(make: (app: App) => unknown): void {
  const acknowledged: Array<{ id: string; reason: string }> = [];
  const real = Validations.prototype.acknowledge;
  jest.spyOn(Validations.prototype, 'acknowledge').mockImplementation(function (this: Validations, ...all) {
    acknowledged.push(...all);
    return real.apply(this, all);
  });
  make(newApp());
  jest.restoreAllMocks();
  // CDK's own constructs acknowledge rules of the built-in validator; those are not ours to test.
  const own = acknowledged.filter(({ id }) => id.startsWith('AwsSolutions'));
  const rules = [...new Set(own.map(({ id }) => id))];

  test('there are some, each with a reason', () => {
    expect(rules.length).toBeGreaterThan(3);
    expect(own.filter(({ reason }) => reason.split(' ').length < 5)).toEqual([]);
  });

  test.each(rules)('without the acknowledgement of %s its finding returns', (rule) => {
    const spy = jest.spyOn(Validations.prototype, 'acknowledge').mockImplementation(function (
      this: Validations,
      ...all
    ) {
      const others = all.filter(({ id }) => id !== rule);
      return others.length === 0 ? undefined : real.apply(this, others);
    });
    const app = newApp();
    make(app);
    spy.mockRestore();

    const found = findings(app);

    expect(found.length).toBeGreaterThan(0);
    expect(found.every((finding) => finding.startsWith(rule))).toBe(true);
  });
}
