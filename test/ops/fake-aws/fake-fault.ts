import { AwsError } from './aws-error';
import type { Service } from './operation';

/** Something that goes wrong with calls, instead of or before their answer. */
export type FakeFault = {
  /** As IAM writes it, for example `rds:DescribeDBInstances`. @default every action */
  readonly action?: string | RegExp;
  /** How many calls it happens to. @default every call from now on */
  readonly times?: number;
} & FaultKind;

type FaultKind =
  | { readonly kind: 'throttle' }
  | { readonly kind: 'error'; readonly status: number }
  /** Answers, but later. */
  | { readonly kind: 'slow'; readonly ms: number }
  | { readonly kind: 'hang' }
  | { readonly kind: 'reset' }
  /** The connection ends in the middle of the answer. */
  | { readonly kind: 'cut' }
  | { readonly kind: 'denied'; readonly message?: string }
  | { readonly kind: 'expired' }
  /**
   * AWS's clock is ahead by so much, or behind: what is signed by another clock is refused, with the time in the
   * header `Date`. If it is `fixed`, it is refused whatever clock it is signed by.
   */
  | { readonly kind: 'skew'; readonly ms: number; readonly fixed?: boolean }
  /** A proxy answers in AWS's place. */
  | { readonly kind: 'html' };

/** How far the clock of a request may be off. https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html */
const MOST_SKEW_MS = 5 * 60_000;

/** The faults that a test has asked for, the first that fits before the others. */
export class Faults {
  private faults: Array<{ readonly fault: FakeFault; left: number }> = [];

  add(fault: FakeFault): void {
    this.faults.push({ fault, left: fault.times ?? Number.POSITIVE_INFINITY });
  }

  clear(): void {
    this.faults = [];
  }

  /** What happens to a call, which is one time less that it happens. */
  next(action: string): FakeFault | undefined {
    const found = this.faults.find(({ fault, left }) => left > 0 && isOf(fault, action));
    if (found === undefined) {
      return undefined;
    }
    found.left -= 1;
    return found.fault;
  }
}

function isOf({ action }: FakeFault, called: string): boolean {
  return action instanceof RegExp ? action.test(called) : action === undefined || action === called;
}

/** @returns what is answered in place of the answer; `undefined` where the fault is none of the answer's */
export function errorOf(fault: FakeFault, service: Service, action: string, account: string): AwsError | undefined {
  const isJson = service.protocol.name === 'json';
  switch (fault.kind) {
    case 'throttle':
      return new AwsError(isJson ? 'ThrottlingException' : 'Throttling', 'Rate exceeded');
    case 'error':
      return fault.status === 503
        ? new AwsError('ServiceUnavailable', 'The service is unavailable. Please try again shortly.', 503)
        : new AwsError('InternalFailure', 'An internal error has occurred.', fault.status);
    case 'denied':
      return new AwsError(
        isJson ? 'AccessDeniedException' : 'AccessDenied',
        fault.message ??
          `User: arn:aws:iam::${account}:user/operator is not authorized to perform: ${action} because no ` +
            `identity-based policy allows the ${action} action`,
        isJson ? 400 : 403,
      );
    case 'expired':
      return new AwsError(
        isJson ? 'ExpiredTokenException' : 'ExpiredToken',
        'The security token included in the request is expired',
        isJson ? 400 : 403,
      );
    default:
      return undefined;
  }
}

/** @returns what is answered to a request that was signed by another clock than AWS's; `undefined` where it was not */
export function skewErrorOf(
  isFixed: boolean,
  signedAt: Date,
  clock: Date,
  { protocol }: Service,
): AwsError | undefined {
  const isJson = protocol.name === 'json';
  const refuse = (message: string) =>
    new AwsError(isJson ? 'InvalidSignatureException' : 'SignatureDoesNotMatch', message, isJson ? 400 : 403);
  const earliest = new Date(clock.getTime() - MOST_SKEW_MS);
  const latest = new Date(clock.getTime() + MOST_SKEW_MS);
  if (signedAt < earliest) {
    return refuse(
      `Signature expired: ${basicTime(signedAt)} is now earlier than ${basicTime(earliest)} (${basicTime(clock)} - 5 min.)`,
    );
  }
  if (signedAt > latest) {
    return refuse(
      `Signature not yet current: ${basicTime(signedAt)} is still later than ${basicTime(latest)} (${basicTime(clock)} + 5 min.)`,
    );
  }
  return isFixed ? refuse('The request signature we calculated does not match the signature you provided.') : undefined;
}

/** ISO 8601 without separators, as signatures have it. */
function basicTime(date: Date): string {
  return date.toISOString().replace(/[-:]|\.\d{3}/g, '');
}
