import { readFileSync } from 'node:fs';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient, ErrorReply, type RedisClientType } from '@redis/client';
import type { Certificates } from '../certificates';
import { ManagedProcess, waitUntilReady } from '../managed-process';
import { freePort, LOOPBACK } from '../port';
import { applyAccess } from './access-rules';
import type { ValkeyOptions } from './cache-options';
import { Endpoint } from './endpoint';

/** What ElastiCache's default parameter groups set. */
const MAXMEMORY_POLICY = 'volatile-lru';

/** What a node holds when nothing is said, in bytes. */
const MEMORY_BYTES = 128 * 1024 ** 2;

const START_TIMEOUT_MS = 10_000;

/** A node that takes longer for an administrator's command does not answer, in milliseconds. */
const ANSWER_TIMEOUT_MS = 2_000;

/** The user that replicas, Sentinel and this environment sign in with, out of the application's sight. */
export const INTERNAL_USER = 'cdk-elasticache';

/** Where and as what a node is started. */
export interface NodePlace {
  /** What its member id ends with: `001`, and with cluster mode on `0001-001`. */
  readonly number: string;
  readonly zone: string;
  /** With cluster mode on. */
  readonly busPort?: number;
  /** A snapshot's file, which it begins with. */
  readonly restoreFrom?: string;
}

/** A Valkey or Redis process and an administrator's way into it. */
export class ValkeyNode {
  /** The process that runs now; another one after a restart. */
  process!: ManagedProcess;
  /** Rules of its users that the engine does not know: nobody has them. */
  unknownRules: readonly string[] = [];
  private client: Promise<RedisClientType> | undefined;

  /**
   * Starts a node, and waits until it takes commands and its users may sign in.
   *
   * @param internalPassword of `INTERNAL_USER`, the same for all nodes of a cache
   * @param primary port of the node that it copies
   */
  static async start(
    options: ValkeyOptions,
    place: NodePlace,
    internalPassword: string,
    primary?: number,
  ): Promise<ValkeyNode> {
    const directory = join(options.directory, `${options.name}-${place.number}`);
    // What another run left: data, and with cluster mode on the nodes of a cluster that is gone.
    await rm(directory, { recursive: true, force: true });
    await mkdir(directory, { recursive: true });
    const port = await freePort();
    const endpoint = place.busPort === undefined ? undefined : await Endpoint.to(port);
    const node = new ValkeyNode(options, place, internalPassword, directory, port, endpoint);
    try {
      await node.launch(primary, place.restoreFrom);
    } catch (error) {
      await node.stop();
      throw error;
    }
    return node;
  }

  private constructor(
    private readonly options: ValkeyOptions,
    private readonly place: NodePlace,
    private readonly internalPassword: string,
    readonly directory: string,
    /** Where the process itself listens. */
    readonly port: number,
    /** With cluster mode on, the address that clients are told. */
    readonly endpoint: Endpoint | undefined,
  ) {}

  /** Member id, for example `sessions-001`. */
  get id(): string {
    return `${this.options.name}-${this.place.number}`;
  }

  get zone(): string {
    return this.place.zone;
  }

  get busPort(): number | undefined {
    return this.place.busPort;
  }

  get isRunning(): boolean {
    return this.process.isRunning;
  }

  /** Where clients reach it. */
  get clientPort(): number {
    return this.endpoint?.port ?? this.port;
  }

  /** Runs a command as administrator. @throws when the node does not answer within two seconds, or refuses */
  async command(...args: string[]): Promise<unknown> {
    return this.bounded(ANSWER_TIMEOUT_MS, async () => {
      this.client ??= this.connect();
      try {
        return await (await this.client).sendCommand(args);
      } catch (error) {
        if (!(error instanceof ErrorReply)) {
          this.disconnect();
        }
        throw error;
      }
    });
  }

  /** A section of `INFO`, by field. */
  async info(section: string): Promise<ReadonlyMap<string, string>> {
    const lines = String(await this.command('INFO', section)).split('\r\n');
    return new Map(lines.flatMap((line) => (line.includes(':') ? [splitOnce(line, ':')] : [])));
  }

  /** Whether it answers within the time. */
  async answers(withinMs: number): Promise<boolean> {
    try {
      await this.bounded(withinMs, async () => this.command('PING'));
      return true;
    } catch {
      return false;
    }
  }

  /** Resolves once it is a primary, or holds what its primary holds. */
  async untilSynced(withinMs = 15_000): Promise<void> {
    await waitUntilReady(
      this.process,
      async () => {
        const replication = await this.info('replication');
        if (replication.get('role') !== 'master' && replication.get('master_link_status') !== 'up') {
          throw new Error('still copying from its primary');
        }
      },
      withinMs,
    );
  }

  /**
   * Of a primary: whether so many replicas have everything that it has. A replica that has just copied says that it is in
   * sync before its primary sends it the first write.
   */
  async isCopied(replicas: number): Promise<boolean> {
    return Number(await this.command('WAIT', String(replicas), String(ANSWER_TIMEOUT_MS / 4))) >= replicas;
  }

  /** Makes it a copy of another node. */
  async follow(primary: number): Promise<void> {
    await this.command('REPLICAOF', LOOPBACK, String(primary));
  }

  /** Starts it again after it ended, on the same port, with what is on its disk where it is durable. */
  async restart(primary?: number): Promise<void> {
    this.disconnect();
    await this.launch(primary);
  }

  /** Applies users, and the parameters that can change while it runs. @returns rules and parameters not taken */
  async apply(options: Pick<ValkeyOptions, 'users' | 'parameters'>): Promise<string[]> {
    const left = await this.applyUsers(options.users);
    for (const [name, value] of Object.entries(options.parameters ?? {})) {
      await this.command('CONFIG', 'SET', name, value.replace(/^""$/, '')).catch(() => left.push(name));
    }
    return left;
  }

  /** Writes what it holds to a file. @returns the file's path */
  async save(): Promise<string> {
    await this.command('SAVE');
    return this.snapshotFile;
  }

  async stop(): Promise<void> {
    this.disconnect();
    await this.process?.stop();
    this.endpoint?.close();
  }

  disconnect(): void {
    const { client } = this;
    this.client = undefined;
    client?.then((opened) => opened.destroy()).catch(() => {});
  }

  private get snapshotFile(): string {
    return join(this.directory, 'dump.rdb');
  }

  private async launch(primary: number | undefined, restoreFrom?: string): Promise<void> {
    // A replica leaves the copy that it was sent, which it would begin with.
    await rm(this.snapshotFile, { force: true });
    if (restoreFrom !== undefined) {
      await copyFile(restoreFrom, this.snapshotFile);
    }
    const configuration = join(this.directory, 'valkey.conf');
    // In files of mode 600 and not on the command line, which every user of the machine can read.
    await writeFile(join(this.directory, 'users.acl'), this.accessControl(), { mode: 0o600 });
    const lines = Object.entries(this.settings(primary, restoreFrom)).map(([key, value]) => `${key} ${value}\n`);
    await writeFile(configuration, lines.join(''), { mode: 0o600 });
    const { binary } = this.options;
    this.process = new ManagedProcess({
      name: `${binary.product} ${this.options.label}-${this.place.number}`,
      command: binary.path,
      args: [configuration],
      logFile: join(this.directory, 'log'),
      environment: { ...binary.environment, PATH: globalThis.process.env.PATH ?? '' },
    });
    this.options.started(this.process);
    await waitUntilReady(this.process, async () => void (await this.command('PING')), START_TIMEOUT_MS);
    if (restoreFrom !== undefined && this.options.isDurable === true) {
      await this.command('CONFIG', 'SET', 'appendonly', 'yes');
    }
    this.unknownRules = await this.applyUsers(this.options.users);
    if (primary !== undefined) {
      await this.untilSynced();
    }
  }

  private settings(primary: number | undefined, restoreFrom: string | undefined): Readonly<Record<string, string>> {
    const { certificates, parameters, memoryBytes, isDurable } = this.options;
    return {
      'maxmemory-policy': MAXMEMORY_POLICY,
      ...parameters,
      bind: LOOPBACK,
      dir: quoted(this.directory),
      save: '""',
      // An engine with append-only files to read would not look at the snapshot.
      appendonly: isDurable === true && restoreFrom === undefined ? 'yes' : 'no',
      maxmemory: String(memoryBytes ?? MEMORY_BYTES),
      'repl-diskless-sync': 'yes',
      'repl-diskless-sync-delay': '0',
      aclfile: quoted(join(this.directory, 'users.acl')),
      masteruser: INTERNAL_USER,
      masterauth: this.internalPassword,
      ...tlsSettings(certificates, this.port),
      ...(this.busPort === undefined
        ? {}
        : {
            'cluster-enabled': 'yes',
            'cluster-port': String(this.busPort),
            'cluster-node-timeout': '1000',
            'cluster-require-full-coverage': 'no',
            ...(certificates === undefined
              ? { 'cluster-announce-port': String(this.clientPort) }
              : { 'tls-cluster': 'yes', 'cluster-announce-tls-port': String(this.clientPort) }),
          }),
      ...(primary === undefined ? {} : { replicaof: `${LOOPBACK} ${primary}` }),
    };
  }

  /** Nobody of the application's may sign in before the rules of its access string have been applied. */
  private accessControl(): string {
    const open = this.options.users.length === 0 ? 'user default on nopass ~* &* +@all' : 'user default off';
    return `${open}\nuser ${INTERNAL_USER} on >${this.internalPassword} ~* &* +@all\n`;
  }

  private async applyUsers(users: readonly { name: string; password: string; access: string }[]): Promise<string[]> {
    const left: string[] = [];
    for (const { name, password, access } of users) {
      const set = (...rules: string[]) => this.command('ACL', 'SETUSER', name, ...rules);
      await set('reset', 'off');
      left.push(...(await applyAccess(name, access, this.options.binary.product, set)));
      await set('on', `>${password}`);
    }
    return left;
  }

  private connect(): Promise<RedisClientType> {
    const { certificates } = this.options;
    const client: RedisClientType = createClient({
      username: INTERNAL_USER,
      password: this.internalPassword,
      socket: {
        host: LOOPBACK,
        port: this.port,
        reconnectStrategy: false,
        connectTimeout: ANSWER_TIMEOUT_MS,
        ...(certificates === undefined ? {} : { tls: true as const, ca: readFileSync(certificates.ca) }),
      },
    });
    client.on('error', () => {});
    return client.connect().then(() => client);
  }

  private async bounded<T>(withinMs: number, run: () => Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    try {
      return await Promise.race([
        run(),
        new Promise<never>((_, reject) => {
          timer = setTimeout(() => {
            this.disconnect();
            reject(new Error(`${this.id} did not answer within ${withinMs} ms`));
          }, withinMs);
        }),
      ]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Lines that make a process listen with TLS, or without. */
export function tlsSettings(certificates: Certificates | undefined, port: number): Readonly<Record<string, string>> {
  return certificates === undefined
    ? { port: String(port) }
    : {
        port: '0',
        'tls-port': String(port),
        'tls-cert-file': quoted(certificates.certificate),
        'tls-key-file': quoted(certificates.key),
        'tls-ca-cert-file': quoted(certificates.ca),
        'tls-auth-clients': 'no',
        'tls-replication': 'yes',
      };
}

/** A path may have spaces, at which a line of the configuration would be cut. */
export function quoted(path: string): string {
  return `"${path.replace(/["\\]/g, '\\$&')}"`;
}

function splitOnce(line: string, separator: string): [string, string] {
  const at = line.indexOf(separator);
  return [line.slice(0, at), line.slice(at + 1)];
}
