import { isIP } from 'node:net';

/** Where a node listens. */
export interface NodeAddress {
  /** The name its certificate must show. */
  readonly host: string;
  readonly port: number;
  /** Where it can be reached without asking DNS. */
  readonly ip?: string;
}

/** `host:port`, which is the node's identity: with another address it is still the same node. */
export function nodeName({ host, port }: NodeAddress): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}
