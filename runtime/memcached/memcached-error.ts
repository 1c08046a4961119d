/**
 * Why a call failed.
 *
 * - `TIMEOUT`: no answer within the deadline; a write may have happened all the same;
 * - `CONNECTION`: no connection to any node that could answer, or it was lost before the answer;
 * - `REFUSED`: the engine answered, with an error (`SERVER_ERROR`, `CLIENT_ERROR`, `ERROR`);
 * - `TOO_LARGE`: the value is larger than `maxValueBytes`; nothing was sent;
 * - `BAD_KEY`: the key is not 1 to 250 bytes of printable ASCII without spaces; nothing was sent;
 * - `OVERLOADED`: as many calls as the bound allows wait for this node already; nothing was sent;
 * - `PROTOCOL`: an answer that cannot be trusted; the connection it came over was given up;
 * - `CLOSED`: the client was closed.
 */
export type MemcachedErrorCode =
  | 'TIMEOUT'
  | 'CONNECTION'
  | 'REFUSED'
  | 'TOO_LARGE'
  | 'BAD_KEY'
  | 'OVERLOADED'
  | 'PROTOCOL'
  | 'CLOSED';

/**
 * A call that failed.
 *
 * Calls that fail together, because their connection was lost, share one error.
 */
export class MemcachedError extends Error {
  override readonly name = 'MemcachedError';

  constructor(
    readonly code: MemcachedErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
