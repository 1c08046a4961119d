import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { OpenLoad } from '../../../drill/open-load';
import { makeCertificates } from '../../../local/certificates';
import { eventually, sleep } from '../../engines/running';
import { mostWithin } from './figures';
import { instance } from './instances';
import { figure, fromDatabase, Stage } from './stage';

const stage = new Stage();

test('12 wrong password: an error within 1 s, at most one sign-in a second, and the password is never told', async () => {
  const group = await stage.valkey();
  const proxy = await stage.proxy(group.node(0).port);
  const binding = group.binding(proxy.port);
  const secret = 'very-secret-password';
  const { caches, events, states } = await instance(
    { ...binding, auth: { type: 'password', user: 'web', password: secret } },
    {},
    false,
  );
  const films = caches.cache('cache').namespace<string>('film', { ttlMs: 60_000 });
  const startedAt = performance.now();
  await eventually(() => expect(states('login-failed')).toBeGreaterThan(0));
  const refusedMs = performance.now() - startedAt;
  const reads = new OpenLoad(100, (number) => films.lookup(number, fromDatabase));

  await sleep(8_000);
  const calls = await reads.stop();
  const error = await caches.ready(10).catch((reason) => reason);
  const session = await new Promise((resolve) => caches.sessionStore('cache').get('x', resolve));

  const most = mostWithin(proxy.connects.slice(1), 1_000);
  figure(
    12,
    `refused after ${refusedMs.toFixed(0)} ms, ${proxy.connects.length} sign-ins in 8 s, at most ${most} in one second`,
  );
  expect(refusedMs).toBeLessThan(1_000);
  expect(most).toBeLessThanOrEqual(1);
  expect(calls.every((call) => call.result?.outcome === 'bypass')).toBe(true);
  for (const shown of [error, session, ...events]) {
    expect(`${inspect(shown, { depth: 20 })} ${(shown as Error).stack} ${JSON.stringify(shown)}`).not.toContain(secret);
  }
});

test('12 the password changes under a live connection that is cut: the old one is refused once a second, the new one is taken', async () => {
  const group = await stage.valkey();
  const proxy = await stage.proxy(group.node(0).port);
  const { caches, states } = await instance(group.binding(proxy.port));
  const films = caches.cache('cache').namespace<string>('film', { ttlMs: 60_000 });
  await films.getOrLoad(1, fromDatabase);
  const before = proxy.connects.length;

  await group.node(0).command('ACL', 'SETUSER', 'web', 'resetpass', '>another-password');
  await group.node(0).command('CLIENT', 'KILL', 'USER', 'web');
  const changedAt = performance.now();
  await eventually(() => expect(states('login-failed')).toBeGreaterThan(0));
  const toldMs = performance.now() - changedAt;
  await sleep(4_000);
  const refused = proxy.connects.slice(before);
  await group.node(0).command('ACL', 'SETUSER', 'web', 'resetpass', '>web-password');
  await eventually(async () => expect((await films.lookup(1, fromDatabase)).outcome).toBe('hit'));

  figure(12, `told after ${toldMs.toFixed(0)} ms, ${refused.length} sign-ins in 4 s`);
  expect(toldMs).toBeLessThan(1_500);
  expect(mostWithin(refused, 1_000)).toBeLessThanOrEqual(1);
});

test('13 the certificate is replaced: open connections go on, a new one is verified and refused if its authority is unknown', async () => {
  const group = await stage.valkey();
  const { caches } = await instance(group.binding(group.node(0).port));
  const films = caches.cache('cache').namespace<string>('film', { ttlMs: 60_000 });
  await films.writeThrough(1, 'cached', async () => {});
  const folder = join(stage.engines.folder, `rotated-${group.node(0).port}`);
  mkdirSync(folder);
  const rotated = await makeCertificates(folder);

  // One command, so that certificate and key match at every moment.
  await group.node(0).command('CONFIG', 'SET', 'tls-cert-file', rotated.certificate, 'tls-key-file', rotated.key);
  const open = await films.lookup(1, async () => 'never');
  const old = await instance(group.binding(group.node(0).port), {}, false);
  const refused = await old.caches
    .cache('cache')
    .ready(2_000)
    .catch((reason: Error) => reason);
  const bypass = await old.caches.cache('cache').namespace<string>('film', { ttlMs: 60_000 }).lookup(1, fromDatabase);
  const next = await instance({ ...group.binding(group.node(0).port), ca: rotated.ca });
  const verified = await next.caches
    .cache('cache')
    .namespace<string>('film', { ttlMs: 60_000 })
    .lookup(1, async () => 'never');

  figure(13, `refused with ${/code: '([A-Z_]+)'/.exec(inspect(refused, { depth: 10 }))?.[1]}`);
  expect(open).toMatchObject({ value: 'cached', outcome: 'hit' });
  expect(refused).toBeInstanceOf(Error);
  expect(inspect(refused, { depth: 10 })).toMatch(/certificate/i);
  expect(bypass).toMatchObject({ value: 'database', outcome: 'bypass' });
  expect(verified).toMatchObject({ value: 'cached', outcome: 'hit' });
});

test('13 a file of authorities that is replaced is read by the next connection', async () => {
  const group = await stage.valkey();
  const folder = join(stage.engines.folder, `authorities-${group.node(0).port}`);
  mkdirSync(folder);
  const ca = join(folder, 'both.pem');
  copyFileSync(group.binding(0).ca as string, ca);
  const { caches } = await instance({ ...group.binding(group.node(0).port), ca });
  const films = caches.cache('cache').namespace<string>('film', { ttlMs: 60_000 });
  await films.writeThrough(1, 'cached', async () => {});
  const rotated = await makeCertificates(folder);

  await group.node(0).command('CONFIG', 'SET', 'tls-cert-file', rotated.certificate, 'tls-key-file', rotated.key);
  copyFileSync(rotated.ca, ca);
  await group.node(0).command('CLIENT', 'KILL', 'USER', 'web');

  await eventually(async () => {
    expect(await films.lookup(1, fromDatabase)).toMatchObject({ value: 'cached', outcome: 'hit' });
  });
});
