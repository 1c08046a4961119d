import { type Caches, type CacheTime, CacheUnavailableError, withCacheBudget } from '../../runtime';
import { ENGINES, TestFleet } from './fleet';

let fleet: TestFleet;
let caches: Caches;
let number = 0;

beforeAll(async () => {
  fleet = await TestFleet.start(1);
  caches = await fleet.instance();
});

afterAll(() => fleet.stop());

/** Of a request that has no time left. */
function afterItsBudget<T>(request: () => Promise<T>): Promise<T> {
  const budgetMs = 0.001;
  return withCacheBudget(async (time) => {
    // A call that is over while the process is held up has not cost the request anything.
    while (time.totalMs < budgetMs) {
      await caches
        .cache('valkey')
        .namespace<string>('spent', { ttlMs: 60_000 })
        .getOrLoad(number++, async () => 'x');
    }
    return request();
  }, budgetMs);
}

const types = () => caches.dataTypes('valkey');

test.each<[string, () => Promise<unknown>]>([
  ['a set', () => types().set('s').add('x')],
  ['a list', () => types().list('l').pushLast('x')],
  ['a hash', () => types().hash('h').all()],
  ['a counter', () => types().counter('c').increment()],
  ['a leaderboard', () => types().leaderboard('b').top(3)],
  ['a recent list', () => types().recent('r', { limit: 3 }).entries()],
  ['a rate limiter', () => types().rateLimiter('l', { limit: 1, perMs: 60_000, whenUnavailable: 'refuse' }).take('x')],
])('%s is not asked beyond the request’s budget', async (_, call) => {
  const outcome = await afterItsBudget(call).then(
    (answer) => answer,
    (error) => error,
  );

  // A rate limiter answers as it was told to without its cache.
  expect(outcome).toEqual(
    outcome instanceof Error ? expect.any(CacheUnavailableError) : expect.objectContaining({ allowed: false }),
  );
});

test('a leaderboard is rebuilt whatever is left of the budget', async () => {
  const board = types().leaderboard('rebuilt');

  await afterItsBudget(() => board.rebuild([['Ada', 3]]));

  expect(await board.top(1)).toMatchObject([{ member: 'Ada', score: 3 }]);
});

test.each(ENGINES)('on %s neither a session nor the list of a user’s is asked beyond it', async (engine) => {
  const sessions = caches.cache(engine).sessionStore({ userOf: ({ user }) => user as string });

  await expect(afterItsBudget(() => sessions.sessionsOf('Ada'))).rejects.toThrow(CacheUnavailableError);
  await expect(
    afterItsBudget(
      () =>
        new Promise((resolve, reject) =>
          sessions.get('id', (error: unknown, found: unknown) => (error ? reject(error) : resolve(found))),
        ),
    ),
  ).rejects.toThrow(CacheUnavailableError);
});

test('a request is told what it has waited for: the longest call, and what was asked at the same time once', async () => {
  const films = caches.cache('valkey').namespace<string>('film', { ttlMs: 60_000 });
  let seen: CacheTime | undefined;
  const startedAt = performance.now();
  await withCacheBudget(async (time) => {
    expect(time).toMatchObject({ totalMs: 0, longestCallMs: 0 });
    seen = time;
    await Promise.all(Array.from({ length: 50 }, (_, id) => films.getOrLoad(id, async () => 'x')));
    await types().counter('told').increment();
  });
  const wallMs = performance.now() - startedAt;
  const { totalMs, longestCallMs } = seen as CacheTime;

  expect(longestCallMs).toBeGreaterThan(0);
  expect(totalMs).toBeGreaterThanOrEqual(longestCallMs);
  expect(totalMs).toBeLessThanOrEqual(wallMs);
});

test('while this process is held up the time of its requests stands still', async () => {
  const films = caches.cache('valkey').namespace<string>('held-up', { ttlMs: 60_000 });
  const told = await withCacheBudget(async (time) => {
    const asked = films.getOrLoad(number++, async () => 'x');
    const until = performance.now() + 300;
    while (performance.now() < until) {
      // A long task.
    }
    await asked;
    // Not refused either: the budget is not spent.
    expect((await films.lookup(number++, async () => 'y')).outcome).toBe('miss');
    return time;
  });

  expect(told.totalMs).toBeLessThan(100);
  expect(told.longestCallMs).toBeLessThan(100);
});

test('time in the loader is not time waited for the cache', async () => {
  const films = caches.cache('valkey').namespace<string>('loaded', { ttlMs: 60_000 });
  const told = await withCacheBudget(async (time) => {
    await films.getOrLoad(number++, () => new Promise((resolve) => setTimeout(() => resolve('x'), 200)));
    return time.totalMs;
  });

  expect(told).toBeLessThan(150);
});
