import fc from 'fast-check';
import { DataTypes } from '../../runtime/data-types/data-types';
import type { LeaderboardOptions } from '../../runtime/data-types/leaderboard';
import { DEFAULT_KEEP_MS, PeriodCalendar } from '../../runtime/data-types/leaderboard-period';
import type { RedisCommands } from '../../runtime/redis/commands';
import { RunningEngines } from '../engines/running';
import { clockedCommands, directCommands } from './direct-commands';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

describe('a period', () => {
  test.each([
    ['day', 'UTC', '2026-03-29T23:59:59.999Z', '2026-03-29'],
    ['day', 'UTC', '2026-03-30T00:00:00.000Z', '2026-03-30'],
    ['day', 'Europe/Berlin', '2026-03-28T22:59:59Z', '2026-03-28'],
    ['day', 'Europe/Berlin', '2026-03-28T23:00:00Z', '2026-03-29'],
    ['day', 'Europe/Berlin', '2026-03-29T21:59:59Z', '2026-03-29'],
    ['day', 'Europe/Berlin', '2026-03-29T22:00:00Z', '2026-03-30'],
    ['day', 'Pacific/Kiritimati', '2026-12-31T10:00:00Z', '2027-01-01'],
    ['day', 'Etc/GMT+12', '2026-01-01T11:59:59Z', '2025-12-31'],
    ['week', 'UTC', '2026-03-29T12:00:00Z', '2026-03-23'],
    ['week', 'UTC', '2026-03-30T00:00:00Z', '2026-03-30'],
    ['week', 'UTC', '2027-01-01T00:00:00Z', '2026-12-28'],
    ['week', 'America/New_York', '2026-03-30T03:59:59Z', '2026-03-23'],
    ['month', 'UTC', '2024-02-29T12:00:00Z', '2024-02'],
    ['month', 'Asia/Kolkata', '2026-12-31T18:30:00Z', '2027-01'],
  ] as const)('of a %s in %s at %s is %s', (period, timeZone, at, name) => {
    expect(new PeriodCalendar(period, timeZone).of(new Date(at)).name).toBe(name);
  });

  test('is over in every time zone when it is kept no longer, and not much later', () => {
    const longest = { day: DAY_MS, week: 7 * DAY_MS, month: 31 * DAY_MS };
    fc.assert(
      fc.property(
        fc.constantFrom('day', 'week', 'month'),
        fc.constantFrom(
          'UTC',
          'Europe/Berlin',
          'Pacific/Kiritimati',
          'Etc/GMT+12',
          'Australia/Lord_Howe',
          'Asia/Kolkata',
        ),
        fc.date({ min: new Date('1980-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
        (period, timeZone, at) => {
          const calendar = new PeriodCalendar(period, timeZone);
          const { name, overAt } = calendar.of(at);

          expect(calendar.of(new Date(overAt)).name > name).toBe(true);
          expect(calendar.of(new Date(overAt - 27 * HOUR_MS)).name <= name).toBe(true);
          expect(overAt - at.getTime()).toBeLessThanOrEqual(longest[period] + 26 * HOUR_MS);
        },
      ),
      { numRuns: 500 },
    );
  });

  test.each<[string, LeaderboardOptions, string]>([
    [
      'a time zone is unknown',
      { period: 'day', timeZone: 'Mars/Olympus' },
      '`timeZone` must be a name of the IANA database, for example \'Europe/Berlin\', got "Mars/Olympus"',
    ],
    ['a period is unknown', { period: 'year' as never }, "`period` must be 'day', 'week' or 'month', got \"year\""],
    [
      'it is kept for a negative time',
      { period: 'day', keepMs: -1 },
      '`keepMs` must be a whole number of at least 0, got -1',
    ],
  ])('fails if %s', (_case, options, message) => {
    expect(() => new DataTypes({} as never).leaderboard('x', options)).toThrow(message);
  });

  test('fails if a date is none', () => {
    const board = new DataTypes({} as never).leaderboard('x', { period: 'day' });

    expect(() => board.period(new Date('never'))).toThrow('a period is found by a valid date');
  });
});

describe('a leaderboard with periods', () => {
  let engines: RunningEngines;
  let commands: RedisCommands;
  let types: DataTypes;
  const clock = { ms: 0 };

  beforeAll(async () => {
    engines = await RunningEngines.start();
    commands = await directCommands((await engines.valkey()).binding);
    types = new DataTypes(clockedCommands(commands, clock));
  });

  afterAll(async () => {
    await commands.close();
    await engines.stop();
  });

  test('begins anew with each period, and earlier ones can be read', async () => {
    const board = types.leaderboard('daily', { period: 'day', timeZone: 'Europe/Berlin' });
    const yesterday = board.period(new Date('2030-06-30T12:00:00Z'));

    clock.ms = Date.parse('2030-06-30T21:59:59Z');
    await board.set('ada', 3);
    clock.ms = Date.parse('2030-06-30T22:00:00Z');
    const atMidnight = await board.top(5);
    await board.increment('ada');
    await board.set('bob', 1);

    expect(atMidnight).toEqual([]);
    expect(await board.score('ada')).toBe(1);
    expect(await board.size()).toBe(2);
    expect(await yesterday.top(5)).toEqual([{ member: 'ada', score: 3, rank: 1 }]);
    expect((await board.period(new Date(clock.ms)).top(1))[0]?.rank).toBe(1);
    expect(await board.period(new Date('2029-01-01')).top(1)).toEqual([]);
  });

  test('daily, weekly and monthly tables of one name are apart, and so are other rules for ties', async () => {
    clock.ms = Date.parse('2030-07-01T12:00:00Z');
    const boards = (['day', 'week', 'month', undefined] as const).flatMap((period) =>
      (['shared', 'first-wins'] as const).map((ties) => types.leaderboard('apart', { period, ties })),
    );
    for (const [index, board] of boards.entries()) {
      await board.set('ada', index);
    }

    expect(await Promise.all(boards.map((board) => board.score('ada')))).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test.each([
    ['day', '2030-03-05', DEFAULT_KEEP_MS.day, '2030-03-06T12:00:00Z'],
    ['week', '2030-03-04', DEFAULT_KEEP_MS.week, '2030-03-11T12:00:00Z'],
    ['month', '2030-03', 90 * DAY_MS, '2030-04-01T12:00:00Z'],
  ] as const)('keeps a %s for its time after the end, however it is filled', async (period, name, keepMs, over) => {
    clock.ms = Date.parse('2030-03-05T10:00:00Z');
    const board = types.leaderboard('kept', { period, ties: 'first-wins', keepMs });
    const keys = ['', ':tickets'].map((end) => `@leaderboard:{kept}:highest:first-wins:${period}:${name}${end}`);
    const ends = () => Promise.all(keys.map((key) => commands.run(key, ['PEXPIRETIME', key])));
    const end = Date.parse(over) + keepMs;

    await board.set('ada', 1);
    expect(await ends()).toEqual([end, end]);
    clock.ms += DAY_MS / 4;
    await board.rebuild([['bob', 1]]);
    expect(await ends()).toEqual([end, end]);
  });

  test('fails if a period that would be gone at once is changed', async () => {
    clock.ms = Date.parse('2030-03-05T10:00:00Z');
    const board = types.leaderboard('late', { period: 'month' });

    await board.period(new Date('2029-03-05')).rebuild([['ada', 1]]);
    expect(await board.period(new Date('2029-03-20')).score('ada')).toBe(1);
    await expect(board.period(new Date('2028-03-05')).set('ada', 1)).rejects.toThrow(
      'leaderboard `late` keeps no month that is as long over as 2028-03: give it a longer `keepMs`',
    );
  });
});
