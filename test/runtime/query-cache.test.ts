import { Pool } from 'pg';
import { type Caches, connect, QueryCache } from '../../runtime';
import { bindingOf, RunningEngines, variablesOf } from '../engines/running';

let engines: RunningEngines;
let caches: Caches;
let pool: Pool;
let number = 0;

beforeAll(async () => {
  engines = await RunningEngines.start();
  const binding = bindingOf({ cache: (await engines.valkey()).binding }, { main: (await engines.postgres()).binding });
  caches = connect(variablesOf(binding));
  pool = new Pool({ ...caches.database('main'), max: 4 });
  await pool.query(`
    create table film (id int primary key, title text, tenant text default current_setting('app.tenant', true));
    insert into film (id, title, tenant) values (1, 'Ran', 'a'), (2, 'Ikiru', 'b');
    create role reader;
    grant select on film to reader;
    alter table film enable row level security;
    create policy own on film for select to reader using (tenant = current_setting('app.tenant', true));
    create schema other;
    create table other.film (id int primary key, title text);
    insert into other.film values (1, 'Other');
    grant usage on schema other to reader;
    grant select on other.film to reader;
  `);
  caches.cache('cache');
  await caches.ready(5_000);
});

afterAll(async () => {
  await pool.end();
  await caches.close();
  await engines.stop();
});

const queryCache = () => new QueryCache(caches.cache('cache'), pool, `q-${number++}`, { ttlMs: 60_000 });
const TITLES = { text: 'select title from film order by id', tables: ['film'] };

test('a result is cached by its text and parameters', async () => {
  const queries = queryCache();
  const byId = (id: unknown) => ({ text: 'select title from film where id = $1::int', values: [id], tables: ['film'] });

  const first = await queries.lookup(byId(1));
  const again = await queries.lookup(byId(1));
  const other = await queries.lookup(byId(2));

  expect(first).toMatchObject({ outcome: 'miss', value: { rows: [{ title: 'Ran' }], rowCount: 1 } });
  expect(again).toMatchObject({ outcome: 'hit', value: { rows: [{ title: 'Ran' }], rowCount: 1 } });
  expect(other).toMatchObject({ outcome: 'miss', value: { rows: [{ title: 'Ikiru' }] } });
  // The text '1' is another parameter than the number 1.
  expect((await queries.lookup(byId('1'))).outcome).toBe('miss');
});

test('a write invalidates its tables after the commit, and only those', async () => {
  const queries = queryCache();
  await queries.query(TITLES);
  await queries.query({ text: 'select 1 as one', tables: ['elsewhere'] });

  await queries.write(['film'], (client) => client.query("update film set title = 'Ran (1985)' where id = 1"));

  expect((await queries.lookup(TITLES)).value.rows[0]).toEqual({ title: 'Ran (1985)' });
  expect((await queries.lookup({ text: 'select 1 as one', tables: ['elsewhere'] })).outcome).toBe('hit');
});

test('a write that fails is rolled back', async () => {
  const queries = queryCache();
  await queries.query(TITLES);

  const failing = queries.write(['film'], async (client) => {
    await client.query("update film set title = 'gone'");
    throw new Error('no');
  });

  await expect(failing).rejects.toThrow('no');
  expect((await pool.query('select count(*)::int as n from film where title = $1', ['gone'])).rows).toEqual([{ n: 0 }]);
});

test('a write whose commit may have happened invalidates its tables', async () => {
  const queries = queryCache();
  await queries.query(TITLES);

  const failing = queries.write(['film'], async (client) => {
    await client.query("update film set title = 'Ran, restored' where id = 1");
    await client.query('commit');
    throw new Error('Connection terminated unexpectedly');
  });

  await expect(failing).rejects.toThrow('Connection terminated unexpectedly');
  expect((await queries.query(TITLES)).rows[0]).toEqual({ title: 'Ran, restored' });
});

test('who asks is part of the key: role, search path and settings', async () => {
  const queries = queryCache();
  const as = (tenant: string) => ({ ...TITLES, as: { role: 'reader', settings: { 'app.tenant': tenant } } });

  const all = (await queries.query(TITLES)).rows.length;
  const a = (await queries.query(as('a'))).rows;
  const b = (await queries.query(as('b'))).rows;
  const elsewhere = (await queries.query({ ...TITLES, as: { searchPath: 'other' } })).rows;

  expect(all).toBe(2);
  expect(a).not.toEqual(b);
  expect([a.length, b.length]).toEqual([1, 1]);
  expect(elsewhere).toEqual([{ title: 'Other' }]);
  expect((await queries.lookup(as('a'))).outcome).toBe('hit');
  // What was set for a load did not stay with the connection.
  expect((await pool.query('select current_user as who')).rows).toEqual([{ who: 'master' }]);
});

test('inside of a transaction a query goes by the cache, and sees what the transaction wrote', async () => {
  const queries = queryCache();
  await queries.query(TITLES);
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query("insert into film (id, title) values (3, 'Dodesukaden')");
    const inside = await queries.lookup({ ...TITLES, client });
    await client.query('rollback');
    const after = await queries.lookup({ ...TITLES, client });

    expect(inside).toMatchObject({ outcome: 'bypass', value: { rowCount: 3 } });
    expect(after).toMatchObject({ outcome: 'hit', value: { rowCount: 2 } });
  } finally {
    client.release();
  }
});

test.each([
  'update film set title = title returning title',
  'with changed as (update film set title = title returning 1) select * from changed',
  'select title from film where id = 1 for update',
  'select random() as r',
  "select nextval('x')",
])('is not cached: %s', async (text) => {
  const queries = queryCache();
  const run = () =>
    queries.lookup({ text, tables: ['film'] }).then(
      ({ outcome }) => outcome,
      () => 'bypass',
    );

  expect([await run(), await run()]).toEqual(['bypass', 'bypass']);
});

test('a connection that somebody left with another role does not fill the cache for everybody', async () => {
  const one = new Pool({ ...caches.database('main'), max: 1 });
  try {
    const queries = new QueryCache(caches.cache('cache'), one, `q-${number++}`, { ttlMs: 60_000 });
    await queries.query({ text: 'select 1 as one', tables: ['x'] });
    await one.query('set role reader');

    await expect(queries.query(TITLES)).rejects.toMatchObject({ code: 'QUERY_IDENTITY_CHANGED' });
    // The connection was given up, so the next is as it should be.
    expect((await queries.query(TITLES)).rows).toHaveLength(2);
  } finally {
    await one.end();
  }
});

test('fails if no tables are named', async () => {
  await expect(queryCache().query({ text: 'select 1', tables: [] })).rejects.toThrow(
    '`tables` of a cached query must name',
  );
});
