import { readFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Certificates } from '../../local/certificates';
import { LOOPBACK } from '../../local/port';

const SSL = 0x800;

/** Long password and flag, database, protocol 4.1, transactions, secure connection, plugins. */
const CAPABILITIES = 0x1 | 0x4 | 0x8 | 0x200 | 0x2000 | 0x8000 | 0x80000;

/** One login as the server saw it. */
export interface CleartextLogin {
  readonly encrypted: boolean;
  /** What came before the server asked for the token. */
  readonly beforehand: string;
  readonly password: string;
}

/**
 * Asks for a login as RDS's MySQL does with `AWSAuthenticationPlugin`, which nobody else has: after the greeting it
 * switches to `mysql_clear_password`. Every password is taken, and every statement answered with OK.
 *
 * @see https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase.html
 */
export class CleartextMysql {
  readonly logins: CleartextLogin[] = [];
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;

  private constructor(
    private readonly certificates: Certificates,
    /** The plugin that the greeting offers: MySQL 8.0 and 8.4 differ. */
    private readonly greeting: string,
    private readonly tls: boolean,
  ) {
    this.server = createServer((socket) => {
      this.sockets.add(socket);
      socket.on('error', () => {});
      this.serve(socket).catch(() => socket.destroy());
    });
  }

  static async start(certificates: Certificates, greeting: string, tls = true): Promise<CleartextMysql> {
    const mysql = new CleartextMysql(certificates, greeting, tls);
    await new Promise<void>((resolve) => mysql.server.listen(0, LOOPBACK, resolve));
    return mysql;
  }

  get port(): number {
    return (this.server.address() as { port: number }).port;
  }

  /** Ends every connection, as a server does that restarts. */
  disconnect(): void {
    for (const socket of this.sockets) {
      socket.destroy();
    }
    this.sockets.clear();
  }

  async stop(): Promise<void> {
    this.disconnect();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async serve(plain: Socket): Promise<void> {
    write(plain, 0, this.hello());
    let socket: Socket = plain;
    let packet = await read(socket);
    if ((packet.body.readUInt32LE(0) & SSL) !== 0) {
      socket = new TLSSocket(plain, {
        isServer: true,
        key: readFileSync(this.certificates.key),
        cert: readFileSync(this.certificates.certificate),
      });
      socket.on('error', () => {});
      packet = await read(socket);
    }
    const beforehand = packet.body.toString('latin1');
    write(socket, packet.sequence + 1, Buffer.from('\xfemysql_clear_password\0\0', 'latin1'));
    packet = await read(socket);
    this.logins.push({
      encrypted: socket instanceof TLSSocket,
      beforehand,
      password: packet.body.toString('latin1').replace(/\0$/, ''),
    });
    for (;;) {
      write(socket, packet.sequence + 1, Buffer.from([0, 0, 0, 2, 0, 0, 0]));
      packet = await read(socket);
    }
  }

  private hello(): Buffer {
    const flags = Buffer.alloc(4);
    flags.writeUInt32LE(CAPABILITIES | (this.tls ? SSL : 0));
    return Buffer.concat([
      Buffer.from('\x0a8.4.0\0', 'latin1'),
      Buffer.from([1, 0, 0, 0]),
      Buffer.from('12345678\0'),
      flags.subarray(0, 2),
      Buffer.from([45, 2, 0]),
      flags.subarray(2),
      Buffer.from([21]),
      Buffer.alloc(10),
      Buffer.from('123456789012\0'),
      Buffer.from(`${this.greeting}\0`),
    ]);
  }
}

interface WirePacket {
  readonly sequence: number;
  readonly body: Buffer;
}

function write(socket: Socket, sequence: number, body: Buffer): void {
  const head = Buffer.alloc(4);
  head.writeUIntLE(body.length, 0, 3);
  head[3] = sequence;
  socket.write(Buffer.concat([head, body]));
}

/** One packet; what came behind it, which may be the first bytes of TLS, stays in the socket. */
async function read(socket: Socket): Promise<WirePacket> {
  let bytes = Buffer.alloc(0);
  while (bytes.length < 4 || bytes.length < 4 + bytes.readUIntLE(0, 3)) {
    const chunk: Buffer | null = socket.read();
    if (chunk === null) {
      await new Promise<void>((resolve, reject) => {
        socket.once('readable', resolve);
        socket.once('close', () => reject(new Error('closed')));
      });
    } else {
      bytes = Buffer.concat([bytes, chunk]);
    }
  }
  const end = 4 + bytes.readUIntLE(0, 3);
  if (bytes.length > end) {
    socket.unshift(bytes.subarray(end));
  }
  socket.removeAllListeners('readable');
  return { sequence: bytes[3] as number, body: bytes.subarray(4, end) };
}
