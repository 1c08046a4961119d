import fc from 'fast-check';
import { EngineRefusedError } from '../../runtime';
import { DataTypes } from '../../runtime/data-types/data-types';
import type { RedisCommands } from '../../runtime/redis/commands';
import { RunningEngines, sleep } from '../engines/running';
import { clockedCommands, directCommands } from './direct-commands';

let engines: RunningEngines;
let commands: RedisCommands;
let types: DataTypes;
let clocked: DataTypes;
const clock = { ms: 0 };

beforeAll(async () => {
  engines = await RunningEngines.start();
  commands = await directCommands((await engines.valkey()).binding);
  types = new DataTypes(commands);
  clocked = new DataTypes(clockedCommands(commands, clock));
});

afterAll(async () => {
  await commands.close();
  await engines.stop();
});

/** Of a window. */
const share = (min: number, max: number) => fc.double({ min, max, noNaN: true });

/** The engine's clock has microseconds, and so has this test's. */
const micros = (ms: number) => Math.round(ms * 1_000) / 1_000;

let names = 0;
const nextName = () => `limiter ${++names}`;

test('lets the limit through, says when to come back, and lets through again', async () => {
  clock.ms = 1_900_000_000_000;
  const limiter = clocked.rateLimiter(nextName(), { limit: 3, perMs: 60_000 });

  expect(await limiter.take('ada')).toEqual({
    allowed: true,
    remaining: 2,
    retryAfterMs: 0,
    resetAfterMs: 60_000,
    counted: true,
  });
  clock.ms += 10_000;
  expect((await limiter.take('ada', 2)).remaining).toBe(0);
  clock.ms += 10_000;
  const refused = { allowed: false, remaining: 0, retryAfterMs: 40_000, resetAfterMs: 50_000, counted: true };
  expect([await limiter.take('ada'), await limiter.peek('ada')]).toEqual([refused, refused]);
  expect((await limiter.take('ada', 3)).retryAfterMs).toBe(50_000);
  expect((await limiter.take('bob')).allowed).toBe(true);
  clock.ms += 39_999;
  expect((await limiter.take('ada')).allowed).toBe(false);
  clock.ms += 1;
  expect(await limiter.peek('ada')).toMatchObject({ allowed: true, remaining: 1 });
  expect(await limiter.take('ada')).toMatchObject({ allowed: true, remaining: 0 });
  await limiter.reset('ada');
  expect(await limiter.take('ada', 3)).toMatchObject({ allowed: true, remaining: 0 });
});

test('never lets more than the limit through in any window, and refuses only what would be more', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 10_000, max: 200_000 }),
      fc.array(
        fc.record({
          advance: fc.oneof(
            { weight: 4, arbitrary: share(0, 0.01) },
            { weight: 2, arbitrary: share(0, 0.4) },
            // Back: another node's clock.
            { weight: 1, arbitrary: fc.constantFrom(1, 1.5, -0.1) },
          ),
          // To about a window after something that was taken.
          after: fc.option(fc.record({ index: fc.nat(), late: share(-0.005, 0.03) }), { freq: 3 }),
          cost: fc.integer({ min: 1, max: 12 }),
        }),
        { maxLength: 50 },
      ),
      async (limit, perMs, steps) => {
        const limiter = clocked.rateLimiter(nextName(), { limit, perMs });
        clock.ms = 1_900_000_000_000;
        // The limiter has seen no clock before its first take.
        let now = 0;
        const taken: Array<{ at: number; cost: number }> = [];
        const takenSince = (from: number) =>
          taken.filter(({ at }) => at > from).reduce((sum, { cost }) => sum + cost, 0);

        for (const step of steps) {
          clock.ms += micros(step.advance * perMs);
          const before = step.after === null ? undefined : taken[step.after.index % taken.length];
          if (before !== undefined) {
            clock.ms = Math.max(clock.ms, before.at + micros(perMs * (1 + (step.after?.late ?? 0))));
          }
          // While a clock shows less than it did, time stands still.
          now = Math.max(now, clock.ms);
          const cost = Math.min(step.cost, limit);
          const { allowed, remaining } = await limiter.take('id', cost);
          if (allowed) {
            taken.push({ at: now, cost });
          } else {
            expect(takenSince(now - perMs * 1.01 - 1) + cost).toBeGreaterThan(limit);
          }
          expect(takenSince(now - perMs + 0.01)).toBeLessThanOrEqual(limit);
          expect(remaining).toBeLessThanOrEqual(limit - takenSince(now - perMs + 0.01));
        }

        clock.ms = now;
        const { allowed, retryAfterMs, resetAfterMs } = await limiter.peek('id', limit);
        expect(retryAfterMs > 0).toBe(!allowed);
        if (!allowed) {
          clock.ms = now + retryAfterMs - 1.5;
          expect((await limiter.peek('id', limit)).allowed).toBe(false);
          clock.ms = now + retryAfterMs;
          expect((await limiter.peek('id', limit)).allowed).toBe(true);
        }
        clock.ms = now + resetAfterMs;
        expect(await limiter.peek('id')).toMatchObject({ allowed: true, remaining: limit, resetAfterMs: 0 });
      },
    ),
    { numRuns: 80 },
  );
});

test('what is taken within a hundredth of the window counts from the last of it', async () => {
  const start = 1_900_000_000_000;
  const limiter = clocked.rateLimiter(nextName(), { limit: 3, perMs: 100_000 });
  for (const afterMs of [0, 900, 1_000]) {
    clock.ms = start + afterMs;
    await limiter.take('id');
  }

  clock.ms = start + 100_000;
  expect(await limiter.take('id')).toMatchObject({ allowed: false, retryAfterMs: 900 });
  clock.ms = start + 100_900;
  expect(await limiter.take('id', 2)).toMatchObject({ allowed: true, remaining: 0 });
  expect(await limiter.take('id')).toMatchObject({ allowed: false, retryAfterMs: 100 });
});

test('on a clock that jumps back the time that was seen lasts', async () => {
  const start = 1_900_000_000_000;
  const limiter = clocked.rateLimiter(nextName(), { limit: 1, perMs: 100_000 });
  clock.ms = start;
  await limiter.take('id');
  clock.ms = start + 100_000;
  expect((await limiter.peek('id')).allowed).toBe(true);

  clock.ms = start + 50_000;
  expect((await limiter.take('id')).allowed).toBe(true);

  clock.ms = start + 199_999;
  expect(await limiter.take('id')).toMatchObject({ allowed: false, retryAfterMs: 1 });
  clock.ms = start + 200_000;
  expect((await limiter.take('id')).allowed).toBe(true);
});

test('on the engine’s own clock, many at once do not pass the limit in any window either', async () => {
  const [limit, perMs] = [10, 150];
  const limiter = types.rateLimiter(nextName(), { limit, perMs });
  const allowed: Array<{ from: number; to: number }> = [];
  const end = performance.now() + 700;

  await Promise.all(
    Array.from({ length: 8 }, async () => {
      while (performance.now() < end) {
        const from = performance.now();
        const { allowed: yes, retryAfterMs } = await limiter.take('all');
        if (yes) {
          allowed.push({ from, to: performance.now() });
        } else {
          await sleep(Math.random() * retryAfterMs);
        }
      }
    }),
  );

  // The engine decided between the two moments, in this order.
  allowed.sort((a, b) => a.to - b.to);
  const froms = allowed.map(({ from }) => from).sort((a, b) => a - b);
  for (const [index, { to }] of allowed.slice(limit).entries()) {
    expect(to - (froms[index] as number)).toBeGreaterThanOrEqual(perMs);
  }
  expect(allowed.length).toBeGreaterThan(2 * limit);
});

test('an id is kept in at most about a hundred parts, and is gone after its window', async () => {
  clock.ms = 1_900_000_000_000;
  const name = nextName();
  const limiter = clocked.rateLimiter(name, { limit: 100_000, perMs: 100_000 });
  for (let index = 0; index < 400; index += 1) {
    clock.ms += 400;
    await limiter.take('id');
  }

  const stored = (limiter as unknown as { key(id: string): { key: string } }).key('id').key;
  expect(await commands.run(stored, ['HLEN', stored])).toBeLessThanOrEqual(4 + 102);
  expect(await commands.run(stored, ['PTTL', stored])).toBeLessThanOrEqual(100_001);
  expect(await commands.run(stored, ['PTTL', stored])).toBeGreaterThan(90_000);
});

test('names and ids of any text are kept apart', async () => {
  const pairs = [
    ['a', 'b'],
    ['a:b', ''],
    ['', 'a:b'],
    ['a","b', ''],
    ['a', '","b'],
    ['{a}', 'b\r\n'],
    ['a', 'B'],
  ] as const;

  for (const [name, id] of pairs) {
    expect((await types.rateLimiter(name, { limit: 1, perMs: 60_000 }).take(id)).allowed).toBe(true);
  }
});

test.each([
  ['no memory left', "OOM command not allowed when used memory > 'maxmemory'", true],
  ['no permission', 'NOPERM User web has no permissions', false],
])('with %s, `whenUnavailable` counts only where it would pass', async (_case, answer, decides) => {
  const refusing = { name: 'full', script: () => Promise.reject(new EngineRefusedError('full', answer)) };
  const limiter = new DataTypes(refusing as unknown as RedisCommands).rateLimiter('x', {
    limit: 5,
    perMs: 1_000,
    whenUnavailable: 'allow',
  });

  const taken = limiter.take('ada');

  await (decides
    ? expect(taken).resolves.toMatchObject({ allowed: true, counted: false })
    : expect(taken).rejects.toThrow('NOPERM'));
});

describe('fails if', () => {
  test.each<[string, () => unknown, string]>([
    [
      'nothing is let through',
      () => types.rateLimiter('x', { limit: 0, perMs: 1 }),
      '`limit` must be a whole number from 1 to 1000000000, got 0',
    ],
    [
      'there is no window',
      () => types.rateLimiter('x', { limit: 1, perMs: 0.5 }),
      '`perMs` must be a whole number from 1 to 31622400000, got 0.5',
    ],
    [
      'the choice is unknown',
      () => types.rateLimiter('x', { limit: 1, perMs: 1, whenUnavailable: 'ignore' as never }),
      "`whenUnavailable` must be 'allow', 'refuse' or 'throw', got \"ignore\"",
    ],
    [
      'a cost is above the limit',
      () => types.rateLimiter('x', { limit: 2, perMs: 1 }).take('a', 3),
      '`cost` must be a whole number from 1 to 2, got 3',
    ],
    [
      'a cost is none',
      () => types.rateLimiter('x', { limit: 2, perMs: 1 }).take('a', 0),
      '`cost` must be a whole number from 1 to 2, got 0',
    ],
  ])('%s', async (_case, call, message) => {
    await expect((async () => call())()).rejects.toThrow(message);
  });
});
