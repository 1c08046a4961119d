import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { freePort } from '../../local/port';
import { deployStep } from '../../runtime';
import type { DatabaseBinding } from '../../runtime/binding';
import { eventually, sleep, timed } from '../engines/running';
import { instructionsFor, MYSQL, POSTGRES, type Query, type RunningDatabase, signedIn } from './sql-engines';

const PASSWORD = 'it\'s a \\ "pass`word\\';
const APP = { user: 'app', auth: { type: 'password', password: PASSWORD } };

const kept = { ...process.env };

afterEach(() => {
  process.env = { ...kept };
});

describe.each([POSTGRES, MYSQL])('the deploy step on $name', (engine) => {
  let database: RunningDatabase;
  let application: DatabaseBinding;
  const { client } = engine;

  const instruct = (role: object = APP) => Object.assign(process.env, instructionsFor(database.master, role));
  const asMaster = <T>(use: (query: Query) => Promise<T>) => signedIn(engine, database.master, use);
  const asApplication = <T>(use: (query: Query) => Promise<T>) => signedIn(engine, application, use);

  beforeAll(async () => {
    database = await engine.start();
    application = { ...database.master, user: 'app', auth: { type: 'password', password: PASSWORD } };
  });

  afterAll(() => database.stop());

  test('runs the migrations, then makes a role that reads and writes rows and nothing else', async () => {
    instruct();
    const migrate = jest.fn(() =>
      asMaster(async (query) => {
        await query('create table if not exists film (id serial primary key, title varchar(50))');
      }),
    );
    const step = deployStep({ client, migrate });

    expect(await step()).toEqual({ role: 'app' });
    expect(await step()).toEqual({ role: 'app' });

    expect(migrate).toHaveBeenCalledTimes(2);
    await asApplication(async (query) => {
      await query("insert into film (title) values ('Ran'), ('Ikiru')");
      await query("update film set title = 'Dodesukaden' where title = 'Ran'");
      await query("delete from film where title = 'Ikiru'");
      expect(await query('select title from film')).toEqual([{ title: 'Dodesukaden' }]);
      for (const statement of [
        'create table mine (id int)',
        'drop table film',
        'truncate table film',
        'alter table film add column year int',
        'create index by_title on film (title)',
        'create view films as select * from film',
        'grant select on film to app2',
        'create role other',
        'create database other',
      ]) {
        await expect(query(statement)).rejects.toThrow(/denied|must be owner|does not exist|no grant options/);
      }
    });
  });

  test('what a later migration makes is the application’s at once, before its step has ended', async () => {
    instruct();
    await deployStep({ client })();

    await deployStep({
      client,
      migrate: async () => {
        await asMaster((query) => query('create table review (id serial primary key, stars int)'));
        await asApplication(async (query) => {
          await query('insert into review (stars) values (5)');
          expect(await query('select stars from review')).toEqual([{ stars: 5 }]);
        });
      },
    })();
  });

  test('steps at the same time run the migrations one after the other', async () => {
    instruct();
    let running = 0;
    let most = 0;
    const migrate = async () => {
      running += 1;
      most = Math.max(most, running);
      await sleep(100);
      running -= 1;
    };
    const step = deployStep({ client, migrate });

    await Promise.all([step(), step(), step()]);

    expect(most).toBe(1);
  });

  test('a step that waits too long for another says so, and runs no migration', async () => {
    instruct();
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const first = jest.fn(() => held);
    const second = jest.fn();
    const holding = deployStep({ client, migrate: first })();
    await eventually(() => expect(first).toHaveBeenCalled());

    await expect(deployStep({ client, migrate: second, lockTimeoutMs: 1_000 })()).rejects.toThrow(
      'another deploy step of the database `main` still ran after 1 seconds',
    );

    release();
    await holding;
    expect(second).not.toHaveBeenCalled();
    await deployStep({ client, migrate: second, lockTimeoutMs: 1_000 })();
    expect(second).toHaveBeenCalled();
  });

  test('a migration that fails fails the step, and lets the next one run', async () => {
    instruct();
    const failing = deployStep({
      client,
      migrate: async () => {
        throw new Error('column is missing');
      },
    });

    await expect(failing()).rejects.toThrow('column is missing');

    await deployStep({ client, lockTimeoutMs: 1_000 })();
  });

  test('a lock that was lost while the migrations ran fails the step', async () => {
    instruct();
    const kill =
      engine.name === 'postgres'
        ? "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'"
        : "select id from information_schema.processlist where command = 'Sleep' and id <> connection_id()";
    const step = deployStep({
      client,
      migrate: () =>
        asMaster(async (query) => {
          for (const { id } of await query(kill)) {
            id !== undefined && (await query(`kill ${id}`));
          }
          await sleep(100);
        }),
    });

    await expect(step()).rejects.toMatchObject({ code: 'DEPLOY_STEP_LOST' });
  });

  test('a password that was changed is the role’s', async () => {
    instruct({ user: 'app', auth: { type: 'password', password: 'another' } });
    await deployStep({ client })();

    await expect(asApplication((query) => query('select 1'))).rejects.toThrow(/authentication failed|denied/);

    instruct();
    await deployStep({ client })();
    await asApplication((query) => query('select 1'));
  });

  test('connects as the master only to the host that the certificate authority vouches for', async () => {
    const { ca: _, ...unverified } = database.master;
    Object.assign(process.env, instructionsFor(unverified, APP));
    const migrate = jest.fn();

    await expect(deployStep({ client, migrate })()).rejects.toThrow(
      new RegExp(`cannot connect to the database app at 127.0.0.1:${database.master.port}: .*certificate`),
    );

    expect(migrate).not.toHaveBeenCalled();
  });

  test('a database that refuses is named with host and port', async () => {
    const port = await freePort();
    Object.assign(process.env, instructionsFor({ ...database.master, port }, APP));

    await expect(deployStep({ client })()).rejects.toMatchObject({
      code: 'DATABASE_UNREACHABLE',
      message: expect.stringMatching(
        new RegExp(`^cannot connect to the database app at 127.0.0.1:${port}: .*ECONNREFUSED`),
      ),
    });
  });

  test('a master login that is refused is told with host and port', async () => {
    const master: DatabaseBinding = { ...database.master, auth: { type: 'password', password: 'old' } };
    Object.assign(process.env, instructionsFor(master, APP));

    await expect(deployStep({ client })()).rejects.toThrow(
      new RegExp(`cannot connect to the database app at 127.0.0.1:${master.port}: .*(authentication failed|denied)`),
    );
  });

  describe('with a database that takes connections and is silent', () => {
    let silent: Server;
    let connections = 0;

    beforeAll(async () => {
      silent = createServer((socket) => {
        connections += 1;
        socket.on('error', () => {});
        socket.on('close', () => {
          connections -= 1;
        });
        socket.resume();
      });
      await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    });

    afterAll(() => new Promise((resolve) => silent.close(resolve)));

    test('fails in time, and keeps no connection', async () => {
      const { port } = silent.address() as AddressInfo;
      Object.assign(process.env, instructionsFor({ ...database.master, port }, APP));
      const step = deployStep({ client, connectTimeoutMs: 500 });

      const { result, ms } = await timed(() => step().catch((error) => error));

      expect(result).toMatchObject({
        code: 'DATABASE_UNREACHABLE',
        message: `cannot connect to the database app at 127.0.0.1:${port}: no answer within 0.5 seconds`,
      });
      expect(ms).toBeLessThan(2_000);
      await eventually(() => expect(connections).toBe(0), 15_000);
    });
  });

  test('fails if the role is the master itself, whose rights it would take', async () => {
    instruct({ ...APP, user: database.master.user });

    await expect(deployStep({ client })()).rejects.toThrow(
      "$CACHE_DEPLOY_STEP the application's role must not be the master `master` itself",
    );
  });

  test.each([
    ['no instructions', undefined],
    ['no JSON', '{'],
    ['no role', JSON.stringify({ database: 'main' })],
    ['no login of the role', JSON.stringify({ database: 'main', role: { user: 'app' } })],
    [
      'a role that is no plain name',
      JSON.stringify({ database: 'main', role: { user: 'a"; drop', auth: { type: 'iam' } } }),
    ],
  ])('fails if there are %s', async (_, instructions) => {
    instruct();
    delete process.env.CACHE_DEPLOY_STEP;
    if (instructions !== undefined) {
      process.env.CACHE_DEPLOY_STEP = instructions;
    }

    await expect(deployStep({ client })()).rejects.toThrow(
      '$CACHE_DEPLOY_STEP must name the database and the role to make',
    );
  });
});

test('a master login that cannot be fetched in time is not told as a silent database', async () => {
  const master: DatabaseBinding = {
    engine: 'postgres',
    host: 'db.example',
    port: 5432,
    name: 'app',
    user: 'master',
    tls: true,
    auth: { type: 'secret', arn: 'arn:aws:secretsmanager:us-east-1:111122223333:secret:x', region: 'us-east-1' },
  };
  const silent = createHttpServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  Object.assign(process.env, instructionsFor(master, APP), {
    AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${(silent.address() as AddressInfo).port}`,
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'example',
  });
  const client = jest.fn();

  await expect(deployStep({ client, connectTimeoutMs: 500 })()).rejects.toThrow(
    "the master's login of the database app at db.example:5432 cannot be fetched: no answer within 0.5 seconds",
  );
  expect(client).not.toHaveBeenCalled();
  silent.closeAllConnections();
  silent.close();
});
