import { connect as connectTcp, isIP, type OnReadOpts, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { NodeAddress } from './node-address';

export interface TlsOptions {
  /**
   * The certificate authority that signed the nodes' certificates, as PEM.
   *
   * @default - the authorities that Node.js trusts, which include Amazon's
   */
  readonly ca?: string | Buffer;
}

export interface OpenSocketOptions {
  readonly address: NodeAddress;
  /** Whether to go to the address's `ip`, if it has one, instead of asking DNS for its host. */
  readonly byIp: boolean;
  readonly tls: TlsOptions | undefined;
  /** One buffer for all reads. @default - `data` events */
  readonly onread?: OnReadOpts;
  /** Called when requests may be sent: with TLS, once the certificate has been verified. */
  readonly opened: () => void;
}

/**
 * Opens a connection to a node.
 *
 * With TLS the certificate is always verified, against the name of the host also when its IP address is dialled;
 * `NODE_TLS_REJECT_UNAUTHORIZED` does not change that.
 */
export function openSocket({ address, byIp, tls, onread, opened }: OpenSocketOptions): Socket {
  const target = {
    host: byIp && address.ip !== undefined ? address.ip : address.host,
    port: address.port,
    noDelay: true,
    ...(onread === undefined ? {} : { onread }),
  };
  if (tls === undefined) {
    return connectTcp(target, opened);
  }
  return connectTls(
    {
      ...target,
      // An IP address may not be sent as a server name; it is verified as the host that was dialled.
      ...(isIP(address.host) === 0 ? { servername: address.host } : { host: address.host }),
      ...(tls.ca === undefined ? {} : { ca: tls.ca }),
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2',
    },
    opened,
  );
}

/** What went wrong, in words. When several addresses of a host were tried, the error has a code only. */
export function connectionFailure(error: NodeJS.ErrnoException): string {
  return `lost its connection: ${error.message || error.code}`;
}
