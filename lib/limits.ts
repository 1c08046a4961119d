import { Token } from 'aws-cdk-lib';

/** One limit: when it is broken, and what to say then. */
export interface Limit {
  readonly broken: boolean;
  readonly message: string;
}

/** Throws the first limit that is broken. */
export function enforce(limits: Limit[]): void {
  const broken = limits.find((limit) => limit.broken);
  if (broken !== undefined) {
    throw new Error(broken.message);
  }
}

/** A whole number within a range; a token, whose value is not known yet, passes. */
export function wholeNumber(name: string, value: number, min: number, max: number): Limit {
  return {
    broken: !Token.isUnresolved(value) && !(Number.isInteger(value) && value >= min && value <= max),
    message: `\`${name}\` must be between ${min} and ${max}, got ${value}`,
  };
}

/** A whole number that is not too small, where only a quota says how great it may be; a token passes. */
export function atLeast(name: string, value: number, min: number): Limit {
  return {
    broken: !Token.isUnresolved(value) && !(Number.isInteger(value) && value >= min),
    message: `\`${name}\` must be a whole number of at least ${min}, got ${value}`,
  };
}
