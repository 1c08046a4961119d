import { randomBytes } from 'node:crypto';

/** A password that nobody chose, of 192 random bits. */
export function newSecret(): string {
  return randomBytes(24).toString('base64url');
}
