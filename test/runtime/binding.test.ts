import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '../../runtime';
import { parseBinding } from '../../runtime/binding';

const CACHE = {
  engine: 'valkey',
  mode: 'primary',
  host: 'sessions.example',
  port: 6379,
  tls: true,
  auth: { type: 'iam', user: 'web', cacheName: 'sessions', region: 'us-east-1', serverless: false },
};
const DATABASE = {
  engine: 'postgres',
  host: 'db.example',
  port: 5432,
  name: 'app',
  user: 'app',
  tls: true,
  ca: '/opt/app/rds.pem',
  auth: { type: 'iam', region: 'us-east-1' },
};

function documentWith(changes: { cache?: object; database?: object; root?: object } = {}): string {
  return JSON.stringify({
    version: 1,
    caches: { sessions: { ...CACHE, ...changes.cache } },
    databases: { main: { ...DATABASE, ...changes.database } },
    metricsNamespace: 'test',
    ...changes.root,
  });
}

test('reads a whole document', () => {
  expect(parseBinding(documentWith(), 'file')).toEqual(JSON.parse(documentWith()));
});

test('reads a MySQL database', () => {
  const text = documentWith({ database: { engine: 'mysql', port: 3306 } });

  expect(parseBinding(text, 'file').databases.main).toMatchObject({ engine: 'mysql', port: 3306 });
});

test('takes a port that CloudFormation rendered as text', () => {
  expect(parseBinding(documentWith({ cache: { port: '6379' } }), 'file').caches.sessions?.port).toBe(6379);
});

test.each([
  ['not JSON', '{ "version": 1,', /^binding f\.json: is not JSON/],
  ['an array', '[]', 'binding f.json: the document must be an object, got []'],
  ['another version', documentWith({ root: { version: 9 } }), '`version` must be 1, got 9'],
  ['no version', documentWith({ root: { version: undefined } }), '`version` must be 1, got undefined'],
  ['no caches', documentWith({ root: { caches: undefined } }), 'binding f.json: `caches` is missing'],
  ['no host', documentWith({ cache: { host: undefined } }), 'binding f.json: `caches.sessions.host` is missing'],
  ['an empty host', documentWith({ cache: { host: '' } }), '`caches.sessions.host` must be a string that is not empty'],
  [
    'an unknown engine',
    documentWith({ cache: { engine: 'dragonfly' } }),
    '`caches.sessions.engine` must be one of valkey, redis, memcached, got "dragonfly"',
  ],
  [
    'discovery on Valkey',
    documentWith({ cache: { mode: 'discovery' } }),
    '`caches.sessions.mode` must be one of primary, cluster, node, got "discovery"',
  ],
  [
    'a replicated Memcached',
    documentWith({ cache: { engine: 'memcached', auth: { type: 'none' } } }),
    '`caches.sessions.mode` must be one of discovery, node, got "primary"',
  ],
  [
    'a port out of range',
    documentWith({ cache: { port: 70_000 } }),
    '`caches.sessions.port` must be a whole number from 1 to 65535, got 70000',
  ],
  [
    'TLS that is text',
    documentWith({ cache: { tls: 'yes' } }),
    '`caches.sessions.tls` must be true or false, got "yes"',
  ],
  ['no login', documentWith({ cache: { auth: undefined } }), '`caches.sessions.auth` is missing'],
  [
    'an IAM login without its user',
    documentWith({ cache: { auth: { ...CACHE.auth, user: undefined } } }),
    '`caches.sessions.auth.user` is missing',
  ],
  [
    'a password for another machine',
    documentWith({ cache: { auth: { type: 'password', password: 'x' } } }),
    '`caches.sessions.auth.type` may be "password" only where the host is loopback, got host "sessions.example"',
  ],
  [
    'an unknown database engine',
    documentWith({ database: { engine: 'oracle' } }),
    '`databases.main.engine` must be one of postgres, mysql, got "oracle"',
  ],
  ['a database without a name', documentWith({ database: { name: undefined } }), '`databases.main.name` is missing'],
  [
    'a database without a login',
    documentWith({ database: { auth: { type: 'none' } } }),
    '`databases.main.auth.type` must be one of iam, secret, password, got "none"',
  ],
])('fails if the document has %s', (_, text, message) => {
  expect(() => parseBinding(text as string, 'f.json')).toThrow(message);
});

describe('connect', () => {
  const folder = mkdtempSync(join(tmpdir(), 'binding-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('fails if no variable is set, and names both', () => {
    expect(() => connect({})).toThrow(/\$CACHE_BINDINGS_FILE: is not set.*CACHE_BINDINGS/);
  });

  test('fails if the file is missing, and names it', () => {
    const file = join(folder, 'none.json');

    expect(() => connect({ CACHE_BINDINGS_FILE: file })).toThrow(`binding ${file}: cannot be read (ENOENT)`);
  });

  test('fails if the file lacks a field, and names file and field', () => {
    const file = join(folder, 'bad.json');
    writeFileSync(file, documentWith({ cache: { port: undefined } }));

    expect(() => connect({ CACHE_BINDINGS_FILE: file })).toThrow(
      `binding ${file}: \`caches.sessions.port\` is missing`,
    );
  });

  test('fails if a name is not in the binding, and says which are', () => {
    const caches = connect({ CACHE_BINDINGS: documentWith() });

    expect(() => caches.cache('objects')).toThrow('no cache `objects` in the binding, it holds `sessions`');
    expect(() => caches.database('other')).toThrow('no database `other` in the binding, it holds `main`');
  });

  test('fails if Memcached is asked for a leaderboard', () => {
    const memcached = { engine: 'memcached', mode: 'node', auth: { type: 'none' }, tls: false };
    const caches = connect({ CACHE_BINDINGS: documentWith({ cache: memcached }) });

    expect(() => caches.dataTypes('sessions')).toThrow(
      /cache `sessions` is a Memcached, which has no lists, sets, hashes or sorted sets: use a Valkey or Redis OSS cache/,
    );
  });

  test('a leaderboard on Memcached does not compile where the engines are known', () => {
    const memcached = { engine: 'memcached', mode: 'node', auth: { type: 'none' }, tls: false };
    const caches = connect<{ sessions: 'memcached' }>({ CACHE_BINDINGS: documentWith({ cache: memcached }) });

    // @ts-expect-error: `dataTypes` takes no cache whose engine is Memcached
    expect(() => caches.dataTypes('sessions')).toThrow('is a Memcached');
  });
});
