import type { Cache } from './cache';
import { CacheError } from './errors';
import { sha256 } from './key';
import type { Lookup, Namespace } from './namespace';
import type { NamespaceOptions } from './namespace-options';

/** A result as `pg` gives it, as far as it is kept. */
export interface QueryRows<R = any> {
  readonly rows: R[];
  readonly rowCount: number | null;
}

/** The part of `pg`'s client that is used; `getTransactionStatus` is there since pg 8.17. */
export interface QueryClient {
  query(text: string, values?: unknown[]): Promise<QueryRows>;
  getTransactionStatus?(): 'I' | 'T' | 'E' | null;
}

/** The part of `pg`'s pool that is used. */
export interface QueryPool extends QueryClient {
  connect(): Promise<QueryClient & { release(error?: Error | boolean): void }>;
}

/** On whose behalf a query runs. It is part of the key, and is set for the load, so that the two cannot differ. */
export interface QueryIdentity {
  /** `SET LOCAL ROLE`. @default - the user of the connection */
  readonly role?: string;
  /** `SET LOCAL search_path`. @default - that of the connection */
  readonly searchPath?: string;
  /** Other settings that decide what a query may see, for example `app.tenant` of a row security policy. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface CachedQuery {
  readonly text: string;
  readonly values?: readonly unknown[];
  /** Tables that the result is made of: `invalidate` of any of them makes it a miss. */
  readonly tables: readonly string[];
  readonly as?: QueryIdentity;
  /** A client that is checked out: inside of a transaction the query goes by the cache. */
  readonly client?: QueryClient;
}

const READS = /^\s*(?:\/\*.*?\*\/\s*|--[^\n]*\n\s*)*(select|with|values|table)\b/is;

/** Words of statements that write, lock, or give another answer each time, wherever they stand. */
const NOT_CACHED = /\b(insert|update|delete|merge|into|nextval|setval|random|clock_timestamp|pg_advisory\w*)\b/i;

const SETTING_NAME = /^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$/i;

const WHO = "select current_user as who, current_setting('search_path') as path, current_database() as db";

/**
 * Results of PostgreSQL queries through `pg`, by their text and parameters, and by who asks: user, role, search path
 * and database are part of the key, because the same text means other rows for another of them.
 *
 * Not cached: whatever writes or locks, and whatever runs inside of a transaction, whose reads belong to its snapshot.
 */
export class QueryCache {
  private readonly results: Namespace<QueryRows>;
  private who: Promise<string> | undefined;

  /**
   * @param name names the namespace of the results
   * @param options as of a namespace; tags are the tables
   */
  constructor(
    private readonly cache: Cache,
    private readonly pool: QueryPool,
    name: string,
    options: Omit<NamespaceOptions, 'tags' | 'clearable' | 'negativeTtlMs'>,
  ) {
    this.results = cache.namespace(name, { ...options, tags: (id) => tablesOf(id).map(tableTag) });
  }

  /** Runs a query through the cache. @throws TypeError when `tables` is empty: nobody could ever invalidate it */
  async query<R = any>(query: CachedQuery): Promise<QueryRows<R>> {
    return (await this.lookup<R>(query)).value;
  }

  /** As `query`, and says how the result was found and what that cost. */
  async lookup<R = any>(query: CachedQuery): Promise<Lookup<QueryRows<R>>> {
    if (query.tables.length === 0) {
      throw new TypeError('`tables` of a cached query must name the tables that its result is made of');
    }
    const inTransaction = query.client !== undefined && query.client.getTransactionStatus?.() !== 'I';
    if (inTransaction || !isCacheable(query.text)) {
      const startedAt = performance.now();
      const value = await this.run(query.client ?? this.pool, query);
      return { value, outcome: 'bypass', cacheMs: 0, loadMs: performance.now() - startedAt, ageMs: 0 };
    }
    const who = await this.identity();
    return this.results.lookup(keyOf(query, who), () => this.load(query, who));
  }

  /**
   * Makes every result that is made of one of the tables a miss. Call it after the commit of what changed them.
   */
  async invalidate(...tables: readonly string[]): Promise<void> {
    await this.cache.invalidateTag(...tables.map(tableTag));
  }

  /**
   * Runs a change in a transaction, and invalidates the tables after its commit; also when it failed, because a commit
   * whose answer did not come may have happened.
   *
   * @param change is given the transaction's client; when it throws, the transaction is rolled back
   */
  async write<T>(tables: readonly string[], change: (client: QueryClient) => Promise<T>): Promise<T> {
    try {
      return await this.inTransaction(change);
    } finally {
      await this.invalidate(...tables);
    }
  }

  /** Who a connection of the pool is, asked once: a pool's connections are alike. */
  private identity(): Promise<string> {
    this.who ??= this.pool.query(WHO).then(whoIn);
    this.who.catch(() => {
      this.who = undefined;
    });
    return this.who;
  }

  private async load(query: CachedQuery, who: string): Promise<QueryRows> {
    return this.withClient(async (client) => {
      if (query.as === undefined) {
        // A connection that somebody left with another role or path would fill the cache for everybody.
        const actual = whoIn(await client.query(WHO));
        if (actual !== who) {
          throw new CacheError(
            'QUERY_IDENTITY_CHANGED',
            `a connection of the pool is ${actual} and not ${who}: reset roles and paths before a client is released, ` +
              'or give them in `as`',
          );
        }
        return pick(await client.query(query.text, [...(query.values ?? [])]));
      }
      return this.transaction(client, async () => {
        await assume(client, query.as as QueryIdentity);
        return pick(await client.query(query.text, [...(query.values ?? [])]));
      });
    });
  }

  private async run(client: QueryClient, query: CachedQuery): Promise<QueryRows> {
    if (query.as === undefined || query.client !== undefined) {
      return pick(await client.query(query.text, [...(query.values ?? [])]));
    }
    return this.inTransaction(async (own) => {
      await assume(own, query.as as QueryIdentity);
      return pick(await own.query(query.text, [...(query.values ?? [])]));
    });
  }

  private inTransaction<T>(use: (client: QueryClient) => Promise<T>): Promise<T> {
    return this.withClient((client) => this.transaction(client, () => use(client)));
  }

  private async transaction<T>(client: QueryClient, use: () => Promise<T>): Promise<T> {
    await client.query('begin');
    try {
      const result = await use();
      await client.query('commit');
      return result;
    } catch (error) {
      await client.query('rollback').catch(() => {});
      throw error;
    }
  }

  private async withClient<T>(use: (client: QueryClient) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    try {
      const result = await use(client);
      client.release();
      return result;
    } catch (error) {
      // Whatever state it is in, nobody else gets it.
      client.release(true);
      throw error;
    }
  }
}

function isCacheable(text: string): boolean {
  return (
    READS.test(text) && !NOT_CACHED.test(text) && !/\bfor\s+(no\s+key\s+update|update|key\s+share|share)\b/i.test(text)
  );
}

/** Sets the identity for the transaction only; values travel as parameters, never as text. */
async function assume(client: QueryClient, { role, searchPath, settings }: QueryIdentity): Promise<void> {
  const wanted: Array<readonly [string, string]> = [
    ...(role === undefined ? [] : [['role', role] as const]),
    ...(searchPath === undefined ? [] : [['search_path', searchPath] as const]),
    ...Object.entries(settings ?? {}),
  ];
  for (const [name, value] of wanted) {
    if (!SETTING_NAME.test(name)) {
      throw new TypeError(`a setting must have a name such as \`app.tenant\`, got ${JSON.stringify(name)}`);
    }
    await client.query('select set_config($1, $2, true)', [name, value]);
  }
}

function whoIn(result: QueryRows): string {
  const { who, path, db } = result.rows[0] as { who: string; path: string; db: string };
  return JSON.stringify([db, who, path]);
}

/** What is kept of a result; rows travel as JSON. */
function pick({ rows, rowCount }: QueryRows): QueryRows {
  return { rows, rowCount };
}

/** The id of a result: a readable list of its tables, which are its tags, and the hash of all that decides its rows. */
function keyOf({ text, values, tables, as }: CachedQuery, who: string): string {
  const settings = Object.entries(as?.settings ?? {}).sort(([one], [other]) => (one < other ? -1 : 1));
  const decides = [text, (values ?? []).map(typed), who, as?.role ?? null, as?.searchPath ?? null, settings];
  return JSON.stringify([sha256(JSON.stringify(decides)), [...new Set(tables)].sort()]);
}

function tablesOf(id: string): string[] {
  return (JSON.parse(id) as [string, string[]])[1];
}

function tableTag(table: string): string {
  return `table ${table}`;
}

/** A number and the same digits as text are other parameters, and so are a date and its text. */
function typed(value: unknown): unknown {
  if (value === null || value === undefined) {
    return null;
  }
  if (Buffer.isBuffer(value)) {
    return ['bytes', value.toString('base64')];
  }
  if (value instanceof Date) {
    return ['date', value.getTime()];
  }
  if (Array.isArray(value)) {
    return ['list', value.map(typed)];
  }
  return [typeof value, typeof value === 'bigint' ? String(value) : value];
}
