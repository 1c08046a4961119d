import { readFileSync } from 'node:fs';
import { connect as connectTcp, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import type { Certificates } from '../certificates';
import type { EngineBinary } from '../engines';
import { ManagedProcess, waitUntilReady } from '../managed-process';
import { freePort, LOOPBACK } from '../port';
import { unprivilegedIdentity } from '../unprivileged';

const START_TIMEOUT_MS = 10_000;

/** A node that takes longer for a command does not answer, in milliseconds. */
const ANSWER_TIMEOUT_MS = 1_000;

/** What a node holds when nothing is said, in bytes. */
const MEMORY_BYTES = 64 * 1024 ** 2;

/** What every memcached here is started with. */
export interface MemcachedOptions {
  /** Cache cluster id. */
  readonly name: string;
  /** What messages call it, for example `dev/data/Objects`. */
  readonly label: string;
  readonly binary: EngineBinary;
  readonly directory: string;
  /** `undefined` where the template switches TLS off. */
  readonly certificates: Certificates | undefined;
  /** Switches of the program, out of the parameter group. */
  readonly switches?: readonly string[];
  readonly memoryBytes?: number;
  /** Availability Zones, which the nodes take in turn. */
  readonly zones?: readonly string[];
  readonly started: (process: ManagedProcess) => void;
  readonly failed?: (error: Error) => void;
}

/** A memcached process, which loses what it holds whenever it ends. */
export class MemcachedNode {
  /** The process that runs now; another one after a restart. */
  process!: ManagedProcess;

  /** @param number of the node, from 1 */
  static async start(options: MemcachedOptions, number: number): Promise<MemcachedNode> {
    const node = new MemcachedNode(options, number, await freePort());
    await node.restart();
    return node;
  }

  private constructor(
    private readonly options: MemcachedOptions,
    private readonly number: number,
    readonly port: number,
  ) {}

  /** For example `0001`. */
  get id(): string {
    return String(this.number).padStart(4, '0');
  }

  get zone(): string {
    const { zones = [] } = this.options;
    return zones[(this.number - 1) % Math.max(1, zones.length)] ?? '';
  }

  get isRunning(): boolean {
    return this.process.isRunning;
  }

  /** Starts it, empty, on the same port as before. */
  async restart(): Promise<void> {
    const { binary, certificates, directory, label, memoryBytes, switches = [] } = this.options;
    this.process = new ManagedProcess({
      name: `${binary.product} ${label}-${this.id}`,
      command: binary.path,
      args: [
        ...[
          '-l',
          LOOPBACK,
          '-p',
          String(this.port),
          '-m',
          String(Math.floor((memoryBytes ?? MEMORY_BYTES) / 1024 ** 2)),
        ],
        ...(certificates ? ['-Z', '-o', `ssl_chain_cert=${certificates.certificate},ssl_key=${certificates.key}`] : []),
        ...(unprivilegedIdentity() ? ['-u', 'nobody'] : []),
        ...switches,
      ],
      logFile: join(directory, `${this.id}.log`),
      environment: { ...binary.environment, PATH: process.env.PATH ?? '' },
    });
    this.options.started(this.process);
    await waitUntilReady(this.process, async () => void (await this.ask('version', '\r\n')), START_TIMEOUT_MS);
  }

  /** Forgets everything it holds. */
  async flush(): Promise<void> {
    await this.ask('flush_all', 'OK\r\n');
  }

  /** What it counts, by name. */
  async stats(): Promise<ReadonlyMap<string, string>> {
    const lines = (await this.ask('stats', 'END\r\n')).split('\r\n');
    return new Map(
      lines.flatMap((line): Array<[string, string]> => {
        const [word, name, value] = line.split(' ');
        return word === 'STAT' && name !== undefined && value !== undefined ? [[name, value]] : [];
      }),
    );
  }

  /** Sends one command of the text protocol. @returns what comes back, up to the given end */
  private ask(command: string, end: string): Promise<string> {
    const { certificates } = this.options;
    return new Promise((resolve, reject) => {
      const ask = () => socket.write(`${command}\r\n`);
      const socket: Socket =
        certificates === undefined
          ? connectTcp({ host: LOOPBACK, port: this.port }, ask)
          : connectTls({ host: LOOPBACK, port: this.port, ca: readFileSync(certificates.ca) }, ask);
      let answer = '';
      socket.setEncoding('latin1');
      socket.setTimeout(ANSWER_TIMEOUT_MS, () => socket.destroy(new Error('no answer')));
      socket.once('error', reject);
      socket.once('close', () => reject(new Error('the connection ended')));
      socket.on('data', (chunk) => {
        answer += chunk;
        if (answer.endsWith(end)) {
          socket.destroy();
          resolve(answer);
        }
      });
    });
  }
}
