import { type DatabaseEngineName, DEPLOY_STEP_VARIABLE, type DeployStepInstructions } from './binding';
import { connect } from './connect';
import type { DatabaseLogin } from './database-login';
import type { EngineSteps } from './deploy-step/engine-steps';
import { mysqlSteps } from './deploy-step/mysql-steps';
import { openClient } from './deploy-step/open-client';
import { postgresSteps } from './deploy-step/postgres-steps';
import type { SqlClient } from './deploy-step/sql-client';
import { CacheError } from './errors';
import { secretLogin } from './secret';

export interface DeployStepOptions {
  /**
   * Makes a client for the login: `(login) => new pg.Client(login)`, or, with `mysql2/promise`,
   * `(login) => createConnection(mysqlLogin(login))`.
   */
  readonly client: (login: DatabaseLogin) => SqlClient | Promise<SqlClient>;
  /**
   * Brings the schema up to date. Only one deploy step runs it at a time.
   * @default - no migrations
   */
  readonly migrate?: (login: DatabaseLogin) => Promise<void>;
  /**
   * How long the database may take to answer, in milliseconds.
   * @default 30_000
   */
  readonly connectTimeoutMs?: number;
  /**
   * How long another deploy step of the database is waited for, in milliseconds.
   * @default 300_000
   */
  readonly lockTimeoutMs?: number;
}

const ROLE_NAME = /^[a-z_][a-z0-9_]{0,62}$/;

const STEPS: Record<DatabaseEngineName, EngineSteps> = { postgres: postgresSteps, mysql: mysqlSteps };

/**
 * Makes the handler of the deploy step: run once a deploy, before the fleet starts, with the database's master login.
 * It runs the migrations under a lock and then makes the role the application signs in with, which may read and write
 * rows and nothing else.
 *
 * CloudFormation has no resource for a database role, which is why this is code.
 */
export function deployStep(options: DeployStepOptions): () => Promise<{ role: string }> {
  const { connectTimeoutMs = 30_000, lockTimeoutMs = 300_000 } = options;
  return async () => {
    const { database, role } = readInstructions();
    const login = connect().database(database);
    if (role.user === login.user) {
      throw invalid(`the application's role must not be the master \`${login.user}\` itself`);
    }
    const password = await passwordOf(role.auth);
    const steps = STEPS[login.engine];
    const client = await openClient(login, options.client, connectTimeoutMs);
    let lost: Error | undefined;
    client.on?.('error', (error) => {
      lost ??= error;
    });
    try {
      if (!(await steps.lock(client, login.database, lockTimeoutMs))) {
        throw new CacheError(
          'DEPLOY_STEP_LOCKED',
          `another deploy step of the database \`${database}\` still ran after ${lockTimeoutMs / 1_000} seconds`,
        );
      }
      await options.migrate?.(login);
      if (lost !== undefined) {
        throw new CacheError(
          'DEPLOY_STEP_LOST',
          `the connection to ${login.host}:${login.port} that held the lock of the deploy step was lost`,
          { cause: lost },
        );
      }
      await steps.makeRole(client, {
        user: role.user,
        database: login.database,
        ...(password === undefined ? {} : { password }),
      });
    } finally {
      // The lock ends with the session.
      await client.end().catch(() => {});
    }
    return { role: role.user };
  };
}

async function passwordOf(auth: DeployStepInstructions['role']['auth']): Promise<string | undefined> {
  switch (auth.type) {
    case 'password':
      return auth.password;
    case 'secret':
      return (await secretLogin(auth)).password;
    default:
      return undefined;
  }
}

function readInstructions(): DeployStepInstructions {
  const text = process.env[DEPLOY_STEP_VARIABLE];
  let instructions: DeployStepInstructions | undefined;
  try {
    instructions = text === undefined ? undefined : JSON.parse(text);
  } catch {
    // Told below.
  }
  const role = instructions?.role;
  if (instructions?.database === undefined || role?.auth === undefined || !ROLE_NAME.test(role.user ?? '')) {
    throw invalid('must name the database and the role to make; the infrastructure sets it');
  }
  return instructions;
}

function invalid(problem: string): CacheError {
  return new CacheError('DEPLOY_STEP_INVALID', `$${DEPLOY_STEP_VARIABLE} ${problem}`);
}
