import { Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Packs of cdk-nag beside AwsSolutions. */
export const NIST = 'NIST.800.53.R5';
export const HIPAA = 'HIPAA.Security';
export const PCI = 'PCI.DSS.321';

/**
 * Says why a rule that several packs have does not apply to a construct.
 *
 * @param packs those that have it
 */
export function acknowledge(construct: IConstruct, rule: string, packs: string[], reason: string): void {
  for (const pack of packs) {
    Validations.of(construct).acknowledge({ id: `${pack}-${rule}`, reason });
  }
}

/** A policy that stands in one stack with the one role it is for. */
export function acknowledgeInlinePolicy(construct: IConstruct): void {
  acknowledge(
    construct,
    'IAMNoInlinePolicy',
    [NIST, HIPAA, PCI],
    'the policy is for this one role, names its resources, and is made and deleted with it',
  );
}

/** Says why a rule of Control Tower (`@cdklabs/cdk-validator-cfnguard`) does not apply to a construct. */
export function acknowledgeControlTower(construct: IConstruct, rules: { [rule: string]: string }): void {
  for (const [rule, reason] of Object.entries(rules)) {
    Validations.of(construct).acknowledge({ id: `cdk-validator-cfnguard::${rule}`, reason });
  }
}

/** Says of rules that look for something in the same template that it is in another one, where it is. */
export function acknowledgeElsewhere(construct: IConstruct, wanted: IConstruct | undefined, ...rules: string[]): void {
  const isElsewhere =
    wanted !== undefined && (Stack.of(wanted) !== Stack.of(construct) || wanted.node.defaultChild === undefined);
  if (isElsewhere) {
    const reason = 'it is there, in another stack, and the rule follows no import';
    acknowledgeControlTower(construct, Object.fromEntries(rules.map((rule) => [rule, reason])));
  }
}
