import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { type DatabaseOptions, isForRdsOnly, type RunningDatabase } from './database-options';
import type { PostgresBinaries } from './engines';
import { ManagedProcess, waitUntilReady } from './managed-process';
import { freePort, LOOPBACK } from './port';
import { giveTo, unprivilegedIdentity } from './unprivileged';

const run = promisify(execFile);

const START_TIMEOUT_MS = 20_000;

export interface PostgresOptions extends DatabaseOptions {
  readonly binaries: PostgresBinaries;
}

/** Starts a PostgreSQL that takes TLS connections only, as the template's instance does. Never runs as root. */
export async function startPostgres(options: PostgresOptions): Promise<RunningDatabase> {
  const data = join(options.directory, 'data');
  const identity = unprivilegedIdentity();
  const initialized = await stat(join(data, 'PG_VERSION')).then(
    () => true,
    () => false,
  );
  if (!initialized) {
    await initialize(options, data);
  }
  await writeFile(join(data, 'pg_hba.conf'), `hostssl all all ${LOOPBACK}/32 scram-sha-256\n`);
  giveTo(identity, options.directory);

  const { taken, left } = await takenSettings(options, data);
  const port = await freePort();
  const settings = {
    ...taken,
    listen_addresses: LOOPBACK,
    port: String(port),
    unix_socket_directories: '',
    ssl: 'on',
    ssl_cert_file: options.certificates.certificate,
    ssl_key_file: options.certificates.key,
  };
  const server = new ManagedProcess({
    name: `${options.binaries.product} ${options.name}`,
    command: options.binaries.postgres,
    args: ['-D', data, ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`])],
    logFile: join(options.directory, 'log'),
    cwd: options.directory,
    environment: { PATH: process.env.PATH ?? '', LC_ALL: 'C' },
    // Ends the sessions and shuts down; SIGTERM would wait for the sessions to end by themselves.
    stopSignal: 'SIGINT',
    ...(identity === undefined ? {} : { identity }),
  });
  options.started(server);
  await waitUntilReady(server, () => answers(options, port), START_TIMEOUT_MS);
  return { port, process: server, leftParameters: left };
}

/** Asks the program which of the parameters it takes, by the very reader that it starts with. */
async function takenSettings(options: PostgresOptions, data: string) {
  const asked = await Promise.all(
    Object.entries(options.parameters ?? {}).map(async ([name, value]) => {
      const isTaken =
        /^\w+$/.test(name) &&
        !isForRdsOnly(name, value) &&
        (await run(options.binaries.postgres, ['-D', data, '-c', `${name}=${value}`, '-C', name], {
          cwd: options.directory,
          env: { PATH: process.env.PATH ?? '', LC_ALL: 'C' },
          ...unprivilegedIdentity(),
        }).then(
          () => true,
          () => false,
        ));
      return { name, value, isTaken };
    }),
  );
  return {
    taken: Object.fromEntries(asked.filter(({ isTaken }) => isTaken).map(({ name, value }) => [name, value])),
    // TLS is what this server insists on, too.
    left: asked.filter(({ name, isTaken }) => !isTaken && name !== 'rds.force_ssl').map(({ name }) => name),
  };
}

/** Makes the data directory; a run that was cut off leaves none behind. */
async function initialize(options: PostgresOptions, data: string): Promise<void> {
  const identity = unprivilegedIdentity();
  await rm(data, { recursive: true, force: true });
  await mkdir(options.directory, { recursive: true });
  const passwordFile = join(options.directory, 'password');
  await writeFile(passwordFile, `${options.masterPassword}\n`, { mode: 0o600 });
  giveTo(identity, options.directory);
  const args = ['--pgdata', data, '--username', options.masterUser, '--pwfile', passwordFile];
  const locale = [
    '--auth',
    'scram-sha-256',
    '--encoding',
    'UTF8',
    '--locale-provider',
    'builtin',
    '--locale',
    'C',
    '--builtin-locale',
    'C.UTF-8',
  ];
  try {
    await run(options.binaries.initdb, [...args, ...locale], {
      cwd: options.directory,
      env: { PATH: process.env.PATH ?? '', LC_ALL: 'C' },
      ...identity,
    });
    await createDatabase(options, data);
  } catch (error) {
    await rm(data, { recursive: true, force: true });
    throw new Error(
      `${options.binaries.product} could not be set up: ${(error as { stderr?: string }).stderr?.trim()}`,
    );
  } finally {
    await rm(passwordFile, { force: true });
  }
}

/** Single-user mode makes the database without a server or a client. */
async function createDatabase(options: PostgresOptions, data: string): Promise<void> {
  if (options.databaseName === 'postgres') {
    return;
  }
  const creating = run(options.binaries.postgres, ['--single', '-D', data, 'postgres'], {
    cwd: options.directory,
    env: { PATH: process.env.PATH ?? '', LC_ALL: 'C' },
    ...unprivilegedIdentity(),
  });
  creating.child.stdin?.end(`create database "${options.databaseName}"\n`);
  await creating;
}

/**
 * Signs in as the master and asks something. A server that is still starting answers the first bytes of a connection
 * already, and refuses only then ("the database system is starting up").
 */
async function answers(options: PostgresOptions, port: number): Promise<void> {
  const client = new Client({
    host: LOOPBACK,
    port,
    user: options.masterUser,
    password: options.masterPassword,
    database: options.databaseName,
    ssl: { ca: await readFile(options.certificates.ca, 'utf8') },
    connectionTimeoutMillis: 1_000,
    query_timeout: 1_000,
  });
  // A connection that ends while it is being made is told by `connect`.
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('select 1');
  } finally {
    await client.end().catch(() => {});
  }
}
