import { type Caches, connect, type DataTypes } from '../../runtime';
import { bindingOf, RunningEngines, variablesOf } from '../engines/running';

let engines: RunningEngines;
let caches: Caches;
let types: DataTypes;

beforeAll(async () => {
  engines = await RunningEngines.start();
  caches = connect(variablesOf(bindingOf({ sessions: (await engines.valkey()).binding })));
  types = caches.dataTypes('sessions');
  await caches.ready(5_000);
});

afterAll(async () => {
  await caches.close();
  await engines.stop();
});

test('a leaderboard ranks by score, highest first', async () => {
  const board = types.leaderboard('ranks');
  await board.set('ada', 3);
  await board.set('bob', 1);
  await board.set('cy', 2);
  expect(await board.increment('bob', 5)).toBe(6);

  expect(await board.top(2)).toEqual([
    { member: 'bob', score: 6, rank: 1 },
    { member: 'ada', score: 3, rank: 2 },
  ]);
  expect(await board.rank('cy')).toEqual({ member: 'cy', score: 2, rank: 3 });
  expect(await board.rank('nobody')).toBeUndefined();
  expect(await board.size()).toBe(3);
});

test('a leaderboard is rebuilt in one step', async () => {
  const board = types.leaderboard('rebuilt');
  await board.set('gone', 9);

  await board.rebuild(new Map([['ada', 1]]));
  expect(await board.top(10)).toEqual([{ member: 'ada', score: 1, rank: 1 }]);

  await board.rebuild(new Map());
  expect(await board.size()).toBe(0);
});

test.each([Number.NaN, Number.POSITIVE_INFINITY])('fails if a score is %p', async (score) => {
  await expect(types.leaderboard('bad').set('ada', score)).rejects.toThrow('a score must be a finite number');
});

test.each([0, 1.5, -1])('fails if %p places are asked for', async (count) => {
  await expect(types.leaderboard('bad').top(count)).rejects.toThrow('`count` must be a whole number of at least 1');
});

test('a list keeps the newest, each once, up to its limit', async () => {
  const list = types.recent('viewed', { limit: 3 });
  for (const film of ['a', 'b', 'c', 'a', 'd']) {
    await list.add(film);
  }

  expect(await list.entries()).toEqual(['d', 'a', 'c']);
});

test('a list that is not unique keeps repeats', async () => {
  const list = types.recent('log', { limit: 3, unique: false });
  await list.add('a');
  await list.add('a');

  expect(await list.entries()).toEqual(['a', 'a']);
});

test('fails if a list has no room', () => {
  expect(() => types.recent('x', { limit: 0 })).toThrow('`limit` must be a whole number of at least 1, got 0');
});

test('a set holds each member once', async () => {
  const set = types.set('favourites');

  expect([await set.add('1'), await set.add('1'), await set.add('2')]).toEqual([true, false, true]);
  expect([await set.has('1'), await set.remove('1'), await set.has('1')]).toEqual([true, true, false]);
  expect(await set.members()).toEqual(['2']);
});

test('a hash holds fields and counts', async () => {
  const hash = types.hash('profile');
  await hash.set({ since: '2026' });

  expect([await hash.increment('signIns'), await hash.increment('signIns')]).toEqual([1, 2]);
  expect(await hash.all()).toEqual({ since: '2026', signIns: '2' });
});
