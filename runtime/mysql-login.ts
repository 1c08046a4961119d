import { Socket } from 'node:net';
import type { DatabaseLogin } from './database-login';
import { CacheError } from './errors';

/** What `mysql2` shows of a connection that is being made. */
interface Connecting {
  readonly config: { password?: string; readonly ssl?: unknown };
}

/** Connection settings in the shape that `mysql2`'s `createConnection` and `createPool` take. */
export interface MysqlLogin {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  /** `verifyIdentity`, because `mysql2` by itself accepts a certificate of another host. */
  readonly ssl?: { readonly ca?: string; readonly rejectUnauthorized: true; readonly verifyIdentity: true };
  /** Answers with a fresh token at every new connection. */
  readonly authPlugins?: {
    readonly mysql_clear_password: (context: { readonly connection: any }) => () => Promise<Buffer>;
  };
  /** Opens the socket once the connection has its password, which is asked for at every new connection. */
  readonly stream?: (connection: any) => Socket;
}

/**
 * How to sign in to a MySQL database of the binding with `mysql2`, from a pool as well: each new connection asks for
 * its own token or password, so neither the end of a token nor a rotated secret ends a pool.
 *
 * @throws CacheError with code `DATABASE_ENGINE` when the database is no MySQL
 * @throws CacheError with code `DATABASE_TLS_REQUIRED` when a token would be sent without TLS
 * @see https://sidorares.github.io/node-mysql2/docs/documentation/authentication-switch
 */
export function mysqlLogin(login: DatabaseLogin): MysqlLogin {
  const { engine, host, port, database, user, ssl } = login;
  if (engine !== 'mysql') {
    throw new CacheError('DATABASE_ENGINE', `the database ${database} is ${engine}: give its login to \`pg\` as it is`);
  }
  return {
    host,
    port,
    database,
    user,
    ...(ssl === false ? {} : { ssl: { ...ssl, verifyIdentity: true } }),
    ...(login.isToken
      ? {
          authPlugins: {
            mysql_clear_password:
              ({ connection }) =>
              () =>
                token(login, connection),
          },
        }
      : { stream: ({ config }) => openWithPassword(login, config) }),
  };
}

/** RDS asks for `mysql_clear_password`, whose answer is the token and a zero byte. */
async function token(login: DatabaseLogin, { config }: Connecting): Promise<Buffer> {
  const ssl = config.ssl as { rejectUnauthorized?: boolean } | undefined | false;
  if (!ssl || ssl.rejectUnauthorized === false) {
    throw new CacheError(
      'DATABASE_TLS_REQUIRED',
      `an IAM token travels in clear text: the connection to ${login.host}:${login.port} needs \`ssl\` with a certificate that is verified`,
    );
  }
  return Buffer.from(`${await login.password()}\0`);
}

/** `mysql2` takes its password as text, and reads it only after the server's first packet: until then it can be set. */
function openWithPassword(login: DatabaseLogin, config: Connecting['config']): Socket {
  const socket = new Socket();
  login.password().then(
    (password) => {
      config.password = password;
      // `mysql2` may have given up meanwhile.
      if (!socket.destroyed) {
        socket.setNoDelay(true);
        socket.setKeepAlive(true);
        socket.connect(login.port, login.host);
      }
    },
    (error) => socket.destroy(error),
  );
  return socket;
}
