import type { DatabaseLogin } from '../database-login';
import { CacheError } from '../errors';
import type { SqlClient } from './sql-client';

/**
 * Connects as the master, or says in time what does not answer.
 *
 * @throws CacheError with code `DATABASE_UNREACHABLE` that names host and port
 */
export async function openClient(
  login: DatabaseLogin,
  make: (login: DatabaseLogin) => SqlClient | Promise<SqlClient>,
  timeoutMs: number,
): Promise<SqlClient> {
  const place = `${login.database} at ${login.host}:${login.port}`;
  // Fetched before: a client that waits for Secrets Manager would say that the database does not answer.
  const password = await within(
    timeoutMs,
    login.password(),
    `the master's login of the database ${place} cannot be fetched`,
  );
  let client: SqlClient | undefined;
  const opening = (async () => {
    client = await make({ ...login, password: async () => password });
    await client.connect();
    return client;
  })();
  try {
    return await within(timeoutMs, opening, `cannot connect to the database ${place}`);
  } catch (error) {
    // What still connects is closed, now or when it has connected.
    void client?.end().catch(() => {});
    void opening.then((late) => late.end()).catch(() => {});
    throw error;
  }
}

async function within<T>(timeoutMs: number, work: Promise<T>, problem: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs / 1_000} seconds`)), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } catch (cause) {
    if (cause instanceof CacheError) {
      throw cause;
    }
    throw new CacheError('DATABASE_UNREACHABLE', `${problem}: ${reasonOf(cause)}`, { cause });
  } finally {
    clearTimeout(timer);
  }
}

/** An error that stands for several, one for each address of a host, has no message of its own. */
function reasonOf(cause: unknown): string {
  const { message, code } = cause as { message?: string; code?: string };
  return message || code || String(cause);
}
