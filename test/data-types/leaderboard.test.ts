import fc from 'fast-check';
import { DataTypes } from '../../runtime/data-types/data-types';
import type { Leaderboard, LeaderboardOptions } from '../../runtime/data-types/leaderboard';
import type { RedisCommands } from '../../runtime/redis/commands';
import { RunningEngines } from '../engines/running';
import { directCommands } from './direct-commands';
import { type Change, LeaderboardModel } from './leaderboard-model';

let engines: RunningEngines;
let commands: RedisCommands;
let types: DataTypes;

// In cluster mode, where a script that touches keys of two slots is refused.
beforeAll(async () => {
  engines = await RunningEngines.start();
  commands = await directCommands((await engines.valkeyCluster(3)).binding);
  types = new DataTypes(commands);
}, 60_000);

afterAll(async () => {
  await commands.close();
  await engines.stop();
});

let boards = 0;
const board = (options?: LeaderboardOptions) => types.leaderboard(`board ${++boards}`, options);

test('ranks by score, highest first', async () => {
  const ranks = board();
  await ranks.set('ada', 3);
  await ranks.set('bob', 1);
  await ranks.set('cy', 2);
  expect(await ranks.increment('bob', 5)).toBe(6);

  expect(await ranks.top(2)).toEqual([
    { member: 'bob', score: 6, rank: 1 },
    { member: 'ada', score: 3, rank: 2 },
  ]);
  expect(await ranks.rank('cy')).toEqual({ member: 'cy', score: 2, rank: 3 });
  expect([await ranks.rank('nobody'), await ranks.score('nobody')]).toEqual([undefined, undefined]);
  expect(await ranks.around('nobody', 3)).toEqual([]);
  expect(await ranks.size()).toBe(3);
  await ranks.clear();
  expect(await ranks.top(5)).toEqual([]);
});

describe('members with one score', () => {
  const reached: Array<[string, number]> = [
    ['cy', 5],
    ['bob', 7],
    ['ada', 5],
    ['dee', 1],
  ];

  test('share their place unless told otherwise, and the next place counts them all', async () => {
    const shared = board();
    for (const [member, score] of reached) {
      await shared.set(member, score);
    }

    expect((await shared.top(4)).map(({ member, rank }) => [member, rank])).toEqual([
      ['bob', 1],
      ['ada', 2],
      ['cy', 2],
      ['dee', 4],
    ]);
    expect((await shared.page({ from: 3, size: 5 })).places.map(({ rank }) => rank)).toEqual([2, 4]);
  });

  test('stand in the order in which they reached it, if first wins', async () => {
    const first = board({ ties: 'first-wins' });
    for (const [member, score] of reached) {
      await first.set(member, score);
    }
    await first.set('cy', 5);
    await first.increment('cy', 0);

    expect((await first.top(4)).map(({ member, rank }) => [member, rank])).toEqual([
      ['bob', 1],
      ['cy', 2],
      ['ada', 3],
      ['dee', 4],
    ]);

    await first.set('cy', 4);
    await first.increment('cy');
    expect((await first.rank('cy'))?.rank).toBe(3);
  });
});

describe.each([
  ['shared', 'highest'],
  ['shared', 'lowest'],
  ['first-wins', 'highest'],
  ['first-wins', 'lowest'],
] as const)('with ties %s and the %s first', (ties, order) => {
  const member = fc.oneof(
    fc.constantFrom('ada', 'bob', 'cy', 'a', 'A', 'ä', '', ' ', '\u0000', '\n', '-1 x', '__proto__', '\u{1f3c6}'),
    fc.string({ unit: 'binary', maxLength: 4 }),
  );
  const score = fc.oneof(
    { weight: 3, arbitrary: fc.integer({ min: -2, max: 2 }) },
    { weight: 1, arbitrary: fc.double({ noNaN: true, min: -1e300, max: 1e300 }) },
  );
  const change: fc.Arbitrary<Change> = fc.tuple(
    fc.constantFrom('set', 'increment', 'improve', 'remove'),
    member,
    score,
  );

  test('it is what plain sorting says, after any changes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { maxLength: 40 }),
        fc.integer({ min: 1, max: 8 }),
        fc.nat({ max: 4 }),
        score,
        score,
        async (changes, size, radius, one, other) => {
          const real = board({ ties, order });
          const model = new LeaderboardModel(order, ties);
          const answers = await Promise.all(changes.map((change) => applyTo(real, change)));
          expect(answers).toEqual(changes.map((change) => model.apply(change)));
          const places = model.places();
          const [least, most] = [Math.min(one, other), Math.max(one, other)];

          const [top, count, between, parts, neighbours, scores] = await Promise.all([
            real.top(100),
            real.size(),
            real.countBetween(least, most),
            Promise.all(
              Array.from({ length: Math.ceil(places.length / size) + 1 }, (_, index) =>
                real.page({ page: index + 1, size }),
              ),
            ),
            Promise.all(places.map(({ member }) => real.around(member, radius))),
            Promise.all(places.map(({ member }) => real.score(member))),
          ]);

          expect(top).toEqual(places);
          expect(count).toBe(places.length);
          expect(between).toBe(places.filter(({ score }) => score >= least && score <= most).length);
          expect(parts.flatMap((part) => part.places)).toEqual(places);
          expect(parts.every((part) => part.size === places.length)).toBe(true);
          expect(neighbours).toEqual(
            places.map((_, index) => places.slice(Math.max(0, index - radius), index + radius + 1)),
          );
          expect(scores).toEqual(places.map(({ score }) => score));
        },
      ),
      { numRuns: 40 },
    );
  });

  test('a rebuild during which anything changes is what the scores and then the changes say', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.tuple(member, score), { selector: ([name]) => name, maxLength: 12 }),
        fc.array(change, { maxLength: 8 }),
        fc.array(fc.tuple(fc.nat({ max: 2_500 }), change), { maxLength: 20 }),
        async (snapshot, earlier, meanwhile) => {
          const real = board({ ties, order });
          const model = new LeaderboardModel(order, ties);
          for (const change of earlier) {
            await applyTo(real, change);
          }
          const scores = [...snapshot, ...fillers(1_200), ...snapshot.slice(0, 3)];
          const made: Change[] = [];

          await real.rebuild(
            (async function* () {
              for (const [index, entry] of scores.entries()) {
                yield entry;
                for (const [at, change] of meanwhile) {
                  if (at % scores.length === index) {
                    made.push(change);
                    await applyTo(real, change);
                  }
                }
              }
            })(),
          );

          for (const [name, value] of scores) {
            // Of a member that comes twice the later counts, as if it had come only there.
            model.apply(['remove', name, 0]);
            model.apply(['set', name, value]);
          }
          for (const change of made) {
            model.apply(change);
          }
          expect(await real.top(2_000)).toEqual(model.places());
          expect(await leftovers(real)).toBe(0);
        },
      ),
      { numRuns: 6 },
    );
  });
});

test('a score is exact to the last bit, and 0 has no sign', async () => {
  for (const order of ['highest', 'lowest'] as const) {
    const exact = board({ order });
    for (const score of [2 ** 53 - 1, -(2 ** 53), 5e-324, Number.MAX_VALUE, -Number.MAX_VALUE, 0.1 + 0.2, -0, 1e21]) {
      await exact.set('ada', score);
      expect(Object.is(await exact.score('ada'), score + 0)).toBe(true);
    }
  }
});

test('an increment that leaves the finite numbers is refused and changes nothing', async () => {
  for (const order of ['highest', 'lowest'] as const) {
    const full = board({ order });
    await full.set('ada', Number.MAX_VALUE);

    await expect(full.increment('ada', Number.MAX_VALUE)).rejects.toThrow(
      'the score of `ada` would no longer be a finite number',
    );
    expect(await full.score('ada')).toBe(Number.MAX_VALUE);
  }
});

test('counts to both infinities', async () => {
  const counted = board();
  await counted.rebuild([
    ['a', -1],
    ['b', 0],
    ['c', 1],
  ]);

  const infinite = Number.POSITIVE_INFINITY;
  expect([
    await counted.countBetween(-infinite, infinite),
    await counted.countBetween(0, infinite),
    await counted.countBetween(-infinite, -1),
    await counted.countBetween(2, 3),
  ]).toEqual([3, 2, 1, 0]);
});

test('a member may be any text of 512 bytes', async () => {
  const long = board({ ties: 'first-wins' });
  const member = 'é'.repeat(256);
  await long.set(member, 1);

  expect((await long.top(1))[0]?.member).toBe(member);
  await expect(long.set(`${member}x`, 1)).rejects.toThrow('a member must be at most 512 bytes, got 513');
});

test('a board whose tickets were evicted begins anew, as after any loss', async () => {
  const evicted = types.leaderboard('evicted', { ties: 'first-wins' });
  await evicted.set('old', 9);
  await raw('@leaderboard:{evicted}:highest:first-wins', 'DEL', ':tickets');

  expect(await evicted.rank('old')).toBeUndefined();
  await evicted.set('new', 1);

  expect(await evicted.top(5)).toEqual([{ member: 'new', score: 1, rank: 1 }]);
});

describe('fails if', () => {
  test.each<[string, () => unknown, string]>([
    ['a score is no number', () => board().set('a', Number.NaN), 'a score must be a finite number, got NaN'],
    [
      'a score is infinite',
      () => board().rebuild([['a', Number.POSITIVE_INFINITY]]),
      'a score must be a finite number, got Infinity',
    ],
    [
      'an increment is infinite',
      () => board().increment('a', Number.NEGATIVE_INFINITY),
      'a score must be a finite number',
    ],
    ['no places are asked for', () => board().top(0), '`count` must be a whole number of at least 1, got 0'],
    ['half a place is asked for', () => board().top(1.5), '`count` must be a whole number of at least 1, got 1.5'],
    ['too many are asked for', () => board().top(10_001), 'the count of places must be a whole number from 1 to 10000'],
    ['a page is none', () => board().page({ page: 0, size: 5 }), '`page` must be a whole number of at least 1, got 0'],
    [
      'a position is none',
      () => board().page({ from: 0, size: 5 }),
      '`from` must be a whole number of at least 1, got 0',
    ],
    ['a radius is negative', () => board().around('a', -1), '`radius` must be a whole number from 0 to 5000, got -1'],
    [
      'a range is upside down',
      () => board().countBetween(2, 1),
      'scores are counted from the lower to the higher, got 2 and 1',
    ],
    ['half a pair is a member', () => board().rank('\udc00'), 'a member must be text without halves'],
    [
      'an order is unknown',
      () => board({ order: 'best' as never }),
      "`order` must be 'highest' or 'lowest', got \"best\"",
    ],
    [
      'ties are unknown',
      () => board({ ties: 'last' as never }),
      "`ties` must be 'shared' or 'first-wins', got \"last\"",
    ],
    ['there are no periods', () => board().period(new Date()), 'has no periods: give it `period`'],
    ['a time zone has no period', () => board({ timeZone: 'UTC' }), 'the options mix them'],
    ['a period has a life', () => board({ period: 'day', ttlMs: 5 }), 'the options mix them'],
  ])('%s', async (_case, call, message) => {
    await expect((async () => call())()).rejects.toThrow(message);
  });
});

function applyTo(real: Leaderboard, [operation, member, amount]: Change): Promise<unknown> {
  return operation === 'remove' ? real.remove(member) : real[operation](member, amount);
}

function fillers(count: number): Array<[string, number]> {
  return Array.from({ length: count }, (_, index) => [`filler ${index}`, index % 7]);
}

/** Runs a command on keys that begin with this one. */
function raw(key: string, command: string, ...ends: string[]): Promise<unknown> {
  return commands.run(key, [command, ...ends.map((end) => key + end)]);
}

/** Logs of changes that a board has. */
async function leftovers(real: Leaderboard): Promise<unknown> {
  const { data, log } = (real as unknown as { board(): { data: { key: string }; log: string } }).board();
  return raw(data.key, 'EXISTS', log.slice(data.key.length));
}
