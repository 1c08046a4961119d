import type { DescribeStacks$ } from '@aws-sdk/client-cloudformation';
import type { AwsError } from './aws-error';
import type { Durations } from './durations';
import type { FakeState } from './fake-state';
import type { PageTokens } from './page-tokens';
import type { Timeline } from './timeline';

/** Every client exports one for each of its operations, by its name and `$`. */
export type OperationSchema = typeof DescribeStacks$;

/** What an operation works on. */
export interface Context {
  readonly state: FakeState;
  readonly now: Date;
  /** As IAM writes it. */
  readonly action: string;
  readonly tokens: PageTokens;
  readonly timeline: Timeline;
  readonly durations: Durations;
  /** When failovers were tested. */
  readonly failovers: Date[];
}

export interface Operation {
  readonly schema: OperationSchema;
  /** Members of the input that the fake knows. A request with another is refused, instead of answered wrongly. */
  readonly reads: readonly string[];
  /** @throws AwsError what AWS would answer */
  readonly run: (input: never, context: Context) => object;
}

/** One of AWS's services, as far as the fake has it. */
export interface Service {
  /** Prefix of its actions in IAM. */
  readonly prefix: string;
  /** What requests to it are signed for. */
  readonly signingName: string;
  readonly protocol: QueryProtocol | JsonProtocol;
  readonly operations: readonly Operation[];
  /** What it says of a parameter that is not valid. */
  readonly invalid: (message: string) => AwsError;
}

export interface QueryProtocol {
  readonly name: 'query';
  /** Of the API, for example `2015-02-02`. */
  readonly version: string;
  readonly namespace: string;
}

export interface JsonProtocol {
  readonly name: 'json';
  /** `1.0` or `1.1`. */
  readonly version: string;
  /** What `X-Amz-Target` has before the name of the operation. */
  readonly target: string;
  /** Whether it spoke the query protocol before, and still answers with that protocol's codes. */
  readonly isQueryCompatible: boolean;
}

export function operation<Input, Output extends object>(
  schema: OperationSchema,
  reads: ReadonlyArray<keyof Input & string>,
  run: (input: Input, context: Context) => Output,
): Operation {
  return { schema, reads, run };
}

export function nameOf({ schema }: Operation): string {
  return schema[2];
}
