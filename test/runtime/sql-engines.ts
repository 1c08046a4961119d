import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import { connect, mysqlLogin, type SqlClient } from '../../runtime';
import type { DatabaseBinding, DatabaseEngineName } from '../../runtime/binding';
import type { DatabaseLogin } from '../../runtime/database-login';
import { rowsOf } from '../../runtime/deploy-step/sql-client';
import { RunningMariadb } from '../engines/mariadb';
import { bindingOf, RunningEngines, variablesOf } from '../engines/running';

/** Runs one statement, and gives its rows. */
export type Query = (text: string) => Promise<Array<Record<string, any>>>;

/** A real database of one test file. */
export interface RunningDatabase {
  readonly master: DatabaseBinding;
  readonly process: { readonly pid: number | undefined };
  stop(): Promise<void>;
}

export interface SqlEngine {
  readonly name: DatabaseEngineName;
  start(): Promise<RunningDatabase>;
  /** As an application's `deploy.js` does. */
  client(login: DatabaseLogin): SqlClient | Promise<SqlClient>;
}

export const POSTGRES: SqlEngine = {
  name: 'postgres',
  client: (login) => new Client(login),
  async start() {
    const engines = await RunningEngines.start();
    const { binding, process } = await engines.postgres();
    return { master: binding, process, stop: () => engines.stop() };
  },
};

export const MYSQL: SqlEngine = {
  name: 'mysql',
  client: (login) => createConnection({ ...mysqlLogin(login), connectTimeout: 2_000 }),
  async start() {
    const server = await RunningMariadb.start();
    return { master: server.binding, process: server.process, stop: () => server.stop() };
  },
};

/** The variables of a deploy step that signs in with this binding and makes this role. */
export function instructionsFor(master: DatabaseBinding, role: object): Record<string, string> {
  return {
    ...variablesOf(bindingOf({}, { main: master })),
    CACHE_DEPLOY_STEP: JSON.stringify({ database: 'main', role }),
  };
}

/** Signs in as the binding says, for as long as it is used. */
export async function signedIn<T>(
  engine: SqlEngine,
  binding: DatabaseBinding,
  use: (query: Query) => Promise<T>,
): Promise<T> {
  const client = await engine.client(connect(variablesOf(bindingOf({}, { main: binding }))).database('main'));
  await client.connect();
  try {
    return await use((text) => rowsOf(client, text));
  } finally {
    await client.end();
  }
}
