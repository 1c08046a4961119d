import { CacheError } from '../errors';
import { type ApplicationRole, type EngineSteps, iamMissing, RoleTooPowerfulError } from './engine-steps';
import { MEMBERSHIPS, MISSING, OWNED, REVOKES } from './postgres-rights';
import { rowsOf, type SqlClient } from './sql-client';

/** Key of the advisory lock. Advisory locks belong to one database. */
const DEPLOY_LOCK = 4_701_882;

const LOCK_NOT_AVAILABLE = '55P03';

const UNDEFINED_OBJECT = '42704';

/** RDS takes tokens, and no password any more, from members of this role. */
const IAM_ROLE = 'rds_iam';

/** What a role must not be, with the attribute that says it is. */
const ATTRIBUTES = {
  rolsuper: 'superuser',
  rolcreatedb: 'createdb',
  rolcreaterole: 'createrole',
  rolreplication: 'replication',
  rolbypassrls: 'bypassrls',
} as const;

/** The deploy step on PostgreSQL. */
export const postgresSteps: EngineSteps = { lock, makeRole };

async function lock(client: SqlClient, _database: string, timeoutMs: number): Promise<boolean> {
  await client.query('set statement_timeout = 0');
  await client.query(`set lock_timeout = ${timeoutMs}`);
  try {
    await client.query('select pg_advisory_lock($1)', [DEPLOY_LOCK]);
  } catch (error) {
    if ((error as { code?: string }).code === LOCK_NOT_AVAILABLE) {
      return false;
    }
    throw error;
  }
  await client.query('set lock_timeout = 0');
  return true;
}

async function makeRole(client: SqlClient, role: ApplicationRole): Promise<void> {
  // A backslash in a password is a character, whatever the database's own setting is.
  await client.query('set standard_conforming_strings = on');
  // In one transaction: the application's connections see the role as it was, or as it should be.
  await client.query('begin');
  await makeLogin(client, role);
  await requireOwnsNothing(client, role.user);
  await takeAway(client, role.user, 'is', 'a member of', MEMBERSHIPS, [
    role.user,
    role.password === undefined ? IAM_ROLE : '',
  ]);
  await takeAway(client, role.user, 'has', '', REVOKES, [role.user]);
  await closePublicSchema(client, role.user);
  await grantRows(client, role);
  await client.query('commit');
}

async function makeLogin(client: SqlClient, { user, password }: ApplicationRole): Promise<void> {
  const role = quote(user);
  const [existing] = await rowsOf(client, 'select * from pg_roles where rolname = $1', [user]);
  if (existing === undefined) {
    await client.query(`create role ${role} login`);
  } else if (existing.rolcanlogin !== true) {
    await client.query(`alter role ${role} login`);
  }
  const attributes = Object.entries(ATTRIBUTES).flatMap(([column, name]) =>
    existing?.[column] === true ? [name] : [],
  );
  if (attributes.length > 0) {
    try {
      await client.query(`alter role ${role} ${attributes.map((name) => `no${name}`).join(' ')}`);
    } catch (cause) {
      throw new RoleTooPowerfulError(user, `is ${attributes.join(', ')}`, { cause });
    }
  }
  if (password !== undefined) {
    await client.query(`alter role ${role} password ${literal(password)}`);
    return;
  }
  try {
    await client.query(`grant ${IAM_ROLE} to ${role}`);
  } catch (error) {
    throw (error as { code?: string }).code === UNDEFINED_OBJECT ? iamMissing(`role ${IAM_ROLE}`, error) : error;
  }
}

async function requireOwnsNothing(client: SqlClient, user: string): Promise<void> {
  const owned = await rowsOf(client, OWNED, [user]);
  if (owned.length > 0) {
    const named = owned.slice(0, 3).map(({ what }) => what);
    const more = owned.length > named.length ? ` and ${owned.length - named.length} more` : '';
    throw new RoleTooPowerfulError(
      user,
      `owns ${named.join(', ')}${more}, which \`reassign owned by ${user} to current_user\` changes`,
    );
  }
}

/** Runs the statements that a query gives, and fails if it still gives some: another role granted what they name. */
async function takeAway(
  client: SqlClient,
  user: string,
  verb: string,
  relation: string,
  query: string,
  values: string[],
): Promise<void> {
  const words = (rows: ReadonlyArray<Record<string, any>>) =>
    [verb, relation, rows.map(({ what }) => what).join(', ')].filter((word) => word !== '').join(' ');
  const found = await rowsOf(client, query, values);
  if (found.length === 0) {
    return;
  }
  try {
    for (const { statement } of found) {
      await client.query(statement);
    }
  } catch (cause) {
    throw new RoleTooPowerfulError(user, words(found), { cause });
  }
  const left = await rowsOf(client, query, values);
  if (left.length > 0) {
    throw new RoleTooPowerfulError(user, words(left));
  }
}

/** Before PostgreSQL 15, and in databases that come from there, everyone may make tables in `public` (CVE-2018-1058). */
async function closePublicSchema(client: SqlClient, user: string): Promise<void> {
  const mayCreate = async () => {
    const [row] = await rowsOf(client, "select has_schema_privilege($1, 'public', 'create') as may", [user]);
    return row?.may === true;
  };
  if (!(await mayCreate())) {
    return;
  }
  // The master's own migrations may have had it from there too.
  await client.query('grant create on schema public to current_user');
  await client.query('revoke create on schema public from public');
  if (await mayCreate()) {
    throw new RoleTooPowerfulError(user, 'may make tables in the schema public, as everyone may');
  }
}

async function grantRows(client: SqlClient, { user, database }: ApplicationRole): Promise<void> {
  const role = quote(user);
  await grantOnTables(client, user);
  const defaults = 'alter default privileges in schema public';
  for (const statement of [
    `grant connect on database ${quote(database)} to ${role}`,
    `grant usage on schema public to ${role}`,
    // What later migrations make is the application's from the moment it is there.
    `${defaults} revoke all on tables from ${role}`,
    `${defaults} grant select, insert, update, delete on tables to ${role}`,
    `${defaults} revoke all on sequences from ${role}`,
    `${defaults} grant usage, select on sequences to ${role}`,
  ]) {
    await client.query(statement);
  }
}

async function grantOnTables(client: SqlClient, user: string): Promise<void> {
  const refused = ({ what, owner }: Record<string, any>, options?: { cause: unknown }) =>
    new CacheError(
      'GRANT_REFUSED',
      `the master cannot give the application's role ${user} rights on ${what}, which belongs to ${owner}: ` +
        'make the master its owner, or a member of that role',
      options,
    );
  for (const missing of await rowsOf(client, MISSING, [user])) {
    try {
      await client.query(missing.statement);
    } catch (cause) {
      throw refused(missing, { cause });
    }
  }
  // Whoever has some right on a table, but may not pass it on, is only warned.
  const [left] = await rowsOf(client, MISSING, [user]);
  if (left !== undefined) {
    throw refused(left);
  }
}

function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
