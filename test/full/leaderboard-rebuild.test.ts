import type { RedisClientType } from '@redis/client';
import { CacheUnavailableError } from '../../runtime';
import { DataTypes } from '../../runtime/data-types/data-types';
import type { RedisCommands } from '../../runtime/redis/commands';
import { directCommands } from '../data-types/direct-commands';
import { RunningEngines } from '../engines/running';

interface SignedIn {
  readonly username: string;
  readonly password: string;
  readonly socket: { readonly port: number };
}

let engines: RunningEngines;
let commands: RedisCommands;
let types: DataTypes;
let client: RedisClientType;
const opened: Array<{ close(): Promise<void> }> = [];

beforeAll(async () => {
  engines = await RunningEngines.start();
  const { binding } = await engines.valkey();
  commands = await directCommands(binding);
  types = new DataTypes(commands);
  client = await engines.client(binding.port as number, 'web', 'web-password');
});

afterAll(async () => {
  client.destroy();
  await Promise.all([commands, ...opened].map((one) => one.close()));
  await engines.stop();
});

/** Keys of a board, its own and those of rebuilds. */
async function keysOf(name: string): Promise<string[]> {
  const { keys } = await client.scan('0', { MATCH: `@leaderboard:{${name}}*`, COUNT: 10_000 });
  return keys.map((key) => key.slice(`@leaderboard:{${name}}`.length)).sort();
}

function* members(count: number, score = (index: number) => index): Generator<[string, number]> {
  for (let index = 0; index < count; index += 1) {
    yield [`member ${index}`, score(index)];
  }
}

test('what was there before is gone, what came is there, and nothing else is left', async () => {
  const board = types.leaderboard('rebuilt');
  await board.set('gone', 9);

  await board.rebuild(new Map([['ada', 1]]));
  expect(await board.top(10)).toEqual([{ member: 'ada', score: 1, rank: 1 }]);
  expect(await keysOf('rebuilt')).toEqual([':highest:shared']);

  await board.rebuild(new Map());
  expect(await board.size()).toBe(0);
  expect(await keysOf('rebuilt')).toEqual([]);
});

test.each(['shared', 'first-wins'] as const)(
  'readers see the old board until they see the whole new one (ties: %s)',
  async (ties) => {
    const board = types.leaderboard('switched', { ties });
    await board.rebuild(members(7));
    const seen = new Set<string>();
    let running = true;
    const reader = (async () => {
      while (running) {
        const { places, size } = await board.page({ page: 1, size: 1 });
        seen.add(`${size} members, ${places[0]?.score} best`);
      }
    })();

    await board.rebuild(members(20_000));
    running = false;
    await reader;
    await board.top(1);

    expect([...seen].filter((state) => !['7 members, 6 best', '20000 members, 19999 best'].includes(state))).toEqual(
      [],
    );
    expect(await board.size()).toBe(20_000);
    expect(await board.rank('member 0')).toEqual({ member: 'member 0', score: 0, rank: 20_000 });
  },
);

test('many changes that come during a rebuild are all repeated', async () => {
  const board = types.leaderboard('busy');
  let increments = 0;

  await board.rebuild(
    (async function* () {
      for (const entry of members(3_000, () => 10)) {
        yield entry;
        if (entry[0].endsWith('00')) {
          const burst = Array.from({ length: 100 }, (_, index) => board.increment(`member ${index}`));
          increments += 1;
          await Promise.all(burst);
        }
      }
      await board.remove('member 99');
      await board.improve('member 98', 1_000);
      await board.set('new', 5_000);
    })(),
  );

  const top = await board.top(3);
  expect(increments).toBeGreaterThan(20);
  expect(top.slice(0, 2)).toEqual([
    { member: 'new', score: 5_000, rank: 1 },
    { member: 'member 98', score: 1_000, rank: 2 },
  ]);
  expect(top[2]?.score).toBe(10 + increments);
  expect(await board.rank('member 99')).toBeUndefined();
  expect(await board.size()).toBe(3_000);
});

test('rebuilds side by side are each right, and the last to end stays', async () => {
  const board = types.leaderboard('twice', { ties: 'first-wins' });
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });

  const slow = board.rebuild(
    (async function* () {
      yield ['slow', 1] as [string, number];
      await released;
      yield ['later', 2] as [string, number];
    })(),
  );
  await board.set('before', 7);
  await board.rebuild(members(1_500));
  expect(await board.size()).toBe(1_500);
  expect(await board.increment('member 3', 0.5)).toBe(3.5);
  release();
  await slow;

  expect((await board.top(9)).map(({ member, score }) => [member, score])).toEqual([
    ['before', 7],
    ['later', 2],
    ['slow', 1],
    ['member 3', 0.5],
  ]);
  expect(await keysOf('twice')).toEqual([':highest:first-wins', ':highest:first-wins:tickets']);
});

test.each<[string, () => Iterable<[string, number]>]>([
  [
    'the database fails',
    function* () {
      yield* members(1_500);
      throw new Error('the database is gone');
    },
  ],
  [
    'a score is bad',
    function* () {
      yield* members(1_500);
      yield ['bad', Number.NaN];
    },
  ],
])('the board stays what it was if %s', async (_case, scores) => {
  const board = types.leaderboard('failed');
  await board.rebuild([['ada', 1]]);

  await expect(board.rebuild(scores())).rejects.toThrow(/the database is gone|a score must be a finite number/);

  expect(await board.top(10)).toEqual([{ member: 'ada', score: 1, rank: 1 }]);
  expect(await keysOf('failed')).toEqual([':highest:shared']);
});

test.each(['staging', 'log'])('the board stays what it was if the engine lost the %s', async (what) => {
  const board = types.leaderboard('lost');
  await board.rebuild([['ada', 1]]);

  const rebuilding = board.rebuild(
    (async function* () {
      yield* members(1_500);
      // The first thousand are staged, the rest is not.
      for (const key of await keysOf('lost')) {
        expect([':highest:shared', ':highest:shared:changes']).toContain(key.replace(/:[0-9a-f]{16}$/, ''));
        if (what === 'log' ? key.endsWith(':changes') : /[0-9a-f]{16}$/.test(key)) {
          await client.del(`@leaderboard:{lost}${key}`);
        }
      }
      yield* members(10);
    })(),
  );

  await expect(rebuilding).rejects.toMatchObject({ code: 'REBUILD_LOST' });
  expect(await board.top(10)).toEqual([{ member: 'ada', score: 1, rank: 1 }]);
  expect(await keysOf('lost')).toEqual([':highest:shared']);
});

test.each(['shared', 'first-wins'] as const)('a step whose answer is lost is done once (ties: %s)', async (ties) => {
  const tries = new Map<string, number>();
  const flaky: RedisCommands = {
    ...commands,
    run: async (key, command) => {
      if (!String(command[1]).includes('FINISHED')) {
        return commands.run(key, command);
      }
      // Each step of the rebuild: first it does not arrive, then its answer does not, then all is well.
      const step = JSON.stringify(command);
      const tried = (tries.get(step) ?? 0) + 1;
      tries.set(step, tried);
      const answer = tried === 1 ? undefined : await commands.run(key, command);
      if (answer === undefined || tried === 2) {
        throw new CacheUnavailableError('sessions');
      }
      return answer;
    },
  };
  const board = new DataTypes(flaky).leaderboard('flaky', { ties });

  await board.rebuild(
    (async function* () {
      yield* members(1_200, () => 1);
      await Promise.all(Array.from({ length: 1_100 }, () => board.increment('member 7')));
    })(),
  );

  expect([...tries.values()]).toEqual([3, 3, 3, 3]);
  expect(await board.size()).toBe(1_200);
  expect(await board.rank('member 7')).toEqual({ member: 'member 7', score: 1_101, rank: 1 });
  expect((await board.top(2))[1]?.member).toBe('member 0');
});

test('fails if a failover undid a step, and does not put a board with a hole into place', async () => {
  const admin = await engines.administrator();
  const { username: user, password, socket } = admin.options as never as SignedIn;
  const direct = await directCommands({
    engine: 'valkey',
    mode: 'primary',
    host: '127.0.0.1',
    port: socket.port,
    tls: true,
    ca: engines.certificates.ca,
    auth: { type: 'password', user, password },
  });
  opened.push(direct, { close: async () => admin.destroy() });
  const board = new DataTypes(direct).leaderboard('undone');
  await board.set('ada', 1);
  // What the replica that is promoted had received.
  const received = new Map<string, unknown>();

  const rebuilding = board.rebuild(
    (async function* () {
      yield* members(1_500);
      for (const key of await admin.keys('*:highest:shared:*')) {
        received.set(key, await admin.withTypeMapping({ 36: Buffer }).sendCommand(['DUMP', key]));
      }
      yield* members(1_000, (index) => index + 1_500);
      for (const [key, dump] of received) {
        await admin.sendCommand(['RESTORE', key, '60000', dump as Buffer, 'REPLACE']);
      }
      yield* members(1_000);
    })(),
  );

  await expect(rebuilding).rejects.toMatchObject({ code: 'REBUILD_LOST' });
  expect(received.size).toBe(2);
  expect(await board.top(5)).toEqual([{ member: 'ada', score: 1, rank: 1 }]);
});

test('what a process that died in the middle leaves behind ends by itself', async () => {
  const board = types.leaderboard('died', { ties: 'first-wins' });
  await board.set('ada', 1);
  const lives: number[] = [];

  await board.rebuild(
    (async function* () {
      yield* members(1_500);
      for (const key of await keysOf('died')) {
        lives.push(await client.pTTL(`@leaderboard:{died}${key}`));
      }
    })(),
  );

  // The board and its tickets have no end; the log, what is staged and its tickets have one.
  expect(lives.filter((life) => life === -1)).toHaveLength(2);
  expect(lives.filter((life) => life > 0 && life <= 60_000)).toHaveLength(3);
});
