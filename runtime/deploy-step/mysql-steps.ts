import { createHash } from 'node:crypto';
import { type ApplicationRole, type EngineSteps, iamMissing, RoleTooPowerfulError } from './engine-steps';
import { rowsOf, type SqlClient } from './sql-client';

/** What the application's user may do, in the words of `show grants`. */
const ROW_PRIVILEGES = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'];

const PLUGIN_NOT_LOADED = 1_524;

/** The deploy step on MySQL, and on MariaDB, which has the same statements. */
export const mysqlSteps: EngineSteps = { lock, makeRole };

async function lock(client: SqlClient, database: string, timeoutMs: number): Promise<boolean> {
  // Names of locks belong to the whole server, and have at most 64 characters, as names of databases have.
  const name = `deploy-step:${createHash('sha256').update(database).digest('hex').slice(0, 40)}`;
  const [row] = await rowsOf(client, `select get_lock('${name}', ${Math.ceil(timeoutMs / 1_000)}) as taken`);
  return Number(row?.taken) === 1;
}

async function makeRole(client: SqlClient, role: ApplicationRole): Promise<void> {
  // Whatever the server's mode: quotes are those of `literal` and `quote`, and a backslash is a character.
  await client.query("set session sql_mode = 'NO_BACKSLASH_ESCAPES'");
  await requireNoOtherHost(client, role.user);
  const account = `'${role.user}'@'%'`;
  await makeUser(client, role, account);
  const scope = `${quote(await pattern(client, role.database))}.*`;
  const grant = `grant ${ROW_PRIVILEGES.join(', ').toLowerCase()} on ${scope} to ${account}`;
  await client.query(grant);

  const beyond = await rightsBeyond(client, role.user, scope);
  if (beyond.length === 0) {
    return;
  }
  try {
    for (const { revoke } of beyond) {
      await client.query(`${revoke} from ${account}`);
    }
    // Whoever had all privileges on the database has lost these four with them.
    await client.query(grant);
  } catch (cause) {
    throw new RoleTooPowerfulError(role.user, described(beyond), { cause });
  }
  const left = await rightsBeyond(client, role.user, scope);
  if (left.length > 0) {
    throw new RoleTooPowerfulError(role.user, described(left));
  }
}

/** MySQL prefers the user with the more exact host, whose rights this step does not look after. */
async function requireNoOtherHost(client: SqlClient, user: string): Promise<void> {
  const others = await rowsOf(client, `select host as host from mysql.user where user = '${user}' and host <> '%'`);
  if (others.length > 0) {
    const names = others.map(({ host }) => `'${user}'@'${host}'`).join(', ');
    throw new RoleTooPowerfulError(user, `exists for single hosts too, with rights of its own (${names})`);
  }
}

/** `create` makes a missing user, `alter` repairs one that has another login, or may connect without TLS. */
async function makeUser(client: SqlClient, role: ApplicationRole, account: string): Promise<void> {
  const login =
    role.password === undefined
      ? // RDS user guide, UsingWithRDS.IAMDBAuth.DBAccounts.
        "identified with AWSAuthenticationPlugin as 'RDS'"
      : `identified by ${literal(role.password)}`;
  try {
    await client.query(`create user if not exists ${account} ${login} require ssl`);
    await client.query(`alter user ${account} ${login} require ssl account unlock`);
  } catch (error) {
    throw (error as { errno?: number }).errno === PLUGIN_NOT_LOADED
      ? iamMissing('AWSAuthenticationPlugin', error)
      : error;
  }
}

interface Right {
  /** In the words of `show grants`, for example `DROP ON *.*`. */
  readonly right: string;
  /** Statement that takes it away, up to the user. */
  readonly revoke: string;
}

/** What the user was granted beyond rows of the one database. */
async function rightsBeyond(client: SqlClient, user: string, scope: string): Promise<Right[]> {
  const rows = await rowsOf(client, `show grants for '${user}'@'%'`);
  return rows.flatMap((row) => beyondOf(String(Object.values(row)[0]), user, scope));
}

function beyondOf(line: string, user: string, scope: string): Right[] {
  // Behind the user MariaDB names the hash of its password, which must not become part of a message.
  const [, grant = '', options = ''] =
    new RegExp(`^GRANT (.+) TO [\`']${user}[\`']@[\`']%[\`'](.*)$`, 's').exec(line) ?? [];
  const on = grant.lastIndexOf(' ON ');
  const object = on === -1 ? '' : grant.slice(on);
  const privileges = on === -1 ? grant : grant.slice(0, on);
  const isOwn = object === ` ON ${scope}`;
  const beyond =
    privileges === 'USAGE' || privileges === ''
      ? ''
      : isOwn
        ? privileges
            .split(', ')
            .filter((privilege) => !ROW_PRIVILEGES.includes(privilege))
            .join(', ')
        : privileges;
  return [
    ...(beyond === '' ? [] : [{ right: `${beyond}${object}`, revoke: `revoke ${beyond}${object}` }]),
    ...(options.includes('WITH GRANT OPTION') && privileges !== 'PROXY'
      ? [{ right: `GRANT OPTION${object}`, revoke: `revoke grant option${object}` }]
      : []),
  ];
}

function described(rights: readonly Right[]): string {
  return `has ${rights.map(({ right }) => right).join('; ')}`;
}

/** In a grant `_` and `%` stand for other characters too, unless the server has partial revokes. */
async function pattern(client: SqlClient, database: string): Promise<string> {
  const [row] = await rowsOf(client, "show variables like 'partial_revokes'");
  return row !== undefined && Object.values(row).includes('ON') ? database : database.replace(/[\\_%]/g, '\\$&');
}

function quote(identifier: string): string {
  return `\`${identifier.replaceAll('`', '``')}\``;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
