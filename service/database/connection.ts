import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely';
import { Pool, type PoolConfig, types } from 'pg';
import type { DatabaseLogin } from '../../runtime';
import type { Schema } from './schema';

export type Database = Kysely<Schema>;

/** Connections of one instance. With four instances 40, well below the 100 of a small RDS instance. */
const POOL_SIZE = 10;

/** Connections that an instance keeps when nobody asks: as many as a page uses at once. */
const KEPT_CONNECTIONS = 3;

/**
 * A request waits this long for a connection, then it is refused: the pool never becomes a queue, in milliseconds. With
 * the wait for an answer it is less than the second within which a request must be refused that the database keeps waiting.
 */
const CONNECT_TIMEOUT_MS = 250;

/**
 * The database gives a statement up, in milliseconds: before its client does, so that what was refused is not carried out
 * later.
 */
const STATEMENT_TIMEOUT_MS = 600;

/** A request waits this long for an answer, also of a database that hangs and keeps no time itself, in milliseconds. */
const QUERY_TIMEOUT_MS = 700;

/** Migrations wait this long for a connection, in milliseconds. */
const MIGRATION_CONNECT_TIMEOUT_MS = 10_000;

/**
 * An idle connection is kept alive from this time on, in milliseconds: EC2 forgets one after 350 seconds on its newest
 * instance types, and one that is gone is found out before somebody asks on it.
 */
const KEEP_ALIVE_MS = 60_000;

/** What the driver says when the answer has not come in time. */
const READ_TIMEOUT = 'Query read timeout';

const INT8 = 20;
const NUMERIC = 1_700;
const DATE = 1_082;
const TIMESTAMPTZ = 1_184;

// Grosses and counts are far below 2^53. Dates stay text, because cached values are JSON.
types.setTypeParser(INT8, Number);
types.setTypeParser(NUMERIC, Number);
types.setTypeParser(DATE, (text) => text);
types.setTypeParser(TIMESTAMPTZ, (text) => new Date(text).toISOString());

/** Opens a pool for requests; connections are made when they are needed, or by `connectAhead`. */
export function openDatabase(login: DatabaseLogin): Database {
  return databaseOver({
    ...login,
    max: POOL_SIZE,
    min: KEPT_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    application_name: 'film-portal',
  });
}

/**
 * Makes the connections that are kept, so that the first visitors do not wait for them. A database that is lost is waited
 * for no longer than a request waits.
 */
export async function connectAhead(database: Database): Promise<void> {
  const question = () => database.selectNoFrom((e) => e.val(1).as('one')).execute();
  await Promise.allSettled(Array.from({ length: KEPT_CONNECTIONS }, question));
}

/** Opens one connection for migrations, whose statements take what they take, also waiting for each other. */
export function openForMigrations(login: DatabaseLogin): Database {
  return databaseOver({
    ...login,
    max: 1,
    connectionTimeoutMillis: MIGRATION_CONNECT_TIMEOUT_MS,
    application_name: 'film-portal-migrations',
  });
}

/** Whether an error says that the database could not be asked, or has not answered in time. */
export function isDatabaseUnavailable({ code, message }: NodeJS.ErrnoException): boolean {
  return (
    (code !== undefined && /^(ECONN|ETIMEDOUT|EPIPE|57014|57P0|53300|08)/.test(code)) ||
    message === READ_TIMEOUT ||
    /timeout exceeded when trying to connect|Connection terminated/.test(message)
  );
}

function databaseOver(config: PoolConfig): Database {
  const pool = new Pool(config);
  // A connection that is lost while idle is replaced by the next query.
  pool.on('error', () => {});
  return new Kysely<Schema>({ dialect: new PostgresDialect({ pool: new AnsweringPool(pool) }) });
}

/**
 * A pool that does not use a connection again that left a question unanswered: after a failover it may lead to a machine
 * that is gone, which TCP finds out in a quarter of an hour.
 */
class AnsweringPool implements PostgresPool {
  constructor(private readonly pool: Pool) {}

  async connect(): Promise<PostgresPoolClient> {
    const client = await this.pool.connect();
    let unanswered = false;
    const ask = async (text: string, values: unknown[]) => {
      try {
        return await client.query(text, values);
      } catch (error) {
        unanswered ||= (error as Error).message === READ_TIMEOUT;
        throw error;
      }
    };
    // Nothing here reads through a cursor, the other thing that Kysely can ask with.
    return { query: ask as unknown as PostgresPoolClient['query'], release: () => client.release(unanswered) };
  }

  end(): Promise<void> {
    return this.pool.end();
  }
}
