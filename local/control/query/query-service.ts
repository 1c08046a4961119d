import { Fault, invalidAction, missingParameter, validationError } from '../faults';
import type { Call, Protocol, Service } from '../service';
import { answerXml, faultXml } from './answers';
import type { QueryOperation } from './operation';
import { QueryRequest } from './query-request';

export interface QueryServiceOptions<Context> {
  /** What its namespace begins with, for example `http://rds.amazonaws.com`. */
  readonly host: string;
  /** Of its API, for example `2014-10-31`. */
  readonly version: string;
  /** By AWS's names. */
  readonly operations: ReadonlyMap<string, QueryOperation<Context>>;
  /** What the operations work on. */
  readonly context: Context;
  /** Whether it calls everything that is wrong with a parameter a `ValidationError`. */
  readonly hasOneCode: boolean;
}

const PARAMETER_CODES = ['InvalidParameterValue', 'InvalidParameterCombination', 'MissingParameter'];

/** The protocol of a service whose parameters come as a form, and whose answers are XML. */
export function queryProtocol(namespace: string): Protocol {
  return {
    contentType: 'text/xml',
    fault: (fault, requestId) => ({ text: faultXml(namespace, fault, requestId), headers: {} }),
  };
}

/** A service that speaks the AWS query protocol. */
export function queryService<Context>(options: QueryServiceOptions<Context>): Service {
  const namespace = `${options.host}/doc/${options.version}/`;
  return {
    ...queryProtocol(namespace),
    protocol: 'the query protocol',
    async answer({ body, requestId }: Call) {
      try {
        const request = QueryRequest.parse(body);
        const { action, operation } = operationIn(request, options);
        const run = operation(request);
        request.refuseUnread();
        return answerXml(namespace, action, requestId, run(options.context));
      } catch (error) {
        const isOfParameter = error instanceof Fault && PARAMETER_CODES.includes(error.code);
        throw options.hasOneCode && isOfParameter ? validationError(error.message) : error;
      }
    },
  };
}

function operationIn<Context>(
  { action, version }: QueryRequest,
  { version: known, operations }: QueryServiceOptions<Context>,
): { readonly action: string; readonly operation: QueryOperation<Context> } {
  if (!action) {
    throw new Fault('MissingAction', 'The request must contain the parameter Action');
  }
  if (!version) {
    throw missingParameter('Version');
  }
  const operation = version === known ? operations.get(action) : undefined;
  if (operation === undefined) {
    throw invalidAction(action, version, operations.keys());
  }
  return { action, operation };
}
