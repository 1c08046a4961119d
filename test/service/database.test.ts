import { readFileSync } from 'node:fs';
import { sql } from 'kysely';
import { Endpoint } from '../../local/caches/endpoint';
import { type DatabaseLogin, databaseLogin } from '../../runtime/database-login';
import { connectAhead, type Database, openDatabase } from '../../service/database/connection';
import { eventually, RunningEngines, timed } from '../engines/running';

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

/** Timers of the sockets of this machine that are connected to a port; 2 is one that keeps an idle connection alive. */
function timersTo(port: number): string[] {
  const end = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , remote, state]) => remote?.endsWith(end) && state === '01')
    .map(([, , , , , timer]) => timer as string);
}

test('what a page uses at once is connected ahead, and kept alive', async () => {
  await connectAhead(database);

  expect(way.open).toBe(3);
  await eventually(() => expect(timersTo(way.port).map((timer) => timer.slice(0, 2))).toEqual(['02', '02', '02']));
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

test('a database that refuses or hangs keeps nobody from starting', async () => {
  const refusing = openDatabase({ ...login, port: 1 });
  const hanging = openDatabase(login);
  way.blackHole(true);

  const { ms } = await timed(() => Promise.all([connectAhead(refusing), connectAhead(hanging)]));

  way.blackHole(false);
  expect(ms).toBeLessThan(1_000);
  await Promise.all([refusing.destroy(), hanging.destroy()]);
});
