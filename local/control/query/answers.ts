import { XMLBuilder } from 'fast-xml-parser';
import type { Fault } from '../faults';

/** What XML 1.0 has no way to write. */
const NOT_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** Members of a structure by AWS's names; those that are `undefined` are left out. */
export interface Answer {
  readonly [member: string]: AnswerValue | undefined;
}

export type AnswerValue = string | number | boolean | Date | Answer | AnswerList;

/** A list, and what its elements are called in XML. */
export class AnswerList {
  constructor(
    readonly element: string,
    readonly items: ReadonlyArray<string | Answer>,
  ) {}
}

const builder = new XMLBuilder({ ignoreAttributes: false, suppressEmptyNode: true });

export function answerXml(namespace: string, action: string, requestId: string, answer: Answer): string {
  return document(namespace, `${action}Response`, {
    [`${action}Result`]: answer,
    ResponseMetadata: { RequestId: requestId },
  });
}

export function faultXml(namespace: string, fault: Fault, requestId: string): string {
  return document(namespace, 'ErrorResponse', {
    Error: { Type: fault.status < 500 ? 'Sender' : 'Receiver', Code: fault.code, Message: fault.message },
    RequestId: requestId,
  });
}

function document(namespace: string, root: string, answer: Answer): string {
  return builder.build({ [root]: { '@_xmlns': namespace, ...plain(answer) } });
}

function plain(answer: Answer): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(answer).flatMap(([name, value]) => (value === undefined ? [] : [[name, node(value)]])),
  );
}

function node(value: AnswerValue): unknown {
  if (value instanceof Date) {
    return value.toISOString();
  }
  if (value instanceof AnswerList) {
    return { [value.element]: value.items.map(node) };
  }
  if (typeof value === 'object') {
    return plain(value);
  }
  return String(value).replace(NOT_XML, '\ufffd');
}
