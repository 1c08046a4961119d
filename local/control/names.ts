/** No account is behind a local environment. */
const ACCOUNT = '000000000000';

/** @param resource what comes behind the account, for example `cluster:sessions-001` */
export function arn(service: string, region: string, resource: string): string {
  return `arn:aws:${service}:${region}:${ACCOUNT}:${resource}`;
}
