/** What a command was asked for is not there, or cannot be done as it was asked. */
export class AskedWronglyError extends Error {}

/** AWS refused, did not answer, or could not be reached. */
export class RefusedError extends Error {
  /** @param code AWS's, for example `AccessDenied` */
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** It took longer than it was given. */
export class TimedOutError extends Error {}

/** What went wrong with a call, in AWS's code and a sentence that says what to do where that is known. */
export interface CallProblem {
  readonly code: string;
  readonly message: string;
  readonly isTimeout: boolean;
}

/** Codes of the SDK's own for an answer that did not come in time. */
const TIMEOUTS = new Set(['TimeoutError', 'AbortError', 'ETIMEDOUT', 'ESOCKETTIMEDOUT', 'RequestTimeout']);

/** Longest part of a message from elsewhere that is shown, in characters. */
const LONGEST_MESSAGE = 400;

/** @param action as IAM writes it, for example `rds:DescribeDBInstances` */
export function callProblem(error: unknown, action: string, region: string): CallProblem {
  const { name, message, code: systemCode } = error as Error & { code?: string };
  const code = systemCode ?? name;
  const isTimeout = TIMEOUTS.has(code) || TIMEOUTS.has(name);
  return { code, message: advice(code, printable(message), action, region), isTimeout };
}

/** An error that ends a command, of a call without which nothing can be said. */
export function asFatal(error: unknown, action: string, region: string): Error {
  if (error instanceof AskedWronglyError || error instanceof RefusedError || error instanceof TimedOutError) {
    return error;
  }
  const { code, message, isTimeout } = callProblem(error, action, region);
  return isTimeout ? new TimedOutError(message) : new RefusedError(code, `${code}: ${message}`);
}

/** What came from elsewhere as one line without control characters, which a terminal would carry out. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  const line = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim();
  return line.length > LONGEST_MESSAGE ? `${line.slice(0, LONGEST_MESSAGE)}…` : line;
}

function advice(code: string, message: string, action: string, region: string): string {
  switch (code) {
    case 'AccessDenied':
    case 'AccessDeniedException':
    case 'UnauthorizedOperation':
      return `AWS does not allow these credentials ${action}`;
    case 'CredentialsProviderError':
      return 'no AWS credentials were found: sign in, or set AWS_PROFILE';
    case 'ExpiredToken':
    case 'ExpiredTokenException':
      return 'the AWS credentials have expired: sign in again';
    case 'InvalidClientTokenId':
    case 'UnrecognizedClientException':
      return 'AWS does not know these credentials';
    case 'SignatureDoesNotMatch':
    case 'RequestTimeTooSkewed':
    case 'InvalidSignatureException':
      return `AWS does not accept the signature: is this machine's clock right? (${message})`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${action.split(':')[0]} has no address in ${region}: does the region have the service, and is there a network? (${message})`;
    case 'ECONNREFUSED':
      return `nothing listens there (${message})`;
    default:
      return TIMEOUTS.has(code) ? `${action} was not answered in time` : message || `${action} failed`;
  }
}
