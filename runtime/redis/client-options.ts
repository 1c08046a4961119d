import { readFileSync } from 'node:fs';
import type { RespVersions } from '@redis/client';
import type { CacheBinding } from '../binding';
import { type CredentialsProvider, loginOf, reauthenticateAfterMs, renewingCredentials } from './login';

/** A connection attempt that is not through after this long is given up, in milliseconds. */
export const CONNECT_TIMEOUT_MS = 2_000;

/** RESP's number for blob strings; they are read as bytes, because entries are no text. */
const BLOB_STRING = 36;

/** No modules, functions or scripts of the client's own. */
export type None = Record<never, never>;

/** Given once and not with each command, which would copy them each time. */
export const COMMAND_OPTIONS = { timeout: undefined, typeMapping: { [BLOB_STRING]: Buffer } };

/**
 * What the client library knows a client's class by. It makes a class with all commands for each client, 85 to 375 ms of
 * work in one piece on two busy cores, and keeps only the last one, under the JSON of all options: hosts, ports and
 * certificates included. Those make no other class, so they are left out, and every client after the first costs 0.4 ms.
 */
export function classKey(resp: RespVersions) {
  return { toJSON: () => `RESP ${resp}` };
}

/**
 * Settings that every connection shares. The client's own time-outs are switched off: `commandOptions.timeout` costs
 * four fifths of its throughput and does not bound a frozen server, and `socketTimeout` alone never reconnects
 * (measured, ADR 8). Every call is bounded by our own guard instead.
 */
export function clientOptions<RESP extends RespVersions>(
  binding: CacheBinding,
  resp: RESP,
  onLoginRefused: (error: Error) => void,
) {
  return {
    RESP: resp,
    disableOfflineQueue: true,
    maintNotifications: 'disabled',
    commandOptions: COMMAND_OPTIONS,
    ...classKey(resp),
    ...credentials(binding, onLoginRefused),
  } as const;
}

/** Socket settings without the address. A certificate is always verified: there is no way to switch that off. */
export function socketOptions(binding: CacheBinding) {
  return {
    connectTimeout: CONNECT_TIMEOUT_MS,
    ...(binding.tls
      ? { tls: true as const, ...(binding.ca === undefined ? {} : { ca: readAuthority(binding.ca) }) }
      : {}),
  };
}

const authorities = new Map<string, Buffer>();

/** Read at every connect, because authorities are rotated; a file that is gone by then is no reason to stay away. */
function readAuthority(file: string): Buffer {
  try {
    authorities.set(file, readFileSync(file));
  } catch (error) {
    if (!authorities.has(file)) {
      throw error;
    }
  }
  return authorities.get(file) as Buffer;
}

function credentials(
  binding: CacheBinding,
  onLoginRefused: (error: Error) => void,
): { credentialsProvider?: CredentialsProvider } {
  const login = loginOf(binding);
  return login === undefined
    ? {}
    : { credentialsProvider: renewingCredentials(login, reauthenticateAfterMs(binding), onLoginRefused) };
}
