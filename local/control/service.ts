import type { Fault } from './faults';

/** A request that came through the guard. */
export interface Call {
  /** `X-Amz-Target`, which AWS JSON names the operation in. */
  readonly target: string | undefined;
  readonly body: Buffer;
  readonly requestId: string;
}

/** How requests, answers and errors are written. */
export interface Protocol {
  readonly contentType: string;
  fault(fault: Fault, requestId: string): { readonly text: string; readonly headers: Readonly<Record<string, string>> };
}

/** One of AWS's services, as far as it is answered for here. */
export interface Service extends Protocol {
  /** What the protocol is called, for who comes with another. */
  readonly protocol: 'the query protocol' | 'AWS JSON 1.0';
  /** @throws Fault when the request is refused */
  answer(call: Call): Promise<string>;
}
