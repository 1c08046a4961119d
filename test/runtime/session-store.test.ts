import { createHash } from 'node:crypto';
import { type Caches, connect, type SessionData, type SessionStore, SessionTooLargeError } from '../../runtime';
import { SessionStore as SessionStoreClass } from '../../runtime/session-store';
import { bindingOf, RunningEngines, sleep, variablesOf } from '../engines/running';

let engines: RunningEngines;
let caches: Caches;
let number = 0;

beforeAll(async () => {
  engines = await RunningEngines.start();
  caches = connect(
    variablesOf(
      bindingOf({ valkey: (await engines.valkey()).binding, memcached: (await engines.memcached()).binding }),
    ),
  );
  caches.cache('valkey');
  caches.cache('memcached');
  await caches.ready(5_000);
});

afterAll(async () => {
  await caches.close();
  await engines.stop();
});

const get = (store: SessionStore, id: string) =>
  new Promise<SessionData | null>((resolve, reject) =>
    store.get(id, (error, session) => (error ? reject(error) : resolve(session))),
  );
const set = (store: SessionStore, id: string, session: object) =>
  new Promise<void>((resolve, reject) => store.set(id, session, (error) => (error ? reject(error) : resolve())));
const destroy = (store: SessionStore, id: string) =>
  new Promise<void>((resolve, reject) => store.destroy(id, (error) => (error ? reject(error) : resolve())));

describe.each(['valkey', 'memcached'])('sessions on %s', (engine) => {
  let id: string;
  beforeEach(() => {
    id = `session-${number++}`;
  });

  test('a session set by one instance is known to another', async () => {
    await set(caches.sessionStore(engine), id, { member: 'Ada', cookie: { path: '/' } });

    expect(await get(caches.sessionStore(engine), id)).toMatchObject({ member: 'Ada', cookie: { path: '/' } });
  });

  test('an id that was never issued is no session', async () => {
    expect(await get(caches.sessionStore(engine), 'made-up')).toBeNull();
  });

  test('a session that was destroyed stays so, even if a request that began before saves it', async () => {
    const store = caches.sessionStore(engine);
    await set(store, id, { member: 'Ada' });
    await destroy(store, id);

    await set(store, id, { member: 'Ada' });

    expect(await get(store, id)).toBeNull();
  });

  test('an unused session ends after its idle time, a used one lives on', async () => {
    const store = caches.sessionStore(engine, { idleMs: 3_000 });
    await set(store, id, { member: 'Ada' });
    await set(store, `${id}-unused`, { member: 'Bob' });

    for (let use = 0; use < 3; use += 1) {
      await sleep(1_500);
      expect(await get(store, id)).toMatchObject({ member: 'Ada' });
    }

    expect(await get(store, `${id}-unused`)).toBeNull();
  });

  test('a session ends at its absolute end, however much it is used', async () => {
    let now = 1_000_000;
    const inner = (caches.sessionStore(engine) as any).store;
    const store = new SessionStoreClass(inner, { idleMs: 60_000, absoluteMs: 100_000 }, () => now);
    await set(store, id, { member: 'Ada' });
    now += 99_000;
    const used = (await get(store, id)) as SessionData;
    await set(store, id, used);

    now += 2_000;

    expect(await get(store, id)).toBeNull();
  });

  test('fails if the session is over its size, and what was stored stays', async () => {
    const store = caches.sessionStore(engine);
    await set(store, id, { member: 'Ada' });

    await expect(set(store, id, { member: 'Ada', cart: 'x'.repeat(5_000) })).rejects.toThrow(SessionTooLargeError);

    expect(await get(store, id)).toMatchObject({ member: 'Ada' });
  });
});

test('the cache holds the hash of the id and not the id', async () => {
  const store = caches.sessionStore('valkey');
  await set(store, 'secret-id', { member: 'Ada' });
  const connection = (caches as any).opened.get('valkey').connection;

  const hash = createHash('sha256').update('secret-id').digest('base64url');
  const [byHash, byId] = await connection.run((client: any) =>
    Promise.all([client.get(`session:${hash}`), client.get('session:secret-id')]),
  );

  expect(byHash).toContain('Ada');
  expect(byHash).not.toContain('secret-id');
  expect(byId).toBeNull();
});

test('fails if a time or size is not above 0', () => {
  expect(() => caches.sessionStore('valkey', { idleMs: 0 })).toThrow('`idleMs` must be above 0, got 0');
});
