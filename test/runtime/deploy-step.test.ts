import { Client } from 'pg';
import { connect, deployStep } from '../../runtime';
import type { DatabaseBinding } from '../../runtime/binding';
import { bindingOf, RunningEngines, variablesOf } from '../engines/running';

let engines: RunningEngines;
let master: DatabaseBinding;
const kept = { ...process.env };

beforeAll(async () => {
  engines = await RunningEngines.start();
  master = (await engines.postgres()).binding;
});

afterEach(() => {
  process.env = { ...kept };
});

afterAll(() => engines.stop());

function instruct(role: object): void {
  Object.assign(process.env, variablesOf(bindingOf({}, { main: master })), {
    CACHE_DEPLOY_STEP: JSON.stringify({ database: 'main', role }),
  });
}

async function as<T>(binding: DatabaseBinding, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client(connect(variablesOf(bindingOf({}, { main: binding }))).database('main'));
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

test('runs the migrations, then makes a role that reads and writes rows and nothing else', async () => {
  instruct({ user: 'app', auth: { type: 'password', password: "it's" } });
  const migrate = jest.fn(async () => {
    await as(master, (client) => client.query('create table if not exists film (id serial primary key, title text)'));
  });
  const step = deployStep({ client: (login) => new Client(login), migrate });

  expect(await step()).toEqual({ role: 'app' });
  expect(await step()).toEqual({ role: 'app' });

  expect(migrate).toHaveBeenCalledTimes(2);
  const application: DatabaseBinding = { ...master, user: 'app', auth: { type: 'password', password: "it's" } };
  await as(application, async (client) => {
    await client.query("insert into film (title) values ('Ran')");
    expect((await client.query('select title from film')).rows).toEqual([{ title: 'Ran' }]);
    await expect(client.query('create table mine (id int)')).rejects.toThrow('permission denied for schema public');
    await expect(client.query('drop table film')).rejects.toThrow('must be owner of table film');
    await expect(client.query('truncate film')).rejects.toThrow('permission denied');
    await expect(client.query('create role other')).rejects.toThrow('permission denied');
  });
});

test('two steps at the same time run the migrations one after the other', async () => {
  instruct({ user: 'app', auth: { type: 'password', password: 'x' } });
  let running = 0;
  let most = 0;
  const migrate = async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setTimeout(resolve, 100));
    running -= 1;
  };
  const step = deployStep({ client: (login) => new Client(login), migrate });

  await Promise.all([step(), step(), step()]);

  expect(most).toBe(1);
});

test('with IAM the role is a member of rds_iam and has no password', async () => {
  await as(master, (client) => client.query('create role rds_iam'));
  instruct({ user: 'web', auth: { type: 'iam' } });

  await deployStep({ client: (login) => new Client(login) })();

  const { rows } = await as(master, (client) =>
    client.query(
      "select pg_has_role('web', 'rds_iam', 'member') as member, rolpassword from pg_authid where rolname = 'web'",
    ),
  );
  expect(rows).toEqual([{ member: true, rolpassword: null }]);
});

test('a migration that fails fails the step', async () => {
  instruct({ user: 'app', auth: { type: 'password', password: 'x' } });
  const step = deployStep({
    client: (login) => new Client(login),
    migrate: async () => {
      throw new Error('column is missing');
    },
  });

  await expect(step()).rejects.toThrow('column is missing');
});

test.each([
  ['no instructions', undefined],
  ['no role', JSON.stringify({ database: 'main' })],
  [
    'a role that is no plain name',
    JSON.stringify({ database: 'main', role: { user: 'a"; drop', auth: { type: 'iam' } } }),
  ],
])('fails if there are %s', async (_, instructions) => {
  Object.assign(process.env, variablesOf(bindingOf({}, { main: master })));
  if (instructions !== undefined) {
    process.env.CACHE_DEPLOY_STEP = instructions;
  }

  await expect(deployStep({ client: (login) => new Client(login) })()).rejects.toThrow(
    '$CACHE_DEPLOY_STEP must name the database and the role to make',
  );
});
