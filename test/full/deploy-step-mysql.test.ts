import { createConnection } from 'mysql2/promise';
import { connect, deployStep, mysqlLogin } from '../../runtime';
import type { DatabaseBinding } from '../../runtime/binding';
import { bindingOf, variablesOf } from '../engines/running';
import { instructionsFor, MYSQL, type Query, type RunningDatabase, signedIn } from '../runtime/sql-engines';

const APP = { user: 'app', auth: { type: 'password', password: 'x' } } as const;

const kept = { ...process.env };
let database: RunningDatabase;

beforeAll(async () => {
  database = await MYSQL.start();
  await asMaster(async (query) => {
    await query('create table film (id int auto_increment primary key, title varchar(50))');
    await query('create database other');
    await query('create table other.secret (id int)');
  });
});

beforeEach(() => instruct(APP));

afterEach(async () => {
  process.env = { ...kept };
  await asMaster((query) => query("drop user if exists 'app'@'%', 'app'@'127.0.0.%'"));
});

afterAll(() => database.stop());

const instruct = (role: object) => Object.assign(process.env, instructionsFor(database.master, role));
const asMaster = <T>(use: (query: Query) => Promise<T>) => signedIn(MYSQL, database.master, use);
const application = (): DatabaseBinding => ({ ...database.master, user: 'app', auth: APP.auth });
const asApplication = <T>(use: (query: Query) => Promise<T>) => signedIn(MYSQL, application(), use);
const step = deployStep({ client: MYSQL.client });

/** What the server says that the user may do; behind the first user stands the hash of the password. */
const grants = () => asMaster(async (query) => (await query("show grants for 'app'@'%'")).flatMap(Object.values));

const RIGHT = [
  expect.stringMatching(/^GRANT USAGE ON \*\.\* TO `app`@`%` IDENTIFIED BY PASSWORD '\*[0-9A-F]{40}' REQUIRE SSL$/),
  'GRANT SELECT, INSERT, UPDATE, DELETE ON `app`.* TO `app`@`%`',
];

test('grants rows of the one database, and nothing on another', async () => {
  await step();

  expect(await grants()).toEqual(RIGHT);
  await asApplication(async (query) => {
    await expect(query('select * from other.secret')).rejects.toThrow('denied');
    await expect(query('select * from mysql.user')).rejects.toThrow('denied');
  });
});

test('a second run changes nothing', async () => {
  await step();
  const before = await grants();

  await step();

  expect(await grants()).toEqual(before);
});

test('the role is refused without TLS', async () => {
  await step();
  const { ca: _, ...plain } = application();

  await expect(signedIn(MYSQL, { ...plain, tls: false }, (query) => query('select 1'))).rejects.toThrow('denied');
});

test('a role that lost its rights, or its TLS, or is locked, has them again', async () => {
  await step();
  await asMaster(async (query) => {
    await query("revoke select, delete on app.* from 'app'@'%'");
    await query("alter user 'app'@'%' require none account lock");
  });

  await step();

  expect(await grants()).toEqual(RIGHT);
  await asApplication((query) => query('select * from film'));
});

test('a role that has more than it should has it no longer', async () => {
  await step();
  await asMaster(async (query) => {
    await query('create role boss');
    await query('create procedure count_films() select count(*) from film');
    for (const [what, option = ''] of [
      ['reload, process, create user on *.*', 'with grant option'],
      ['all privileges on other.*', 'with grant option'],
      ['create, drop on app.*', 'with grant option'],
      ['select (id), update (title) on app.film'],
      ['trigger on app.film'],
      ['execute on procedure app.count_films'],
      ['boss', 'with admin option'],
    ]) {
      await query(`grant ${what} to 'app'@'%' ${option}`);
    }
  });

  await step();

  expect(await grants()).toEqual(RIGHT);
  await asMaster(async (query) => {
    await query('drop role boss');
    await query('drop procedure count_films');
  });
});

test.each(['app.*', '*.*'])('a role that had all privileges on %s keeps those on rows', async (scope) => {
  await asMaster((query) => query(`grant all privileges on ${scope} to 'app'@'%' identified by 'x' with grant option`));

  await step();

  expect(await grants()).toEqual(RIGHT);
});

test('while rights are taken away, the application loses none of its own', async () => {
  await step();
  let running = true;
  let answered = 0;
  const load = asApplication(async (query) => {
    while (running) {
      await query('select count(*) from film');
      answered += 1;
    }
  });

  for (let run = 0; run < 5; run += 1) {
    await asMaster(async (query) => {
      await query("grant process on *.* to 'app'@'%' with grant option");
      await query("grant create, drop on app.* to 'app'@'%'");
      await query("grant all on other.* to 'app'@'%'");
    });
    await step();
  }
  running = false;
  await load;

  expect(answered).toBeGreaterThan(20);
});

test('an underscore in the database’s name stands for itself', async () => {
  await asMaster(async (query) => {
    await query('create database a_b');
    await query('create table a_b.mine (id int)');
    await query('create database axb');
    await query('create table axb.theirs (id int)');
    await query("create user 'app'@'%' identified by 'x'");
    await query("grant select on a_b.* to 'app'@'%'");
  });
  Object.assign(process.env, instructionsFor({ ...database.master, name: 'a_b' }, APP));

  await step();
  await step();

  expect(await grants()).toEqual([RIGHT[0], 'GRANT SELECT, INSERT, UPDATE, DELETE ON `a\\_b`.* TO `app`@`%`']);
  await signedIn(MYSQL, { ...application(), name: 'a_b' }, async (query) => {
    await query('insert into mine values (1)');
    await expect(query('select * from axb.theirs')).rejects.toThrow('denied');
  });
});

test('steps of two databases of one server do not wait for each other', async () => {
  let inside: Promise<unknown> = Promise.resolve();
  const outer = deployStep({
    client: MYSQL.client,
    migrate: async () => {
      Object.assign(process.env, instructionsFor({ ...database.master, name: 'other' }, { ...APP, user: 'app_other' }));
      inside = deployStep({ client: MYSQL.client, lockTimeoutMs: 1_000 })();
      await inside;
    },
  });

  await outer();

  await expect(inside).resolves.toEqual({ role: 'app_other' });
  await asMaster((query) => query("drop user 'app_other'@'%'"));
});

test.each(['', 'ANSI_QUOTES', 'NO_BACKSLASH_ESCAPES', 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES'])(
  'quotes names and passwords safely in the mode "%s"',
  async (mode) => {
    const password = `\\' or "1"='1'; drop database app; -- \``;
    await asMaster((query) => query(`set global sql_mode = '${mode}'`));
    instruct({ user: 'app', auth: { type: 'password', password } });

    try {
      await step();
      await asMaster((query) => query("grant create on app.* to 'app'@'%'"));
      await step();
    } finally {
      await asMaster((query) => query('set global sql_mode = default'));
    }

    const signed: DatabaseBinding = { ...application(), auth: { type: 'password', password } };
    await signedIn(MYSQL, signed, (query) => query('select * from film'));
    expect(await grants()).toEqual(RIGHT);
  },
);

test('fails if the user exists for single hosts, which MySQL would prefer', async () => {
  await asMaster((query) => query("create user 'app'@'127.0.0.%' identified by 'x'"));

  await expect(step()).rejects.toMatchObject({
    code: 'ROLE_TOO_POWERFUL',
    message:
      "the application's role app must only read and write rows, but it exists for single hosts too, with rights of its " +
      "own ('app'@'127.0.0.%'): take that away by hand, or give the application another role",
  });
});

test('fails if the role has what the master cannot take away, and tells no hash of its password', async () => {
  const limited: DatabaseBinding = { ...database.master, user: 'limited', auth: { type: 'password', password: 'y' } };
  await asMaster(async (query) => {
    await query("create user 'limited'@'%' identified by 'y'");
    await query("grant select, insert, update, delete, create user on *.* to 'limited'@'%' with grant option");
    await query("grant super on *.* to 'app'@'%' identified by 'x'");
  });
  Object.assign(process.env, instructionsFor(limited, APP));

  await expect(step()).rejects.toThrow(
    /^the application's role app must only read and write rows, but it has SUPER ON \*\.\*: take that away by hand, or give the application another role$/,
  );

  await asMaster((query) => query("drop user 'limited'@'%'"));
});

test('a master with the rights of RDS’s makes the role, twice', async () => {
  const limited: DatabaseBinding = { ...database.master, user: 'limited', auth: { type: 'password', password: 'y' } };
  await asMaster(async (query) => {
    await query("create user 'limited'@'%' identified by 'y'");
    // RDS user guide, UsingWithRDS.MasterAccounts, what MariaDB knows of MySQL 8's.
    await query(
      'grant select, insert, update, delete, create, drop, reload, process, references, index, alter, show databases, ' +
        'create temporary tables, lock tables, execute, replication slave, replication client, create view, show view, ' +
        "create routine, alter routine, create user, event, trigger on *.* to 'limited'@'%' with grant option",
    );
    await query("grant create, drop on app.* to 'app'@'%' identified by 'z'");
  });
  Object.assign(process.env, instructionsFor(limited, APP));

  await step();
  await step();

  expect(await grants()).toEqual(RIGHT);
  await asMaster((query) => query("drop user 'limited'@'%'"));
});

test('fails if the server has no IAM authentication, and says so', async () => {
  instruct({ user: 'app', auth: { type: 'iam' } });

  await expect(step()).rejects.toThrow(
    'the database has no AWSAuthenticationPlugin: IAM authentication must be enabled on its RDS instance',
  );

  expect(await asMaster((query) => query("select 1 from mysql.user where user = 'app'"))).toEqual([]);
});

test('with IAM sends the statements of the RDS user guide', async () => {
  instruct({ user: 'app', auth: { type: 'iam' } });
  const sent: string[] = [];
  const client = {
    connect: async () => {},
    end: async () => {},
    // As RDS's MySQL 8.4 would answer.
    query: async (text: string) => {
      sent.push(text);
      const rows = text.startsWith('select get_lock')
        ? [{ taken: 1 }]
        : text.startsWith('show variables')
          ? [{ Variable_name: 'partial_revokes', Value: 'OFF' }]
          : text.startsWith('show grants')
            ? [
                { 'Grants for app@%': 'GRANT USAGE ON *.* TO `app`@`%`' },
                { 'Grants for app@%': 'GRANT SELECT, INSERT, UPDATE, DELETE ON `app`.* TO `app`@`%`' },
              ]
            : [];
      return [rows, []];
    },
  };

  await deployStep({ client: () => client })();

  expect(sent).toEqual([
    expect.stringMatching(/^select get_lock\('deploy-step:[0-9a-f]{40}', 300\) as taken$/),
    "set session sql_mode = 'NO_BACKSLASH_ESCAPES'",
    "select host as host from mysql.user where user = 'app' and host <> '%'",
    // UsingWithRDS.IAMDBAuth.DBAccounts, and on encryption: ALTER USER 'jane_doe'@'%' REQUIRE SSL.
    "create user if not exists 'app'@'%' identified with AWSAuthenticationPlugin as 'RDS' require ssl",
    "alter user 'app'@'%' identified with AWSAuthenticationPlugin as 'RDS' require ssl account unlock",
    "show variables like 'partial_revokes'",
    "grant select, insert, update, delete on `app`.* to 'app'@'%'",
    "show grants for 'app'@'%'",
  ]);
});

test.each([
  ['partial revokes, where an underscore stands for itself', 'ON', '`a_b`.*'],
  ['none, where it stands for any character', 'OFF', '`a\\_b`.*'],
])('with %s', async (_, value, scope) => {
  Object.assign(process.env, instructionsFor({ ...database.master, name: 'a_b' }, APP));
  const sent: string[] = [];
  const client = {
    connect: async () => {},
    end: async () => {},
    query: async (text: string) => {
      sent.push(text);
      return [text.includes('get_lock') ? [{ taken: 1 }] : text.startsWith('show v') ? [{ Value: value }] : [], []];
    },
  };

  await deployStep({ client: () => client })();

  expect(sent).toContain(`grant select, insert, update, delete on ${scope} to 'app'@'%'`);
});

test('takes away what MySQL 8 tells in its own words', async () => {
  const sent: string[] = [];
  const told = [
    'GRANT USAGE ON *.* TO `app`@`%` WITH GRANT OPTION',
    'GRANT BACKUP_ADMIN,ROLE_ADMIN ON *.* TO `app`@`%`',
    'GRANT SELECT, INSERT, UPDATE, DELETE, CREATE ON `app`.* TO `app`@`%`',
    'GRANT SELECT (`a, TO ON b`) ON `app`.`film` TO `app`@`%`',
    'GRANT PROXY ON ``@`` TO `app`@`%` WITH GRANT OPTION',
    'GRANT `rds_superuser_role`@`%`,`boss`@`%` TO `app`@`%` WITH ADMIN OPTION',
    'REVOKE INSERT ON `other`.* FROM `app`@`%`',
  ];
  let asked = 0;
  const client = {
    connect: async () => {},
    end: async () => {},
    query: async (text: string) => {
      sent.push(text);
      if (text.startsWith('show grants')) {
        asked += 1;
        return [asked === 1 ? told.map((grant) => ({ grant })) : [], []];
      }
      return [text.includes('get_lock') ? [{ taken: 1 }] : [], []];
    },
  };

  await deployStep({ client: () => client })();

  expect(sent.filter((text) => text.startsWith('revoke'))).toEqual([
    "revoke grant option ON *.* from 'app'@'%'",
    "revoke BACKUP_ADMIN,ROLE_ADMIN ON *.* from 'app'@'%'",
    "revoke CREATE ON `app`.* from 'app'@'%'",
    "revoke SELECT (`a, TO ON b`) ON `app`.`film` from 'app'@'%'",
    "revoke PROXY ON ``@`` from 'app'@'%'",
    "revoke `rds_superuser_role`@`%`,`boss`@`%` from 'app'@'%'",
  ]);
});

test('an application signs in with the binding, in a few lines', async () => {
  await step();
  Object.assign(process.env, variablesOf(bindingOf({}, { main: application() })));

  const connection = await createConnection(mysqlLogin(connect().database('main')));
  const [rows] = await connection.query('select database() as name');
  await connection.end();

  expect(rows).toEqual([{ name: 'app' }]);
});
