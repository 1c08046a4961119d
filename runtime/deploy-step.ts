import { DEPLOY_STEP_VARIABLE, type DeployStepInstructions, type PasswordAuth } from './binding';
import { connect } from './connect';
import type { DatabaseLogin } from './database-login';
import { CacheError } from './errors';

/** The part of `pg`'s client that the deploy step needs. */
export interface SqlClient {
  connect(): Promise<unknown>;
  query(text: string, values?: unknown[]): Promise<{ rows: any[] }>;
  end(): Promise<unknown>;
}

export interface DeployStepOptions {
  /** Makes a client for the login, for example `(login) => new pg.Client(login)`. */
  readonly client: (login: DatabaseLogin) => SqlClient;
  /**
   * Brings the schema up to date. Only one deploy step runs it at a time.
   * @default - no migrations
   */
  readonly migrate?: (login: DatabaseLogin) => Promise<void>;
}

/** Key of the advisory lock that deploy steps of one database wait for each other on. */
const DEPLOY_LOCK = 4_701_882;

const ROLE_NAME = /^[a-z_][a-z0-9_]{0,62}$/;

/**
 * Makes the handler of the deploy step: run once a deploy, before the fleet starts, with the database's master login.
 * It runs the migrations under an advisory lock and then makes the role the application signs in with, which may read
 * and write rows and nothing else.
 *
 * CloudFormation has no resource for a database role, which is why this is code.
 */
export function deployStep(options: DeployStepOptions): () => Promise<{ role: string }> {
  return async () => {
    const { database, role } = readInstructions();
    const login = connect().database(database);
    const client = options.client(login);
    await client.connect();
    try {
      await client.query('select pg_advisory_lock($1)', [DEPLOY_LOCK]);
      await options.migrate?.(login);
      await makeRole(client, login, role.user, role.auth);
    } finally {
      // The lock ends with the session.
      await client.end();
    }
    return { role: role.user };
  };
}

async function makeRole(
  client: SqlClient,
  login: DatabaseLogin,
  user: string,
  auth: { type: 'iam' } | PasswordAuth,
): Promise<void> {
  const role = quote(user);
  const { rows } = await client.query('select 1 from pg_roles where rolname = $1', [user]);
  if (rows.length === 0) {
    await client.query(`create role ${role} login`);
  }
  if (auth.type === 'iam') {
    // RDS takes tokens, and no password any more, from members of this role.
    await client.query(`grant rds_iam to ${role}`);
  } else {
    await client.query(`alter role ${role} password ${literal(auth.password)}`);
  }
  await client.query(`grant connect on database ${quote(login.database)} to ${role}`);
  await client.query(`grant usage on schema public to ${role}`);
  await client.query(`grant select, insert, update, delete on all tables in schema public to ${role}`);
  await client.query(`grant usage, select on all sequences in schema public to ${role}`);
  await client.query(
    `alter default privileges in schema public grant select, insert, update, delete on tables to ${role}`,
  );
  await client.query(`alter default privileges in schema public grant usage, select on sequences to ${role}`);
}

function readInstructions(): DeployStepInstructions {
  const text = process.env[DEPLOY_STEP_VARIABLE];
  const instructions = text === undefined ? undefined : (JSON.parse(text) as DeployStepInstructions);
  if (instructions?.database === undefined || !ROLE_NAME.test(instructions.role?.user ?? '')) {
    throw new CacheError(
      'DEPLOY_STEP_INVALID',
      `$${DEPLOY_STEP_VARIABLE} must name the database and the role to make; the infrastructure sets it`,
    );
  }
  return instructions;
}

function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
