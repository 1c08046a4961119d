import type { AssemblyStack } from '../assembly';
import type { Placed, Resource, Templates } from '../templates';
import { type AddressBlock, parseBlock } from './address-set';

/** Kind of addresses that a connection is made with. */
export type AddressFamily = 'ipv4' | 'ipv6';

/** All addresses of a kind. */
export const EVERYWHERE: AddressBlock = { first: 0, size: 2 ** 32, cidr: '0.0.0.0/0' };

/** The resource that a value is of; `undefined` for a text, and for what a deploy chooses or computes. */
export function resourceIn(templates: Templates, stack: AssemblyStack, value: unknown): Resource | undefined {
  const [name, argument] = Object.entries(typeof value === 'object' && value !== null ? value : {})[0] ?? [];
  if (name === 'Fn::Select') {
    const [index, list] = argument as [unknown, unknown];
    const selected = templates.elements(stack, list)?.[Number(index)];
    return selected && resourceIn(templates, selected.stack, selected.value);
  }
  return name !== undefined && ['Ref', 'Fn::GetAtt', 'Fn::ImportValue', 'Fn::GetStackOutput'].includes(name)
    ? templates.referenced(stack, value)
    : undefined;
}

/** The resource of a type that a value is of. */
export function resourceOfType(
  templates: Templates,
  type: string,
  stack: AssemblyStack,
  value: unknown,
): Resource | undefined {
  const found = resourceIn(templates, stack, value);
  return found?.type === type ? found : undefined;
}

/** The same for the same thing: a resource's id, or a name that was written; `undefined` for what a deploy chooses. */
export function keyIn(templates: Templates, stack: AssemblyStack, value: unknown): string | undefined {
  return typeof value === 'string' ? value : resourceIn(templates, stack, value)?.id;
}

/** What a reader knows a value by. */
export function labelIn(templates: Templates, stack: AssemblyStack, value: unknown): string {
  return typeof value === 'string' ? value : (resourceIn(templates, stack, value)?.label ?? JSON.stringify(value));
}

/** The addresses that a value is: written, or those of a VPC or a subnet of the templates. */
export function blockOf(
  templates: Templates,
  stack: AssemblyStack,
  value: unknown,
  family: AddressFamily = 'ipv4',
): AddressBlock | undefined {
  if (family === 'ipv6') {
    // The blocks of a VPC are AWS's choice, so only the one of all addresses says anything here.
    return typeof value === 'string' && /^[0:]+\/0$/.test(value) ? EVERYWHERE : undefined;
  }
  if (typeof value === 'string') {
    return parseBlock(value);
  }
  const made = resourceIn(templates, stack, value);
  return made === undefined
    ? partOf(templates, stack, value)
    : blockOf(templates, made.stack, made.properties.CidrBlock);
}

/** A block that is cut out of another, as `Fn::Select` of `Fn::Cidr`. */
function partOf(templates: Templates, stack: AssemblyStack, value: unknown): AddressBlock | undefined {
  const [index, list] = (value as { 'Fn::Select'?: [unknown, unknown] } | undefined)?.['Fn::Select'] ?? [];
  const [whole, , bits] = (list as { 'Fn::Cidr'?: unknown[] } | undefined)?.['Fn::Cidr'] ?? [];
  const block = whole === undefined ? undefined : blockOf(templates, stack, whole);
  const [place, width] = [numberIn(index), numberIn(bits)];
  if (block === undefined || place === undefined || width === undefined) {
    return undefined;
  }
  const first = block.first + place * 2 ** width;
  const address = [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join('.');
  return { first, size: 2 ** width, cidr: `${address}/${32 - width}` };
}

/** The blocks of a prefix list that the templates make; `undefined` for another, and where a deploy chooses one. */
export function blocksOfList(
  templates: Templates,
  stack: AssemblyStack,
  list: unknown,
  family: AddressFamily,
): AddressBlock[] | undefined {
  const made = resourceIn(templates, stack, list);
  const entries = made?.properties.Entries;
  if (made === undefined || !Array.isArray(entries)) {
    return undefined;
  }
  const blocks = entries.map((entry) => blockOf(templates, made.stack, entry?.Cidr, family));
  return blocks.every((block) => block !== undefined) ? blocks : undefined;
}

/** The elements of a list; a value that only a deploy makes a list of counts as one. */
export function listIn(templates: Templates, { stack, value }: Placed): Placed[] {
  return value === undefined ? [] : (templates.elements(stack, value) ?? [{ stack, value }]);
}

/** A whole number; `undefined` for what is none. */
export function numberIn(value: unknown): number | undefined {
  return /^\d+$/.test(String(value)) ? Number(value) : undefined;
}
