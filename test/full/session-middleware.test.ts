import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import express from 'express';
import expressSession from 'express-session';
import type { Caches, SessionStore } from '../../runtime';
import { connect } from '../../runtime';
import { bindingOf, refusedCache, sleep, variablesOf } from '../engines/running';
import { ENGINES, TestFleet } from '../runtime/fleet';

const SECRET = 'a secret of at least thirty-two letters';
const RACES = 20;

/** One instance of a service: what it does to the session is said by the path. */
interface Instance {
  readonly address: string;
  close(): Promise<unknown>;
}

async function expressInstance(store: SessionStore): Promise<Instance> {
  const app = express();
  app.use(expressSession({ secret: SECRET, store, resave: false, saveUninitialized: false }));
  app.get('/sign-in', (request, response, next) =>
    request.session.regenerate((error) => {
      if (error) {
        next(error);
      } else {
        (request.session as any).member = 'Ada';
        response.send('in');
      }
    }),
  );
  app.get('/sign-out', (request, response, next) =>
    request.session.destroy((error) => (error ? next(error) : response.send('out'))),
  );
  app.get('/session', (request, response) => void response.json({ ...request.session, cookie: undefined }));
  app.get('/change/:name', async (request, response) => {
    // Slow enough for two to overlap.
    await sleep(15);
    (request.session as any)[request.params.name as string] = true;
    response.send('changed');
  });
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

/** In a process of its own, because fastify's plugins load modules in a way that jest does not know. */
async function fastifyInstance(_: SessionStore, engine: string): Promise<Instance> {
  const child = fork(join(__dirname, '..', 'runtime', 'fastify-instance.ts'), [engine], {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, ...variablesOf(bindingOf(fleet.bindings)) },
  });
  const [address] = (await once(child, 'message')) as [string];
  return {
    address,
    close: async () => {
      child.kill();
      await once(child, 'exit');
    },
  };
}

let fleet: TestFleet;
let caches: [Caches, Caches];

beforeAll(async () => {
  fleet = await TestFleet.start();
  caches = [await fleet.instance(), await fleet.instance()];
});

afterAll(() => fleet.stop());

/** The whole answer: express-session sends the first bytes before it has saved, and the last one after. */
async function ask({ address }: Instance, path: string, cookie = '') {
  const response = await fetch(address + path, { headers: { cookie }, redirect: 'manual' });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text };
}
const cookieOf = ({ headers }: { headers: Headers }) => headers.get('set-cookie')?.split(';')[0] ?? '';
const sessionOf = async (instance: Instance, cookie: string) =>
  JSON.parse((await ask(instance, '/session', cookie)).text);

describe.each(
  ENGINES.flatMap((engine) => [
    [engine, 'express-session', expressInstance] as const,
    [engine, '@fastify/session', fastifyInstance] as const,
  ]),
)('two instances over %s with %s', (engine, _, start) => {
  let here: Instance;
  let there: Instance;

  beforeAll(async () => {
    const userOf = (session: Record<string, unknown>) => session.member as string | undefined;
    here = await start(caches[0].sessionStore(engine, { userOf }), engine);
    there = await start(caches[1].sessionStore(engine, { userOf }), engine);
  });

  afterAll(() => Promise.all([here.close(), there.close()]));

  test('log in on one, be known on both', async () => {
    const cookie = cookieOf(await ask(here, '/sign-in'));

    expect(await sessionOf(there, cookie)).toMatchObject({ member: 'Ada' });
  });

  test(`${RACES} times two requests change one session at once: none is lost`, async () => {
    const lost = await Promise.all(
      Array.from({ length: RACES }, async () => {
        const cookie = cookieOf(await ask(here, '/sign-in'));
        await Promise.all([ask(here, '/change/left', cookie), ask(there, '/change/right', cookie)]);
        const session = await sessionOf(here, cookie);
        return !(session.left && session.right);
      }),
    );

    expect(lost.filter(Boolean)).toHaveLength(0);
  });

  test(`${RACES} times a request saves a session that was signed out meanwhile: none comes back`, async () => {
    const revived = await Promise.all(
      Array.from({ length: RACES }, async () => {
        const cookie = cookieOf(await ask(here, '/sign-in'));
        const late = ask(there, '/change/left', cookie);
        await ask(here, '/sign-out', cookie);
        await late;
        const session = await sessionOf(there, cookie);
        return session.member !== undefined;
      }),
    );

    expect(revived.filter(Boolean)).toHaveLength(0);
  });

  test('a new id at sign-in: the one before is worth nothing', async () => {
    const before = cookieOf(await ask(here, '/sign-in'));
    const after = cookieOf(await ask(here, '/sign-in', before));

    expect(after).not.toBe(before);
    expect(await sessionOf(there, before)).not.toHaveProperty('member');
  });
});

test('with a lost cache express-session answers an error and keeps the cookie', async () => {
  const lost = connect(variablesOf(bindingOf({ cache: await refusedCache('valkey') })));
  const instance = await expressInstance(lost.sessionStore('cache'));
  const cookie = cookieOf(await ask(await startWorking(), '/sign-in'));

  const response = await ask(instance, '/session', cookie);

  expect(response.status).toBe(500);
  expect(response.headers.get('set-cookie')).toBeNull();
  await Promise.all([instance.close(), lost.close(), working?.close()]);
});

let working: Instance | undefined;
async function startWorking(): Promise<Instance> {
  working = await expressInstance((caches[0] as Caches).sessionStore('valkey'));
  return working;
}
