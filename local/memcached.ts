import { readFileSync } from 'node:fs';
import { connect as connectTcp, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import type { Certificates } from './certificates';
import type { EngineBinary } from './engines';
import { fileName, ManagedProcess, waitUntilReady } from './managed-process';
import { freePort, LOOPBACK } from './port';
import { unprivilegedIdentity } from './unprivileged';

const START_TIMEOUT_MS = 10_000;

/** Megabytes a node may hold. */
const MEMORY_MB = 64;

export interface MemcachedClusterOptions {
  readonly name: string;
  readonly binary: EngineBinary;
  readonly directory: string;
  readonly nodes: number;
  /** `undefined` where the template switches TLS off. */
  readonly certificates: Certificates | undefined;
  readonly started: (process: ManagedProcess) => void;
}

export interface RunningMemcachedCluster {
  /** The port of the configuration endpoint, which answers `config get cluster`. */
  readonly configurationPort: number;
  readonly nodes: ReadonlyArray<{ readonly port: number; readonly process: ManagedProcess }>;
  close(): Promise<void>;
}

/** Starts independent nodes and the configuration endpoint that names them. */
export async function startMemcachedCluster(options: MemcachedClusterOptions): Promise<RunningMemcachedCluster> {
  const nodes = await Promise.all(Array.from({ length: options.nodes }, (_, index) => startNode(options, index + 1)));
  const endpoint = await startConfigurationEndpoint(
    nodes.map(({ port }) => port),
    options.certificates,
  );
  return {
    configurationPort: (endpoint.address() as { port: number }).port,
    nodes,
    close: () => new Promise((resolve) => endpoint.close(() => resolve())),
  };
}

async function startNode(
  options: MemcachedClusterOptions,
  number: number,
): Promise<{ port: number; process: ManagedProcess }> {
  const port = await freePort();
  const name = `${options.name}-${String(number).padStart(4, '0')}`;
  const identity = unprivilegedIdentity();
  const { certificates } = options;
  const node = new ManagedProcess({
    name: `${options.binary.product} ${name}`,
    command: options.binary.path,
    args: [
      ...['-l', LOOPBACK, '-p', String(port), '-m', String(MEMORY_MB)],
      ...(certificates ? ['-Z', '-o', `ssl_chain_cert=${certificates.certificate},ssl_key=${certificates.key}`] : []),
      ...(identity ? ['-u', 'nobody'] : []),
    ],
    logFile: join(options.directory, `${fileName(name)}.log`),
    environment: { ...options.binary.environment, PATH: process.env.PATH ?? '' },
  });
  options.started(node);
  await waitUntilReady(node, () => answersVersion(port, certificates), START_TIMEOUT_MS);
  return { port, process: node };
}

function answersVersion(port: number, certificates: Certificates | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const ask = () => socket.write('version\r\n');
    const socket: Socket =
      certificates === undefined
        ? connectTcp({ host: LOOPBACK, port }, ask)
        : connectTls({ host: LOOPBACK, port, ca: readFileSync(certificates.ca), servername: 'localhost' }, ask);
    socket.setTimeout(1_000, () => socket.destroy(new Error('no answer')));
    socket.once('error', reject);
    socket.once('data', () => {
      socket.end();
      resolve();
    });
  });
}

/** Speaks the one command of ElastiCache's auto discovery. */
function startConfigurationEndpoint(ports: readonly number[], certificates: Certificates | undefined): Promise<Server> {
  const nodes = ports.map((port) => `localhost|${LOOPBACK}|${port}`).join(' ');
  const content = `1\n${nodes}\n`;
  const answer = `CONFIG cluster 0 ${content.length}\r\n${content}\r\nEND\r\n`;
  const serve = (socket: Socket) => {
    let received = '';
    socket.setEncoding('latin1');
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      received += chunk;
      for (let end = received.indexOf('\r\n'); end >= 0; end = received.indexOf('\r\n')) {
        socket.write(received.slice(0, end).trim() === 'config get cluster' ? answer : 'ERROR\r\n');
        received = received.slice(end + 2);
      }
      if (received.length > 1_024) {
        socket.destroy();
      }
    });
  };
  const server =
    certificates === undefined
      ? createServer(serve)
      : createTlsServer(
          { cert: readFileSync(certificates.certificate), key: readFileSync(certificates.key) },
          serve,
        ).on('tlsClientError', () => {});
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: LOOPBACK, port: 0 }, () => resolve(server));
  });
}
