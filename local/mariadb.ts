import { execFile, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { type DatabaseOptions, isForRdsOnly, type RunningDatabase } from './database-options';
import type { EngineBinary } from './engines';
import { ManagedProcess, waitUntilReady } from './managed-process';
import { freePort, LOOPBACK } from './port';
import { giveTo, type Identity, readableBy, unprivilegedIdentity } from './unprivileged';

const START_TIMEOUT_MS = 20_000;

/** Longest that the program may take to read a switch, in milliseconds. */
const SWITCH_TIMEOUT_MS = 10_000;

/** What `mariadb-install-db` feeds to a new data directory, which needs programs of another package. */
const SYSTEM_TABLES = ['mysql_system_tables.sql', 'mysql_performance_tables.sql', 'mysql_system_tables_data.sql'];

/** Written once the system tables are there: what a start that was cut off left behind is made anew. */
const COMPLETE = 'complete';

export interface MariadbOptions extends DatabaseOptions {
  readonly binary: EngineBinary;
  /** Where a copy of the programs goes when their own folder is closed to the user that runs them. */
  readonly readableCopy: string;
}

/** How the program is called. */
interface Program {
  readonly command: string;
  /** Switches that say where its files are. */
  readonly place: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly share: string;
  readonly identity: Identity | undefined;
}

/** Starts a MariaDB that takes TLS connections, for MySQL's protocol, grants and locks. Never runs as root. */
export async function startMariadb(options: MariadbOptions): Promise<RunningDatabase> {
  const data = join(options.directory, 'data');
  const program = programOf(options, data);
  const complete = join(options.directory, COMPLETE);
  if (!existsSync(complete)) {
    rmSync(data, { recursive: true, force: true });
    mkdirSync(data, { recursive: true });
    chmodSync(data, 0o700);
    giveTo(program.identity, data);
    await bootstrap(program, data, statements(options, program.share));
    writeFileSync(complete, '');
  }
  giveTo(program.identity, data);

  const { taken, left } = await takenSwitches(program, options.parameters ?? {});
  const port = await freePort();
  const { certificates } = options;
  const server = new ManagedProcess({
    name: `${options.binary.product} ${options.name}`,
    command: program.command,
    args: [
      ...program.place,
      `--bind-address=${LOOPBACK}`,
      `--port=${port}`,
      `--socket=${join(data, 'socket')}`,
      `--ssl-cert=${certificates.certificate}`,
      `--ssl-key=${certificates.key}`,
      `--ssl-ca=${certificates.ca}`,
      '--skip-name-resolve',
      '--innodb-buffer-pool-size=16M',
      ...taken,
    ],
    logFile: join(options.directory, 'log'),
    cwd: data,
    environment: program.environment,
    ...(program.identity === undefined ? {} : { identity: program.identity }),
  });
  options.started(server);
  await waitUntilReady(server, () => answers(options, port), START_TIMEOUT_MS);
  return { port, process: server, leftParameters: left };
}

function programOf(options: MariadbOptions, data: string): Program {
  const { binary, readableCopy } = options;
  const identity = unprivilegedIdentity();
  const prefix = dirname(dirname(binary.path));
  const readable = readableBy(identity, prefix, readableCopy);
  const moved = (path: string) => path.replaceAll(prefix, readable);
  const share = join(readable, 'share', existsSync(join(readable, 'share', 'mariadb')) ? 'mariadb' : 'mysql');
  return {
    command: moved(binary.path),
    place: ['--no-defaults', `--datadir=${data}`, `--basedir=${readable}`, `--lc-messages-dir=${share}`],
    environment: {
      ...Object.fromEntries(Object.entries(binary.environment).map(([name, path]) => [name, moved(path)])),
      PATH: process.env.PATH ?? '',
    },
    share,
    identity,
  };
}

function statements({ databaseName, masterUser, masterPassword }: DatabaseOptions, share: string): string {
  const user = `'${masterUser.replaceAll("'", "''")}'@'%'`;
  return [
    'create database mysql;',
    'use mysql;',
    'set @auth_root_socket = null;',
    ...SYSTEM_TABLES.map((file) => readFileSync(join(share, file), 'utf8')),
    'flush privileges;',
    `create database if not exists \`${databaseName.replaceAll('`', '``')}\`;`,
    `create user ${user} identified by '${masterPassword.replaceAll("'", "''")}';`,
    `grant all privileges on *.* to ${user} with grant option;`,
    '',
  ].join('\n');
}

function bootstrap(program: Program, cwd: string, input: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      program.command,
      [...program.place, '--bootstrap', '--skip-networking', '--log-warnings=0', '--innodb-flush-log-at-trx-commit=0'],
      { cwd, env: program.environment, ...program.identity, stdio: ['pipe', 'ignore', 'pipe'] },
    );
    let errors = '';
    child.stderr?.on('data', (chunk) => {
      errors += chunk;
    });
    child.on('error', reject);
    child.on('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`MariaDB's system tables could not be made: ${errors.slice(-2_000)}`)),
    );
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

/** Asks the program which of the parameters it takes, by the very reader that it starts with. */
async function takenSwitches(
  program: Program,
  parameters: Readonly<Record<string, string>>,
): Promise<{ readonly taken: readonly string[]; readonly left: readonly string[] }> {
  const asked = await Promise.all(
    Object.entries(parameters).map(async ([name, value]) => {
      const spelled = `--${name.replaceAll('_', '-')}=${value}`;
      const isTaken = /^\w+$/.test(name) && !isForRdsOnly(name, value) && (await reads(program, spelled));
      return { name, spelled, isTaken };
    }),
  );
  return {
    taken: asked.filter(({ isTaken }) => isTaken).map(({ spelled }) => spelled),
    left: asked.filter(({ isTaken }) => !isTaken).map(({ name }) => name),
  };
}

function reads(program: Program, spelled: string): Promise<boolean> {
  return new Promise((resolve) => {
    execFile(
      program.command,
      [...program.place, spelled, '--verbose', '--help'],
      { env: program.environment, ...program.identity, timeout: SWITCH_TIMEOUT_MS, maxBuffer: 10_000_000 },
      (error, _stdout, stderr) => resolve(error === null && !/unknown (variable|option)|\[ERROR\]/.test(stderr)),
    );
  });
}

async function answers(options: DatabaseOptions, port: number): Promise<void> {
  const connection = await createConnection({
    host: LOOPBACK,
    port,
    user: options.masterUser,
    password: options.masterPassword,
    database: options.databaseName,
    ssl: { ca: readFileSync(options.certificates.ca, 'utf8') },
    connectTimeout: 1_000,
  });
  await connection.end();
}
