import { mkdirSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect as openSocket } from 'node:net';
import { join } from 'node:path';
import { createConnection, createPool, type PoolOptions, type RowDataPacket } from 'mysql2/promise';
import { type Certificates, makeCertificates } from '../../local/certificates';
import { connect, type DatabaseLogin, mysqlLogin } from '../../runtime';
import type { DatabaseBinding } from '../../runtime/binding';
import { CleartextMysql } from '../engines/cleartext-mysql';
import { testFolder } from '../engines/folders';
import { RunningMariadb } from '../engines/mariadb';
import { bindingOf, variablesOf } from '../engines/running';

const kept = { ...process.env };
let folder: string;
let certificates: Certificates;

beforeAll(async () => {
  folder = testFolder();
  mkdirSync(join(folder, 'certificates'));
  certificates = await makeCertificates(join(folder, 'certificates'));
});

afterEach(() => {
  process.env = { ...kept };
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const loginOf = (binding: DatabaseBinding): DatabaseLogin =>
  connect(variablesOf(bindingOf({}, { main: binding }))).database('main');

const asApplication = (port: number, changes: Partial<DatabaseBinding> = {}): DatabaseBinding => ({
  engine: 'mysql',
  host: 'localhost',
  port,
  name: 'app',
  user: 'app',
  tls: true,
  ca: certificates.ca,
  auth: { type: 'iam', region: 'us-east-1' },
  ...changes,
});

describe.each([
  ['MySQL 8.0', 'mysql_native_password'],
  ['MySQL 8.4', 'caching_sha2_password'],
  ['a server that asks for it at once', 'mysql_clear_password'],
])('an IAM token, with the greeting of %s', (_, greeting) => {
  let server: CleartextMysql;

  beforeEach(async () => {
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'example' });
    server = await CleartextMysql.start(certificates, greeting);
  });

  afterEach(() => server.stop());

  test('is what RDS’s signer gives, is sent over TLS only, and only where it is asked for', async () => {
    const connection = await createConnection(mysqlLogin(loginOf(asApplication(server.port))));
    await connection.end();

    expect(server.logins).toEqual([
      {
        encrypted: true,
        beforehand: expect.not.stringContaining('X-Amz'),
        password: expect.stringMatching(
          new RegExp(`^localhost:${server.port}/\\?Action=connect&DBUser=app&.*X-Amz-Expires=900&.*X-Amz-Signature=`),
        ),
      },
    ]);
  });

  test('is a fresh one at every connection of a pool', async () => {
    const login = loginOf(asApplication(server.port));
    let made = 0;
    const pool = createPool({
      ...mysqlLogin({ ...login, password: async () => `token-${++made}` }),
      connectionLimit: 2,
    });
    const [first, second] = await Promise.all([pool.getConnection(), pool.getConnection()]);
    first.release();
    second.release();

    server.disconnect();
    await new Promise((resolve) => setTimeout(resolve, 50));
    (await pool.getConnection()).release();
    await pool.end();

    expect(server.logins.map(({ password }) => password)).toEqual(['token-1', 'token-2', 'token-3']);
  });

  test('that cannot be made fails the connection with its reason', async () => {
    const login = loginOf(asApplication(server.port));
    const password = () => Promise.reject(new Error('no credentials'));

    await expect(createConnection(mysqlLogin({ ...login, password }))).rejects.toThrow('no credentials');
  });

  test.each<[string, PoolOptions]>([
    ['TLS was switched off', { ssl: undefined }],
    ['the certificate is not verified', { ssl: { rejectUnauthorized: false } }],
  ])('is not sent where %s', async (_case, changes) => {
    const login = mysqlLogin(loginOf(asApplication(server.port)));

    await expect(createConnection({ ...login, ...changes })).rejects.toThrow(
      `an IAM token travels in clear text: the connection to localhost:${server.port} needs \`ssl\` with a certificate that is verified`,
    );

    expect(server.logins).toEqual([]);
  });
});

test('no token is sent to a server without TLS, or with the certificate of another host', async () => {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'example' });
  const plain = await CleartextMysql.start(certificates, 'mysql_native_password', false);
  const other = await CleartextMysql.start(certificates, 'mysql_native_password');

  await expect(createConnection(mysqlLogin(loginOf(asApplication(plain.port))))).rejects.toThrow(
    'Server does not support secure connection',
  );
  // The certificate names localhost and 127.0.0.1; `mysql2` by itself asks only who signed it.
  const renamed = { ...mysqlLogin(loginOf(asApplication(other.port))), host: 'localhost.localdomain' };
  await expect(createConnection({ ...renamed, stream: () => openSocket(other.port, '127.0.0.1') })).rejects.toThrow(
    "Hostname/IP does not match certificate's altnames",
  );

  expect([...plain.logins, ...other.logins]).toEqual([]);
  await plain.stop();
  await other.stop();
});

test('fails if tokens would travel without TLS, on either engine', () => {
  for (const engine of ['mysql', 'postgres'] as const) {
    expect(() => loginOf(asApplication(3306, { engine, tls: false }))).toThrow(
      'the database app at localhost:3306 is signed in to with IAM tokens, which travel in clear text: `tls` must be true',
    );
  }
});

test('fails if the database is PostgreSQL', () => {
  expect(() => mysqlLogin(loginOf(asApplication(5432, { engine: 'postgres' })))).toThrow(
    'the database app is postgres: give its login to `pg` as it is',
  );
});

describe('with a real server', () => {
  let server: RunningMariadb;

  beforeAll(async () => {
    server = await RunningMariadb.start();
  });

  afterAll(() => server.stop());

  test('signs in with a password, over TLS', async () => {
    const connection = await createConnection(mysqlLogin(loginOf(server.binding)));
    const [[cipher]] = await connection.query<RowDataPacket[]>("show status like 'Ssl_cipher'");
    await connection.end();

    expect(cipher?.Value).toMatch(/^TLS_AES/);
  });

  test('a pool whose secret was rotated signs in with the new password', async () => {
    let password = 'first';
    const secrets = createHttpServer((_request, response) => {
      response.setHeader('content-type', 'application/x-amz-json-1.1');
      response.end(JSON.stringify({ SecretString: JSON.stringify({ username: 'web', password }) }));
    });
    await new Promise<void>((resolve) => secrets.listen(0, '127.0.0.1', resolve));
    Object.assign(process.env, {
      AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${(secrets.address() as AddressInfo).port}`,
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'example',
    });
    const master = await createConnection(mysqlLogin(loginOf(server.binding)));
    await master.query("create user 'web'@'%' identified by 'first'");
    const auth = { type: 'secret', arn: 'arn:aws:secretsmanager:us-east-1:1:secret:x', region: 'us-east-1' } as const;
    const pool = createPool(mysqlLogin(loginOf({ ...server.binding, name: 'information_schema', user: 'web', auth })));
    const before = await pool.getConnection();

    await master.query("alter user 'web'@'%' identified by 'second'");
    password = 'second';
    const after = await pool.getConnection();
    const [rows] = await after.query<RowDataPacket[]>('select user() as user');

    expect(rows).toEqual([{ user: 'web@127.0.0.1' }]);
    expect(after.threadId).not.toBe(before.threadId);
    before.release();
    after.release();
    await pool.end();
    await master.end();
    await new Promise((resolve) => secrets.close(resolve));
  });

  test('a password that cannot be fetched fails the connection with its reason', async () => {
    const password = () => Promise.reject(new Error('secret is not there'));

    await expect(createConnection(mysqlLogin({ ...loginOf(server.binding), password }))).rejects.toThrow(
      'secret is not there',
    );
  });
});
