import type { AssemblyStack } from '../assembly';
import type { Templates } from '../templates';
import { pathOf } from './construct-path';
import { resourceOfType } from './values';

export interface SecurityGroup {
  /** The same for the same group. */
  readonly key: string;
  readonly label: string;
  /** Path of its construct, where the templates make it; else the label. */
  readonly path: string;
  /** Made by the templates, imported by its id, or a value that only a deploy knows. */
  readonly kind: 'made' | 'imported' | 'token';
}

/** The security group that a value of a stack is. */
export function securityGroupOf(templates: Templates, stack: AssemblyStack, value: unknown): SecurityGroup {
  const made = resourceOfType(templates, 'AWS::EC2::SecurityGroup', stack, value);
  if (made !== undefined) {
    return { key: made.id, label: made.label, path: pathOf(made), kind: 'made' };
  }
  const text = JSON.stringify(value);
  return typeof value === 'string'
    ? { key: value, label: value, path: value, kind: 'imported' }
    : { key: `${stack.id} ${text}`, label: text, path: text, kind: 'token' };
}
