import { createHash } from 'node:crypto';

/** Where and when an environment is. */
export interface Place {
  /** Name of the environment, for example `prod`. */
  readonly environment: string;
  readonly isDisposable: boolean;
  readonly now: Date;
}

export const REGION = 'us-east-1';
export const ACCOUNT = '111122223333';
export const ZONES = ['us-east-1a', 'us-east-1b', 'us-east-1c'] as const;

export const HOUR_MS = 60 * 60_000;
export const DAY_MS = 24 * HOUR_MS;

export const MIB = 1_024 ** 2;
export const GIB = 1_024 ** 3;

export function arnOf(service: string, resource: string): string {
  return `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;
}

export function ago(now: Date, milliseconds: number): Date {
  return new Date(now.getTime() - milliseconds);
}

/** As many digits of a number in base 16 as are asked for, the same whenever it is asked for the same thing. */
export function hexOf(thing: string, digits: number): string {
  return createHash('sha256').update(thing).digest('hex').slice(0, digits);
}

/** An id such as `subnet-0123456789abcdef0`. */
export function idOf(kind: string, thing: string): string {
  return `${kind}-0${hexOf(`${kind} ${thing}`, 16)}`;
}

export function subnetOf({ environment }: Place, zone: string): string {
  return idOf('subnet', `${environment} data ${zone}`);
}

export function vpcOf({ environment }: Place): string {
  return idOf('vpc', environment);
}
