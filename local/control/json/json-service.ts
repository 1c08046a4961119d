import { Fault, validationError } from '../faults';
import type { Call, Protocol, Service } from '../service';
import { JsonRequest } from './json-request';

/** What is answered in JSON; times are seconds since 1970. */
export type JsonAnswer = Readonly<Record<string, unknown>>;

/** Reads the members of a request, and returns what it asks for. */
export type JsonOperation<Context> = (request: JsonRequest) => (context: Context) => JsonAnswer | Promise<JsonAnswer>;

export interface JsonServiceOptions<Context> {
  /** What `X-Amz-Target` names the operations of, before a dot. */
  readonly target: string;
  /** By AWS's names. */
  readonly operations: ReadonlyMap<string, JsonOperation<Context>>;
  /** What the operations work on. */
  readonly context: Context;
}

/** Errors also in the header that clients of a service that once spoke the query protocol read. */
export const JSON_PROTOCOL: Protocol = {
  contentType: 'application/x-amz-json-1.0',
  fault: ({ code, message, status }) => ({
    text: JSON.stringify({ __type: code, message }),
    headers: { 'x-amzn-query-error': `${code};${status < 500 ? 'Sender' : 'Receiver'}` },
  }),
};

/** A service that speaks AWS JSON 1.0, and calls everything that is wrong with a parameter a `ValidationError`. */
export function jsonService<Context>({ target, operations, context }: JsonServiceOptions<Context>): Service {
  return {
    ...JSON_PROTOCOL,
    protocol: 'AWS JSON 1.0',
    async answer(call: Call) {
      const operation = operationIn(call.target, target, operations);
      const request = JsonRequest.parse(call.body);
      try {
        const run = operation(request);
        request.refuseUnread();
        return JSON.stringify(await run(context));
      } catch (error) {
        throw error instanceof Fault && error.code === 'InvalidParameterValue' ? validationError(error.message) : error;
      }
    },
  };
}

function operationIn<Context>(
  asked: string | undefined,
  target: string,
  operations: ReadonlyMap<string, JsonOperation<Context>>,
): JsonOperation<Context> {
  const [service, name = ''] = asked?.split('.') ?? [];
  const operation = service === target ? operations.get(name) : undefined;
  if (operation === undefined) {
    throw new Fault(
      'UnknownOperationException',
      `Could not find operation ${asked}. The local environment has: ${[...operations.keys()].join(', ')}`,
    );
  }
  return operation;
}
