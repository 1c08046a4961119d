import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import type { Certificates } from './certificates';
import type { EngineBinary } from './engines';
import { fileName, ManagedProcess, waitUntilReady } from './managed-process';
import { freePort, LOOPBACK } from './port';

/** Enough for any data a laptop shows, and far below what a machine has. */
const MAXMEMORY = '128mb';

/** What ElastiCache's default parameter groups set. */
const MAXMEMORY_POLICY = 'volatile-lru';

const START_TIMEOUT_MS = 10_000;

export interface ValkeyUser {
  readonly name: string;
  readonly password: string;
  /** Access string as the template has it, for example `on ~* +@all`. */
  readonly access: string;
}

export interface ReplicationGroupOptions {
  readonly name: string;
  readonly binary: EngineBinary;
  readonly directory: string;
  /** Nodes of the group: one primary, the others its replicas. */
  readonly nodes: number;
  /** `undefined` where the template switches TLS off. */
  readonly certificates: Certificates | undefined;
  /** Who may sign in; when empty, everybody may, as without a user group. */
  readonly users: readonly ValkeyUser[];
  /** Further lines of the configuration, by name, which stand above the defaults of ElastiCache's parameter groups. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly started: (process: ManagedProcess) => void;
}

export interface ValkeyNode {
  readonly port: number;
  readonly process: ManagedProcess;
}

/** A primary and its replicas, as real processes. */
export interface RunningReplicationGroup {
  readonly primary: ValkeyNode;
  readonly replicas: readonly ValkeyNode[];
}

/** Replicas sign in to their primary with a user of their own, as ElastiCache does it out of sight. */
const REPLICATION_USER = 'replication';

/** Starts the primary, then its replicas, and waits until all hold the same data. */
export async function startReplicationGroup(options: ReplicationGroupOptions): Promise<RunningReplicationGroup> {
  const replicationPassword = options.users[0]?.password;
  const primary = await startNode(options, 1, replicationPassword);
  const replicas = await Promise.all(
    Array.from({ length: options.nodes - 1 }, (_, index) =>
      startNode(options, index + 2, replicationPassword, primary.port),
    ),
  );
  return { primary, replicas };
}

async function startNode(
  options: ReplicationGroupOptions,
  number: number,
  replicationPassword: string | undefined,
  primaryPort?: number,
): Promise<ValkeyNode> {
  const { binary, certificates, users } = options;
  const port = await freePort();
  const name = `${options.name}-${String(number).padStart(3, '0')}`;
  const directory = join(options.directory, fileName(name));
  await mkdir(directory, { recursive: true });

  const acl = users.length === 0 ? undefined : join(directory, 'users.acl');
  if (acl !== undefined) {
    // In a file of mode 600 and not on the command line, which every user of the machine can read.
    await writeFile(acl, accessControl(users, replicationPassword as string), { mode: 0o600 });
  }
  const settings: Readonly<Record<string, string>> = {
    'maxmemory-policy': MAXMEMORY_POLICY,
    ...options.parameters,
    bind: LOOPBACK,
    dir: quoted(directory),
    save: '""',
    appendonly: 'no',
    maxmemory: MAXMEMORY,
    'repl-diskless-sync': 'yes',
    'repl-diskless-sync-delay': '0',
    ...tlsSettings(certificates, port),
    ...(acl === undefined ? {} : { aclfile: quoted(acl) }),
    ...(primaryPort === undefined ? {} : { replicaof: `${LOOPBACK} ${primaryPort}` }),
    ...(replicationPassword === undefined ? {} : { masteruser: REPLICATION_USER, masterauth: replicationPassword }),
  };
  const configuration = join(directory, 'valkey.conf');
  const lines = Object.entries(settings).map(([key, value]) => `${key} ${value}\n`);
  await writeFile(configuration, lines.join(''), { mode: 0o600 });

  const node = new ManagedProcess({
    name: `${binary.product} ${name}`,
    command: binary.path,
    args: [configuration],
    logFile: join(directory, 'log'),
    environment: { ...binary.environment, PATH: process.env.PATH ?? '' },
  });
  options.started(node);
  await waitUntilReady(node, () => ping(port, certificates, replicationPassword), START_TIMEOUT_MS);
  return { port, process: node };
}

function tlsSettings(certificates: Certificates | undefined, port: number): Readonly<Record<string, string>> {
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
function quoted(path: string): string {
  return `"${path.replace(/["\\]/g, '\\$&')}"`;
}

function accessControl(users: readonly ValkeyUser[], replicationPassword: string): string {
  const lines = users.map(({ name, password, access }) => {
    const rules = access.split(/\s+/).filter((rule) => rule !== '' && rule !== 'on' && rule !== 'off');
    return `user ${name} on >${password} ${rules.join(' ')}`;
  });
  const replication = `user ${REPLICATION_USER} on >${replicationPassword} +psync +replconf +ping +info`;
  // The user without a name is off, unless the template lets it sign in (an AUTH token).
  const nameless = users.some(({ name }) => name === 'default') ? [] : ['user default off'];
  return `${[...nameless, replication, ...lines].join('\n')}\n`;
}

/** Asks a node whether it takes commands; a replica says no until it has its primary's data. */
function ping(port: number, certificates: Certificates | undefined, password: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket =
      certificates === undefined
        ? connectTcp({ host: LOOPBACK, port })
        : connectTls({ host: LOOPBACK, port, ca: readFileSync(certificates.ca), servername: 'localhost' });
    let answer = '';
    const wanted = password === undefined ? 1 : 2;
    socket.setTimeout(1_000, () => socket.destroy(new Error('no answer')));
    socket.once('error', reject);
    socket.on(certificates === undefined ? 'connect' : 'secureConnect', () =>
      socket.write(`${password === undefined ? '' : `AUTH ${REPLICATION_USER} ${password}\r\n`}INFO replication\r\n`),
    );
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
      const isPrimary = answer.includes('role:master');
      const isSynced = answer.includes('master_link_status:up');
      if (isPrimary || isSynced) {
        socket.end();
        resolve();
      } else if (answer.includes('master_link_status:down') || answer.startsWith('-')) {
        socket.destroy();
        reject(new Error(answer.startsWith('-') ? answer.split('\r\n')[0] : 'still copying from its primary'));
      } else if (answer.split('\r\n').length > wanted + 60) {
        socket.destroy();
        reject(new Error('an answer that was not understood'));
      }
    });
  });
}
