import { types } from 'node:util';
import { NormalizedSchema } from '@smithy/core/schema';
import type { AwsError } from '../aws-error';
import { nameOf, type Operation, type QueryProtocol } from '../operation';

/** What is on the wire of a parameter such as `Subnets.SubnetIdentifier.1`: a value, or more by the next part of it. */
type Node = string | Map<string, Node>;

/** Reads the parameters of a form as the members of an operation's input. */
export function queryInput({ schema }: Operation, form: URLSearchParams): object {
  const root = new Map<string, Node>();
  for (const [name, value] of form) {
    put(root, name.split('.'), value);
  }
  return read(NormalizedSchema.of(schema[4]), root) as object;
}

/** Writes the output of an operation, out of the schema that the client reads it by. */
export function queryAnswer(operation: Operation, protocol: QueryProtocol, answer: object, requestId: string): string {
  const name = nameOf(operation);
  const result = write(NormalizedSchema.of(operation.schema[5]), answer, `${name}Result`);
  const metadata = element('ResponseMetadata', element('RequestId', requestId));
  return document(`${name}Response`, protocol, result + metadata);
}

export function queryError({ code, message, status }: AwsError, protocol: QueryProtocol, requestId: string): string {
  const type = element('Type', status < 500 ? 'Sender' : 'Receiver');
  const error = element('Error', type + element('Code', code) + element('Message', escaped(message)));
  return document('ErrorResponse', protocol, error + element('RequestId', requestId));
}

function document(root: string, { namespace }: QueryProtocol, content: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="${namespace}">${content}</${root}>`;
}

function element(name: string, content: string): string {
  return `<${name}>${content}</${name}>`;
}

/** The SDK's own serializer does the same by way of a tree, which takes several times as long for a long page. */
function write(schema: NormalizedSchema, value: unknown, name: string): string {
  if (value === undefined || value === null) {
    return '';
  }
  if (schema.isStructSchema()) {
    let content = '';
    for (const [member, memberSchema] of schema.structIterator()) {
      content += write(
        memberSchema,
        (value as Record<string, unknown>)[member],
        memberSchema.getMergedTraits().xmlName ?? member,
      );
    }
    return element(name, content);
  }
  if (schema.isListSchema()) {
    const items = schema.getValueSchema();
    const isFlat = schema.getMergedTraits().xmlFlattened;
    const itemName = isFlat ? name : (items.getMergedTraits().xmlName ?? 'member');
    const content = (value as unknown[]).map((item) => write(items, item, itemName)).join('');
    return isFlat ? content : element(name, content);
  }
  if (schema.isMapSchema()) {
    throw new Error(`the fake cannot write ${schema.getName()} into an answer`);
  }
  return element(name, types.isDate(value) ? value.toISOString() : escaped(String(value)));
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#xD;' };

function escaped(text: string): string {
  return text.replace(/[&<>\r]/g, (character) => ESCAPES[character] ?? character);
}

function put(into: Map<string, Node>, [first = '', ...rest]: readonly string[], value: string): void {
  if (rest.length === 0) {
    into.set(first, value);
    return;
  }
  const found = into.get(first);
  const next = found instanceof Map ? found : new Map<string, Node>();
  into.set(first, next);
  put(next, rest, value);
}

function read(schema: NormalizedSchema, node: Node): unknown {
  if (schema.isStructSchema()) {
    return readStructure(schema, node);
  }
  if (schema.isListSchema()) {
    return readList(schema, node);
  }
  if (node instanceof Map) {
    throw new Error(`the fake cannot read ${schema.getName()} from a request`);
  }
  if (schema.isBooleanSchema()) {
    return node === 'true';
  }
  if (schema.isNumericSchema()) {
    return Number(node);
  }
  return schema.isTimestampSchema() ? new Date(node) : node;
}

function readStructure(schema: NormalizedSchema, node: Node): object {
  const members: Record<string, unknown> = {};
  for (const [name, member] of schema.structIterator()) {
    const value = node instanceof Map ? node.get(member.getMergedTraits().xmlName ?? name) : undefined;
    if (value !== undefined) {
      members[name] = read(member, value);
    }
  }
  return members;
}

/** An empty list is there as an empty value. */
function readList(schema: NormalizedSchema, node: Node): unknown[] {
  if (!(node instanceof Map)) {
    return [];
  }
  const element = schema.getValueSchema();
  const elements = schema.getMergedTraits().xmlFlattened
    ? node
    : node.get(element.getMergedTraits().xmlName ?? 'member');
  return elements instanceof Map
    ? [...elements].sort(([one], [other]) => Number(one) - Number(other)).map(([, value]) => read(element, value))
    : [];
}
