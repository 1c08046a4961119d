import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { type Certificates, makeCertificates } from '../../local/certificates';
import { type EngineBinary, Engines } from '../../local/engines';
import { ManagedProcess, waitUntilReady } from '../../local/managed-process';
import { freePort, LOOPBACK } from '../../local/port';
import { giveTo, readableBy, unprivilegedIdentity } from '../../local/unprivileged';
import type { DatabaseBinding } from '../../runtime/binding';
import { engineFolder, testFolder } from './folders';
import { signal } from './running';

export const MASTER = { user: 'master', password: 'master-password' };

const START_TIMEOUT_MS = 20_000;

/** What `mariadb-install-db` feeds to a new data directory, which needs programs of another package. */
const SYSTEM_TABLES = ['mysql_system_tables.sql', 'mysql_performance_tables.sql', 'mysql_system_tables_data.sql'];

/** A real MariaDB with TLS and the database `app`, ended by its id. It speaks MySQL's protocol, grants and locks. */
export class RunningMariadb {
  /** Signs in as the master, who may do everything, as RDS's may almost. */
  readonly binding: DatabaseBinding;

  static async start(): Promise<RunningMariadb> {
    const engines = new Engines({ directory: engineFolder(), install: false, report: console.log });
    const binary = await engines.server('mariadb');
    const folder = testFolder();
    mkdirSync(join(folder, 'certificates'));
    const certificates = await makeCertificates(join(folder, 'certificates'));
    const port = await freePort();
    const server = await start(binary, folder, certificates, port);
    return new RunningMariadb(folder, certificates, port, server);
  }

  private constructor(
    private readonly folder: string,
    certificates: Certificates,
    port: number,
    readonly process: ManagedProcess,
  ) {
    this.binding = {
      engine: 'mysql',
      host: LOOPBACK,
      port,
      name: 'app',
      user: MASTER.user,
      tls: true,
      ca: certificates.ca,
      auth: { type: 'password', password: MASTER.password },
    };
  }

  async stop(): Promise<void> {
    signal(this.process, 'SIGCONT');
    await this.process.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function start(
  binary: EngineBinary,
  folder: string,
  certificates: Certificates,
  port: number,
): Promise<ManagedProcess> {
  const identity = unprivilegedIdentity();
  const prefix = dirname(dirname(binary.path));
  const readable = readableBy(identity, prefix, join(engineFolder(), 'mariadb-readable'));
  const moved = (path: string) => path.replaceAll(prefix, readable);
  const command = moved(binary.path);
  const environment = Object.fromEntries(Object.entries(binary.environment).map(([name, path]) => [name, moved(path)]));
  const data = join(folder, 'data');
  mkdirSync(data);
  chmodSync(data, 0o700);
  giveTo(identity, data);
  const share = join(readable, 'share', 'mysql');
  const place = ['--no-defaults', `--datadir=${data}`, `--basedir=${readable}`, `--lc-messages-dir=${share}`];

  const options = { cwd: data, env: { ...environment, PATH: process.env.PATH ?? '' }, ...identity };
  await bootstrap(
    command,
    [...place, '--bootstrap', '--skip-networking', '--log-warnings=0'],
    options,
    systemTables(share),
  );

  const server = new ManagedProcess({
    name: binary.product,
    command,
    args: [
      ...place,
      `--bind-address=${LOOPBACK}`,
      `--port=${port}`,
      `--socket=${join(data, 'socket')}`,
      `--ssl-cert=${certificates.certificate}`,
      `--ssl-key=${certificates.key}`,
      `--ssl-ca=${certificates.ca}`,
      '--skip-name-resolve',
      '--innodb-buffer-pool-size=16M',
      '--innodb-flush-log-at-trx-commit=0',
    ],
    logFile: join(folder, 'log'),
    cwd: data,
    environment: options.env,
    ...(identity === undefined ? {} : { identity }),
  });
  try {
    await waitUntilReady(server, () => answers(certificates, port), START_TIMEOUT_MS);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

function systemTables(share: string): string {
  return [
    'create database mysql;',
    'use mysql;',
    'set @auth_root_socket = null;',
    ...SYSTEM_TABLES.map((file) => readFileSync(join(share, file), 'utf8')),
    'flush privileges;',
    'create database app;',
    `create user '${MASTER.user}'@'%' identified by '${MASTER.password}';`,
    `grant all privileges on *.* to '${MASTER.user}'@'%' with grant option;`,
    '',
  ].join('\n');
}

function bootstrap(
  command: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: Record<string, string>; readonly uid?: number; readonly gid?: number },
  statements: string,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ['pipe', 'ignore', 'pipe'] });
    let errors = '';
    child.stderr?.on('data', (data) => {
      errors += data;
    });
    child.on('error', reject);
    child.on('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`MariaDB's system tables could not be made: ${errors.slice(-2_000)}`)),
    );
    child.stdin?.on('error', () => {});
    child.stdin?.end(statements);
  });
}

async function answers(certificates: Certificates, port: number): Promise<void> {
  const connection = await createConnection({
    host: LOOPBACK,
    port,
    ...MASTER,
    database: 'app',
    ssl: { ca: readFileSync(certificates.ca, 'utf8') },
    connectTimeout: 1_000,
  });
  await connection.end();
}
