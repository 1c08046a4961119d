import { createHash } from 'node:crypto';
import type { Caches, SessionData, SessionStore } from '../../runtime';
import { SessionNotRotatedError, SessionTooLargeError } from '../../runtime';
import { SessionStore as SessionStoreClass, type SessionStoreOptions } from '../../runtime/sessions/session-store';
import { sleep } from '../engines/running';
import { ENGINES, TestFleet } from './fleet';

let fleet: TestFleet;
let instances: [Caches, Caches];
let number = 0;

beforeAll(async () => {
  fleet = await TestFleet.start();
  instances = [await fleet.instance(), await fleet.instance()];
});

afterAll(() => fleet.stop());

const get = (store: SessionStore, id: string) =>
  new Promise<SessionData | null>((resolve, reject) =>
    store.get(id, (error, session) => (error ? reject(error) : resolve(session))),
  );
const set = (store: SessionStore, id: string, session: object) =>
  new Promise<void>((resolve, reject) => store.set(id, session, (error) => (error ? reject(error) : resolve())));
const destroy = (store: SessionStore, id: string) =>
  new Promise<void>((resolve, reject) => store.destroy(id, (error) => (error ? reject(error) : resolve())));

describe.each(ENGINES)('sessions on %s', (engine) => {
  let id: string;
  beforeEach(() => {
    id = `session-${number++}`;
  });
  const stores = (options?: SessionStoreOptions) =>
    instances.map((caches) => caches.sessionStore(engine, options)) as [SessionStore, SessionStore];

  test('a session set by one instance is known to another', async () => {
    const [here, there] = stores();
    await set(here, id, { member: 'Ada', cookie: { path: '/' } });

    expect(await get(there, id)).toMatchObject({ member: 'Ada', cookie: { path: '/' } });
  });

  test('an id that was never issued is no session', async () => {
    expect(await get(stores()[0], 'made-up')).toBeNull();
  });

  test('requests at the same time lose nothing: each field, list and inner object keeps both changes', async () => {
    const [here, there] = stores();
    await set(here, id, { member: 'Ada', cart: ['tea'], seen: { a: 1 }, gone: true });
    const [one, other] = (await Promise.all([get(here, id), get(there, id)])) as [any, any];

    one.step = 1;
    one.cart.push('milk');
    one.seen.b = 2;
    delete one.gone;
    other.theme = 'dark';
    other.cart.push('sugar');
    other.seen.c = 3;
    await Promise.all([set(here, id, one), set(there, id, other)]);

    const merged = (await get(here, id)) as any;
    expect(merged).toMatchObject({ member: 'Ada', step: 1, theme: 'dark', seen: { a: 1, b: 2, c: 3 } });
    expect([...merged.cart].sort()).toEqual(['milk', 'sugar', 'tea']);
    expect(merged).not.toHaveProperty('gone');
  });

  test('twenty requests at the same time, saved twice each, lose nothing', async () => {
    const both = stores();
    await set(both[0], id, {});

    await Promise.all(
      Array.from({ length: 20 }, async (_, request) => {
        const store = both[request % 2] as SessionStore;
        const session = (await get(store, id)) as any;
        session[`first${request}`] = true;
        await set(store, id, session);
        session[`second${request}`] = true;
        await set(store, id, session);
      }),
    );

    const fields = Object.keys((await get(both[0], id)) as object).filter((name) => /^(first|second)/.test(name));
    expect(fields).toHaveLength(40);
  });

  test('a session that was destroyed stays so, even if a request that began before saves it', async () => {
    const [here, there] = stores();
    await set(here, id, { member: 'Ada' });
    const late = (await get(there, id)) as SessionData;
    await destroy(here, id);

    await set(there, id, { ...late, step: 2 });
    await set(there, id, { member: 'Ada' });

    expect(await get(here, id)).toBeNull();
  });

  test('an unused session ends after its idle time, a used one lives on', async () => {
    // Memcached counts whole seconds, and a busy machine sleeps longer.
    const [store] = stores({ idleMs: 4_000 });
    await set(store, id, { member: 'Ada' });
    await set(store, `${id}-unused`, { member: 'Bob' });

    for (let use = 0; use < 4; use += 1) {
      await sleep(1_500);
      expect(await get(store, id)).toMatchObject({ member: 'Ada' });
    }

    expect(await get(store, `${id}-unused`)).toBeNull();
  });

  test('a session ends at its absolute end, however much it is used', async () => {
    let now = 1_000_000;
    const inner = (stores()[0] as any).store;
    const store = new SessionStoreClass(inner, { idleMs: 60_000, absoluteMs: 100_000 }, undefined, () => now);
    await set(store, id, { member: 'Ada' });
    now += 99_000;
    const used = (await get(store, id)) as SessionData;
    await set(store, id, used);

    now += 2_000;

    expect(await get(store, id)).toBeNull();
  });

  test('fails if the session is over its size, and what was stored stays', async () => {
    const [store] = stores();
    await set(store, id, { member: 'Ada' });

    await expect(set(store, id, { member: 'Ada', cart: 'x'.repeat(5_000) })).rejects.toThrow(SessionTooLargeError);

    expect(await get(store, id)).toMatchObject({ member: 'Ada' });
  });

  test('a field `__proto__` is left out, and the session stays', async () => {
    const [store] = stores();

    await set(store, id, JSON.parse('{"member":"Ada","form":{"__proto__":{"admin":true}}}'));

    expect(await get(store, id)).toMatchObject({ member: 'Ada', form: {} });
    expect(((await get(store, id)) as any).form.admin).toBeUndefined();
  });

  test('what is no session under a session’s key is none, and is removed', async () => {
    const [store] = stores();
    const inner = (store as any).store;
    const key = `session:${createHash('sha256').update(id).digest('base64url')}`;
    await inner.set(key, Buffer.from('{"member":"Eve"}'), 60_000);

    expect(await get(store, id)).toBeNull();
    await sleep(20);
    expect(await inner.get(key)).toBeUndefined();
  });

  describe('of a user', () => {
    const userOf = (session: SessionData) => session.member as string | undefined;
    const signIn = async (store: SessionStore, sessionId: string, member: string) => set(store, sessionId, { member });
    let user: string;
    beforeEach(() => {
      user = `Ada ${number++}`;
    });

    test('are listed, the oldest first, and ended together on every instance but the one that stays', async () => {
      const [here, there] = stores({ userOf });
      for (const [index, store] of [here, there, here].entries()) {
        await signIn(store, `${id}-${index}`, user);
        await sleep(5);
      }

      const listed = await there.sessionsOf(user);
      const ended = await there.endAllOf(user, `${id}-1`);

      expect(listed).toHaveLength(3);
      expect(listed.map(({ startedAt }) => startedAt)).toEqual(listed.map(({ startedAt }) => startedAt).sort());
      expect(JSON.stringify(listed)).not.toContain(id);
      expect(ended).toBe(2);
      expect(await Promise.all([0, 1, 2].map((index) => get(here, `${id}-${index}`)))).toEqual([
        null,
        expect.objectContaining({ member: user }),
        null,
      ]);
      expect(await here.sessionsOf(user)).toHaveLength(1);
    });

    test('are ended one by one by their handle, and only by their own user', async () => {
      const [store] = stores({ userOf });
      await signIn(store, id, user);
      const [session] = await store.sessionsOf(user);

      await store.endOne('Eve', session?.handle as string);
      expect(await get(store, id)).not.toBeNull();
      await store.endOne(user, session?.handle as string);
      expect(await get(store, id)).toBeNull();
    });

    test('are no longer listed after signing out', async () => {
      const [store] = stores({ userOf });
      await signIn(store, id, user);

      await destroy(store, id);

      expect(await store.sessionsOf(user)).toEqual([]);
    });

    test('all count when they sign in at the same time', async () => {
      const both = stores({ userOf });

      await Promise.all(
        Array.from({ length: 10 }, (_, index) => signIn(both[index % 2] as SessionStore, `${id}-${index}`, user)),
      );

      expect(await both[0].sessionsOf(user)).toHaveLength(10);
    });

    test('fails if a user signs in under the id that a visitor had', async () => {
      const [store] = stores({ userOf });
      await set(store, id, { cart: [] });
      const session = (await get(store, id)) as SessionData;

      session.member = user;

      await expect(set(store, id, session)).rejects.toThrow(SessionNotRotatedError);
      expect(await get(store, id)).not.toHaveProperty('member');
    });
  });
});

test('the cache holds the hash of the id and not the id', async () => {
  const store = instances[0].sessionStore('valkey');
  await set(store, 'secret-id', { member: 'Ada' });
  const { commands } = (store as any).store;

  const hash = createHash('sha256').update('secret-id').digest('base64url');
  const byHash = await commands.run('x', ['GET', `session:${hash}`]);
  const byId = await commands.run('x', ['GET', 'session:secret-id']);

  expect(String(byHash)).toContain('Ada');
  expect(String(byHash)).not.toContain('secret-id');
  expect(byId).toBeNull();
});

test.each([
  [{ idleMs: 0 }, '`idleMs` must be above 0, got 0'],
  [{ absoluteMs: Number.NaN }, '`absoluteMs` must be above 0, got NaN'],
  [{ maxBytes: -1 }, '`maxBytes` must be above 0, got -1'],
])('fails if the options are %j', (options, message) => {
  expect(() => instances[0].sessionStore('valkey', options)).toThrow(message);
});

test('fails if the sessions of a user are asked of a store that does not know users', async () => {
  await expect(instances[0].sessionStore('valkey').sessionsOf('Ada')).rejects.toThrow('was made without `userOf`');
});
