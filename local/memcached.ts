import { connect as connectTcp, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import type { EngineBinary } from './engines';
import { ManagedProcess, waitUntilReady } from './managed-process';
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
  const endpoint = await startConfigurationEndpoint(nodes.map(({ port }) => port));
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
  const node = new ManagedProcess({
    name: `${options.binary.product} ${name}`,
    command: options.binary.path,
    args: ['-l', LOOPBACK, '-p', String(port), '-m', String(MEMORY_MB), ...(identity ? ['-u', 'nobody'] : [])],
    logFile: join(options.directory, `${name}.log`),
    environment: { ...options.binary.environment, PATH: process.env.PATH ?? '' },
  });
  options.started(node);
  await waitUntilReady(node, () => answersVersion(port), START_TIMEOUT_MS);
  return { port, process: node };
}

function answersVersion(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp({ host: LOOPBACK, port }, () => socket.write('version\r\n'));
    socket.setTimeout(1_000, () => socket.destroy(new Error('no answer')));
    socket.once('error', reject);
    socket.once('data', () => {
      socket.end();
      resolve();
    });
  });
}

/** Speaks the one command of ElastiCache's auto discovery. */
function startConfigurationEndpoint(ports: readonly number[]): Promise<Server> {
  const nodes = ports.map((port) => `localhost|${LOOPBACK}|${port}`).join(' ');
  const content = `1\n${nodes}\n`;
  const answer = `CONFIG cluster 0 ${content.length}\r\n${content}\r\nEND\r\n`;
  const server = createServer((socket) => {
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
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: LOOPBACK, port: 0 }, () => resolve(server));
  });
}
