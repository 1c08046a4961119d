import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect as connectTcp, createServer, type Server } from 'node:net';
import { createClient, type RedisClientType } from '@redis/client';
import { freePort } from '../../local/port';
import { type CacheEvent, connect, type StateEvent } from '../../runtime';
import type { CacheBinding } from '../../runtime/binding';
import { observeNothing } from '../../runtime/observer';
import { RedisConnection } from '../../runtime/redis/connection';
import { explainRefusedLogin, reauthenticateAfterMs, renewingCredentials } from '../../runtime/redis/login';
import { bindingOf, eventually, RunningEngines, sleep, variablesOf } from '../engines/running';

let engines: RunningEngines;
let admin: RedisClientType;
let port: number;

beforeAll(async () => {
  engines = await RunningEngines.start();
  admin = await engines.administrator();
  ({ port } = admin.options.socket as { port: number });
});

afterAll(async () => {
  admin.destroy();
  await engines.stop();
});

const bindingTo = (auth: CacheBinding['auth']): CacheBinding => ({
  engine: 'valkey',
  mode: 'primary',
  host: '127.0.0.1',
  port,
  tls: true,
  ca: engines.certificates.ca,
  auth,
});

/** Stands in for Secrets Manager, which cannot be had here: answers what the secret holds now. */
async function secretsManager(current: () => object): Promise<{ close(): void; asked: () => number }> {
  let asked = 0;
  const server = createHttpServer((_request, response) => {
    asked += 1;
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    response.end(JSON.stringify({ SecretString: JSON.stringify(current()) }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'example',
  });
  return { close: () => server.close(), asked: () => asked };
}

test('a password that is rotated fails no request, and is picked up by the next connection', async () => {
  let password = 'first-password';
  await admin.sendCommand(['ACL', 'SETUSER', 'rotated', 'on', `>${password}`, '~*', '+@all']);
  const secrets = await secretsManager(() => ({ username: 'rotated', password }));
  const events: CacheEvent[] = [];
  const auth = { type: 'secret', arn: 'arn:aws:secretsmanager:us-east-1:1:secret:x', region: 'us-east-1' } as const;
  const caches = connect(variablesOf(bindingOf({ cache: bindingTo(auth) })), {
    observer: { observe: (event) => void events.push(event) },
  });
  const films = caches.cache('cache').namespace<string>('film', { ttlMs: 60_000 });
  await caches.ready(5_000);
  let running = true;
  let answered = 0;
  const load = (async () => {
    while (running) {
      await films.getOrLoad(answered % 10, async () => 'x');
      answered += 1;
      await sleep(1);
    }
  })();

  // As ElastiCache's rotation does it: both are valid for a while.
  await admin.sendCommand(['ACL', 'SETUSER', 'rotated', '>second-password']);
  password = 'second-password';
  await admin.sendCommand(['CLIENT', 'KILL', 'USER', 'rotated']);
  await sleep(1_200);
  await admin.sendCommand(['ACL', 'SETUSER', 'rotated', '<first-password']);
  await eventually(async () => {
    expect((await films.lookup(1, async () => 'x')).outcome).toBe('hit');
  });
  running = false;
  await load;
  await caches.close();
  secrets.close();

  expect(answered).toBeGreaterThan(100);
  expect(secrets.asked()).toBe(2);
  expect(events.filter((event) => event.type === 'state' && event.state === 'login-failed')).toEqual([]);
});

test('a login that is refused says so once a try, tries about once in a second and a half, and never tells the password', async () => {
  const events: StateEvent[] = [];
  const caches = connect(
    variablesOf(bindingOf({ cache: bindingTo({ type: 'password', user: 'nobody', password: 'very-secret' }) })),
    { observer: { observe: (event) => void (event.type === 'state' && events.push(event)) } },
  );
  const startedAt = performance.now();
  const lookup = await caches
    .cache('cache')
    .namespace<string>('x', { ttlMs: 60_000 })
    .lookup(1, async () => 'loaded');
  const firstMs = performance.now() - startedAt;
  await sleep(4_000);
  const error = await caches.ready(10).catch((reason) => reason);
  const session = await new Promise((resolve) => caches.sessionStore('cache').get('x', resolve));
  await caches.close();

  const refused = events.filter(({ state }) => state === 'login-failed');
  expect(lookup).toMatchObject({ value: 'loaded', outcome: 'bypass' });
  expect(firstMs).toBeLessThan(1_000);
  expect(refused.length).toBeGreaterThanOrEqual(2);
  expect(refused.length).toBeLessThanOrEqual(4);
  expect(String((refused[0] as { cause: Error }).cause.message)).toMatch(/WRONGPASS/);
  for (const shown of [error, session, ...events]) {
    expect(
      `${JSON.stringify(shown)} ${String(shown)} ${(shown as Error).stack} ${String((shown as any).cause?.stack)}`,
    ).not.toContain('very-secret');
  }
});

test('a refused token tells when it was signed, by whose clock', () => {
  const auth = { type: 'iam', user: 'web', cacheName: 'sessions', region: 'us-east-1', serverless: false } as const;

  expect(explainRefusedLogin(bindingTo(auth), 'WRONGPASS invalid', new Date('2026-01-02T03:04:05Z'))).toBe(
    "WRONGPASS invalid (a token for user `web` of `sessions`, signed at 2026-01-02T03:04:05.000Z by this instance's " +
      "clock: ElastiCache refuses tokens whose time is off, and users that are not in the cache's user group)",
  );
});

test('with IAM a live connection signs in again before its 12 hours are over, and is not cut for it', async () => {
  const iam = { type: 'iam', user: 'web', cacheName: 'x', region: 'us-east-1', serverless: false } as const;
  expect(reauthenticateAfterMs(bindingTo(iam), () => 0)).toBe(11 * 3_600_000);
  expect(reauthenticateAfterMs(bindingTo(iam), () => 1)).toBeGreaterThan(9 * 3_600_000);
  expect(reauthenticateAfterMs(bindingTo({ type: 'none' }))).toBeUndefined();

  // No local engine can verify a token, so this user takes any password; the period is made short.
  await admin.sendCommand(['ACL', 'SETUSER', 'any', 'on', 'nopass', '~*', '+@all']);
  const tokens: string[] = [];
  const login = async () => {
    tokens.push(`token-${tokens.length}`);
    return { username: 'any', password: tokens.at(-1) as string };
  };
  const authCalls = async () =>
    Number(/cmdstat_auth:calls=(\d+)/.exec(String(await admin.info('commandstats')))?.[1] ?? 0);
  const client = createClient({
    credentialsProvider: renewingCredentials(login, 50, (error) => {
      throw error;
    }),
    socket: { port, host: '127.0.0.1', tls: true, ca: readFileSync(engines.certificates.ca), reconnectStrategy: false },
  });
  await client.connect();
  const id = await client.sendCommand(['CLIENT', 'ID']);
  const before = await authCalls();

  await eventually(async () => expect((await authCalls()) - before).toBeGreaterThanOrEqual(3));

  expect(await client.sendCommand(['CLIENT', 'ID'])).toBe(id);
  client.destroy();
  const asked = tokens.length;
  await sleep(150);
  expect(tokens).toHaveLength(asked);
});

test('an endpoint whose name leads elsewhere is followed within five seconds, without an error', async () => {
  const { binding } = await engines.valkey();
  const counts: Record<string, number> = {};
  const relay = async (host: string): Promise<Server> => {
    const server = createServer((client) => {
      counts[host] = (counts[host] ?? 0) + 1;
      const node = connectTcp({ host: '127.0.0.1', port: binding.port });
      client.pipe(node).pipe(client);
      client.on('error', () => node.destroy());
      node.on('error', () => client.destroy());
    });
    await new Promise<void>((resolve) => server.listen(relayPort, host, resolve));
    return server;
  };
  const relayPort = await freePort();
  const servers = [await relay('127.0.0.2'), await relay('127.0.0.3')];
  let address = '127.0.0.2';
  const commands = new RedisConnection({
    name: 'x',
    binding: { ...binding, host: 'localhost', port: relayPort },
    observe: observeNothing,
    resolve: (_host, _options, done) => done(null, [{ address, family: 4 }]),
  });
  try {
    await commands.ready(5_000);

    address = '127.0.0.3';
    const movedAt = performance.now();
    let errors = 0;
    await eventually(async () => {
      await commands.run('x', ['GET', 'x']).catch(() => {
        errors += 1;
      });
      expect(counts['127.0.0.3']).toBe(1);
    }, 6_000);

    expect(performance.now() - movedAt).toBeLessThan(5_000);
    expect(errors).toBe(0);
  } finally {
    await commands.close();
    for (const server of servers) {
      server.close();
    }
  }
});
