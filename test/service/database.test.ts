import { sql } from 'kysely';
import { Endpoint } from '../../local/caches/endpoint';
import { type DatabaseLogin, databaseLogin } from '../../runtime/database-login';
import { connectAhead, type Database, openDatabase } from '../../service/database/connection';
import { RunningEngines, timed } from '../engines/running';

let engines: RunningEngines;
let way: Endpoint;
let login: DatabaseLogin;
let database: Database;

beforeAll(async () => {
  engines = await RunningEngines.start();
  const { binding } = await engines.postgres();
  way = await Endpoint.to(binding.port);
  login = databaseLogin({ ...binding, port: way.port });
  database = openDatabase(login);
}, 60_000);

afterAll(async () => {
  await database?.destroy();
  way?.close();
  await engines.stop();
});

const ask = () => sql`select 1`.execute(database);

test('what a page uses at once is connected ahead', async () => {
  await connectAhead(database);

  expect(way.open).toBe(3);
});

test('a connection to a machine that is gone without a word is asked once, within a second', async () => {
  await Promise.all([ask(), ask(), ask()]);
  way.strand();

  const { result, ms } = await timed(() => Promise.allSettled([ask(), ask(), ask()]));

  expect(result.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(ms).toBeLessThan(1_000);
  for (let question = 0; question < 5; question += 1) {
    await ask();
  }
});

test('a database that cannot be reached keeps nobody from starting', async () => {
  const gone = openDatabase({ ...login, port: 1 });

  await connectAhead(gone);

  await gone.destroy();
});
