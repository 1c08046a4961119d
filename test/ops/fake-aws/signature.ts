import type { IncomingMessage } from 'node:http';
import { AwsError } from './aws-error';

/** What a request is signed for. Nothing else of the signature is checked: there is no secret to check it by. */
export interface Scope {
  readonly region: string;
  /** Name of the service, which CloudWatch for example has another of than in IAM. */
  readonly signingName: string;
  readonly signedAt: Date;
}

/** @throws AwsError when it is not signed as AWS wants it */
export function scopeOf({ headers }: IncomingMessage): Scope {
  const [, region = '', signingName = ''] =
    /^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request,/.exec(headers.authorization ?? '') ??
    [];
  const date = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(String(headers['x-amz-date']));
  if (signingName === '' || date === null) {
    throw new AwsError('MissingAuthenticationToken', 'Request is missing Authentication Token', 403);
  }
  const [year, month, day, hour, minute, second] = date.slice(1).map(Number) as [number, ...number[]];
  return { region, signingName, signedAt: new Date(Date.UTC(year, (month ?? 1) - 1, day, hour, minute, second)) };
}
