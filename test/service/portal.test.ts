import { Client } from 'pg';
import { Endpoint } from '../../local/caches/endpoint';
import type { ManagedProcess } from '../../local/managed-process';
import { connect } from '../../runtime';
import { migrate } from '../../service/database/migrate';
import { bindingOf, eventually, freeze, RunningEngines, signal, sleep, timed, variablesOf } from '../engines/running';
import { Instance } from './instance';
import { tokenIn, Visitor } from './visitor';

let engines: RunningEngines;
let variables: Record<string, string>;
let valkey: ManagedProcess;
let memcached: ManagedProcess;
/** Two instances of one fleet, and one as production runs it. */
let one: Instance;
let two: Instance;
let production: Instance;

beforeAll(async () => {
  engines = await RunningEngines.start();
  const sessions = await engines.valkey();
  const objects = await engines.memcached();
  const database = await engines.postgres();
  valkey = sessions.primary;
  memcached = objects.nodes[0] as ManagedProcess;
  variables = variablesOf(
    bindingOf({ sessions: sessions.binding, objects: objects.binding }, { main: database.binding }),
  );
  const login = connect(variables).database('main');
  // As the instances of a fleet would, should they all start at once.
  await Promise.all([migrate(login), migrate(login)]);
  one = await Instance.start('one', true, variables, engines.folder);
  two = await Instance.start('two', true, variables, engines.folder);
  production = await Instance.start('three', false, variables, engines.folder);
}, 60_000);

afterAll(async () => {
  await Promise.all([one, two, production].map((instance) => instance?.process.stop()));
  await engines.stop();
});

describe('films', () => {
  test('all 3,201 are there, with titles that were numbers, and what is not known said so', async () => {
    const list = await one.inject('/');
    const numeric = await one.inject('/?q=300');

    expect(list.body).toContain('3,201 films');
    expect(numeric.body).toMatch(/<span class="card-title">300<\/span>/);
    expect((await one.inject('/films/1')).body).toContain('Directed by unknown');
  });

  test('a film is a miss, then a hit on every instance, and the headers say what it took', async () => {
    const first = await one.inject('/films/10');
    const second = await two.inject('/films/10');

    expect(first.headers).toMatchObject({ 'x-cache': 'miss', 'x-instance': 'one' });
    expect(second.headers).toMatchObject({ 'x-cache': 'hit', 'x-instance': 'two' });
    expect(first.headers['server-timing']).toMatch(
      /^cache;dur=\d+\.\d\d, slowest-call;dur=\d+\.\d\d, wait;dur=0\.00, database;dur=(?!0\.00)\d+\.\d\d, total;dur=/,
    );
    expect(second.headers['server-timing']).toContain('database;dur=0.00');
  });

  test.each(['/', '/films/1', '/sign-in', '/rankings', '/nothing', '/healthz', '/assets/style.css'])(
    'the response to %s says what happened',
    async (url) => {
      const { headers } = await one.inject(url);

      expect(headers['x-cache']).toMatch(/^(hit|miss|bypass)$/);
      expect(headers['server-timing']).toMatch(
        /^cache;dur=[\d.]+, slowest-call;dur=[\d.]+, wait;dur=[\d.]+, database;dur=[\d.]+, total;dur=[\d.]+$/,
      );
      expect(headers['x-instance']).toBe('one');
    },
  );

  test('search finds text anywhere in a title, in any case', async () => {
    expect((await one.inject('/?q=GODFATHER')).body).toContain('The Godfather');
    expect((await one.inject('/?q=zzzzzz')).body).toContain('No film’s title has that');
  });

  test.each(['/?q=%25', '/?q=_', "/?q='%3B%20drop%20table%20film", '/?page=-1', '/?page=1e9', '/?q=a&q=b', '/?q=%00'])(
    'takes %s as it is meant, without harm',
    async (url) => {
      expect((await one.inject(url)).statusCode).toBe(200);
    },
  );

  test.each(['/films/0', '/films/99999', '/films/abc', '/films/1.5', '/nothing'])('%s is not found', async (url) => {
    const response = await one.inject(url);

    expect(response.statusCode).toBe(404);
    expect(response.body).toContain('There is no such page');
  });

  test('recommendations come from the whole catalogue, and can be asked for without the cache', async () => {
    const cached = await one.inject('/films/100/recommendations');
    const fresh = await one.inject({ url: '/films/100/recommendations', headers: { 'cache-control': 'no-cache' } });

    expect(cached.json()).toHaveLength(8);
    expect(cached.json()[0].score).toBeGreaterThanOrEqual(cached.json()[7].score);
    expect(fresh.json()).toEqual(cached.json());
    expect(fresh.headers['x-cache']).toBe('bypass');
  });
});

test('a page that does not exist still knows who is signed in', async () => {
  const visitor = new Visitor();
  await visitor.signIn(one, 'Nia');

  expect((await visitor.get(two, '/nothing')).body).toContain('<a href="/me">Nia</a>');
});

describe('sessions', () => {
  test('log in on one instance, be known on all', async () => {
    const visitor = new Visitor();
    await visitor.signIn(one, 'Ada');

    expect((await visitor.get(two, '/me')).body).toContain('<h1>Ada</h1>');
  });

  test('signing in gives a new id, and signing out ends the session on every instance', async () => {
    const visitor = new Visitor();
    await visitor.get(one, '/sign-in');
    const before = visitor.cookie;
    await visitor.signIn(one, 'Bob');
    const after = visitor.cookie as string;

    await visitor.submit(one, '/', '/sign-out', {});

    expect(after).not.toBe(before);
    expect((await two.inject({ url: '/me', headers: { cookie: after } })).statusCode).toBe(303);
    expect((await two.inject({ url: '/me', headers: { cookie: before as string } })).statusCode).toBe(303);
  });

  test('who asks to be forgotten is: reviews, rankings, profile and every session', async () => {
    const [here, elsewhere] = [new Visitor(), new Visitor()];
    await here.signIn(one, 'Zed');
    await elsewhere.signIn(two, 'Zed');
    await here.submit(one, '/films/77', '/films/77/reviews', { rating: '9', body: 'Forget that I said this' });
    expect((await two.inject('/films/77')).body).toContain('Forget that I said this');
    expect((await two.inject('/rankings')).body).toContain('Zed');

    const answer = await here.submit(one, '/me', '/me/forget', {});

    expect(answer.statusCode).toBe(303);
    expect((await two.inject('/films/77')).body).not.toContain('Forget that I said this');
    expect((await two.inject('/rankings')).body).not.toContain('Zed');
    expect((await elsewhere.get(two, '/me')).statusCode).toBe(303);
    const again = new Visitor();
    await again.signIn(two, 'Zed');
    expect((await again.get(one, '/me')).body).toContain('Signed in 1 time since');
  });

  test('an instance that has just become healthy knows who is signed in, however slow its cache connects', async () => {
    const visitor = new Visitor();
    await visitor.signIn(one, 'Ora');
    const binding = JSON.parse(variables.CACHE_BINDINGS as string);
    const slow = await Endpoint.to(binding.caches.sessions.port);
    slow.delay(100);
    binding.caches.sessions.port = slow.port;
    const late = await Instance.start('late', true, variablesOf(binding), engines.folder);
    slow.delay(0);
    try {
      expect((await visitor.get(late, '/me')).statusCode).toBe(200);
    } finally {
      await late.process.stop();
      slow.close();
    }
  });

  test('who only looks gets no cookie', async () => {
    for (const url of ['/', '/films/1', '/rankings']) {
      expect((await one.inject(url)).headers['set-cookie']).toBeUndefined();
    }
  });

  test('a cookie that the service never issued is not adopted', async () => {
    const planted = 'sid=planted-by-somebody';
    const visitor = new Visitor();
    visitor.cookie = planted;
    await visitor.signIn(one, 'Cy');

    expect(visitor.cookie).not.toBe(planted);
    expect((await one.inject({ url: '/me', headers: { cookie: planted } })).statusCode).toBe(303);
  });

  test.each(['sid=', 'sid=%', 'sid=a;sid=b', `sid=${'x'.repeat(4_000)}`, ';;;', 'sid=a\u00e9'])(
    'the malformed cookie %j harms nothing',
    async (cookie) => {
      expect((await one.inject({ url: '/', headers: { cookie } })).statusCode).toBe(200);
    },
  );

  test.each(['', ' ', '<script>', 'x'.repeat(41), '../..'])(
    'fails if the name is %j, and keeps what was typed',
    async (name) => {
      const response = await new Visitor().submit(one, '/sign-in', '/sign-in', { name });

      expect(response.statusCode).toBe(400);
      expect(response.body).toContain('A name has 1 to 40 letters');
      expect(response.body).not.toContain('<script>');
    },
  );

  test.each(['//evil.example', 'https://evil.example', '/\\evil.example', '/a\r\nset-cookie: x=y'])(
    'signing in never leads to %j',
    async (then) => {
      const response = await new Visitor().submit(one, '/sign-in', '/sign-in', { name: 'Ada', then });

      expect(response.headers.location).toBe('/');
    },
  );
});

describe('reviews', () => {
  test('a review shows at once in the film, every list and the rankings, on every instance', async () => {
    const visitor = new Visitor();
    await visitor.signIn(one, 'Dora');
    await visitor.get(two, '/?q=ghostbusters');
    const [, id] = /href="\/films\/(\d+)"/.exec((await visitor.get(one, '/?q=ghostbusters')).body) ?? [];
    await visitor.get(two, `/films/${id}`);

    const written = await visitor.submit(one, `/films/${id}`, `/films/${id}/reviews`, {
      rating: '10',
      body: 'Who else?',
    });

    expect(written.statusCode).toBe(303);
    expect((await visitor.get(two, `/films/${id}`)).body).toContain('Who else?');
    expect((await visitor.get(two, '/?q=ghostbusters')).body).toContain('10 from 1 reader');
    const rankings = (await visitor.get(two, '/rankings')).body;
    expect(rankings).toMatch(/Dora <span class="rating">1</);
    expect(rankings).toMatch(/Ghostbusters<\/a> <span class="rating">6.67</);
  });

  test('a member’s second review takes the place of the first', async () => {
    const visitor = new Visitor();
    await visitor.signIn(one, 'Eve');
    await visitor.submit(one, '/films/20', '/films/20/reviews', { rating: '2', body: 'Too long.' });
    await visitor.submit(two, '/films/20', '/films/20/reviews', { rating: '8', body: 'It grew on me.' });

    const page = (await visitor.get(one, '/films/20')).body;

    expect(page).toContain('8 from 1 reader');
    expect(page).not.toContain('Too long.');
  });

  test('fails if a review is over its size, and gives back what was typed', async () => {
    const visitor = new Visitor();
    await visitor.signIn(one, 'Flo');
    const body = `${'long '.repeat(401)}<b>end</b>`;

    const response = await visitor.submit(one, '/films/21', '/films/21/reviews', { rating: '5', body });

    expect(response.statusCode).toBe(400);
    expect(response.body).toContain('A review may have 2000 characters, this one has 2015.');
    expect(response.body).toContain('long long &lt;b>end&lt;/b>');
    expect((await visitor.get(one, '/films/21')).body).toContain('No reviews yet.');
  });

  test('fails if a form is far over its size', async () => {
    const visitor = new Visitor();
    await visitor.signIn(one, 'Gus');

    const response = await visitor.submit(one, '/films/21', '/films/21/reviews', {
      rating: '5',
      body: 'x'.repeat(100_000),
    });

    expect(response.statusCode).toBe(413);
    expect(response.body).toContain('The form is larger than is taken here');
  });

  test.each([
    [{ rating: '11', body: 'x' }, 'Choose a rating from 1 to 10.'],
    [{ rating: 'ten', body: 'x' }, 'Choose a rating from 1 to 10.'],
    [{ rating: '5', body: '  ' }, 'Write at least a word about the film.'],
    [{}, 'Choose a rating from 1 to 10.'],
  ])('fails if the form is %j', async (form, problem) => {
    const visitor = new Visitor();
    await visitor.signIn(one, 'Hal');

    const response = await visitor.submit(one, '/films/22', '/films/22/reviews', form as Record<string, string>);

    expect(response.statusCode).toBe(400);
    expect(response.body).toContain(problem);
  });

  test('what a reader wrote is shown as text', async () => {
    const visitor = new Visitor();
    await visitor.signIn(one, 'Ida');
    await visitor.submit(one, '/films/23', '/films/23/reviews', { rating: '5', body: '<img src=x onerror=alert(1)>' });

    expect((await visitor.get(one, '/films/23')).body).not.toContain('<img src=x');
  });

  test('fails if a form has no token, or comes from another site', async () => {
    const visitor = new Visitor();
    await visitor.signIn(one, 'Jo');
    const form = { rating: '5', body: 'x' };

    const without = await visitor.post(one, '/films/24/reviews', form);
    const foreign = await one.inject({
      method: 'POST',
      url: '/films/24/reviews',
      headers: {
        cookie: visitor.cookie as string,
        origin: 'https://evil.example',
        'content-type': 'application/x-www-form-urlencoded',
      },
      payload: `rating=5&body=x&_csrf=${encodeURIComponent(tokenIn(await visitor.get(one, '/films/24')))}`,
    });

    expect([without.statusCode, foreign.statusCode]).toEqual([403, 403]);
    expect(without.body).toContain('The form lacked its token');
    expect(foreign.body).toContain('This form came from another site');
    expect((await one.inject('/films/24')).body).toContain('No reviews yet.');
  });

  test('who is not signed in is asked to', async () => {
    const visitor = new Visitor();

    const response = await visitor.submit(one, '/sign-in', '/films/24/reviews', { rating: '5', body: 'x' });

    expect(response.headers.location).toBe('/sign-in?then=/films/24');
  });
});

test('rankings that the cache lost are made anew from the database', async () => {
  const visitor = new Visitor();
  await visitor.signIn(one, 'Max');
  await visitor.submit(one, '/films/60', '/films/60/reviews', { rating: '9', body: 'Again!' });
  const caches = connect(variables);
  caches.dataTypes('sessions');
  await caches.ready(5_000);
  for (const board of ['films', 'reviewers']) {
    await caches.dataTypes('sessions').leaderboard(board).rebuild(new Map());
  }
  await caches.close();

  await eventually(async () => {
    const { body } = await two.inject('/rankings');
    expect(body).toMatch(/Max <span class="rating">1</);
    expect(body).toContain('/films/60"');
  });
});

test('a member’s page has the favourites, what was viewed last, and the profile', async () => {
  const visitor = new Visitor();
  await visitor.signIn(one, 'Kim');
  await visitor.submit(one, '/films/30', '/films/30/favourite', { favourite: 'yes' });
  await visitor.get(two, '/films/31');

  const page = (await visitor.get(two, '/me')).body;

  expect(page).toContain('Signed in 1 time');
  const [favourites, recent] = page.split('Recently viewed');
  expect(favourites).toContain('/films/30"');
  expect(recent).toMatch(/\/films\/31".*\/films\/30"/);
  await visitor.submit(one, '/films/30', '/films/30/favourite', { favourite: 'no' });
  expect((await visitor.get(two, '/me')).body).toContain('None yet: add one from its page.');
});

describe('the panel', () => {
  test('shows the last requests of all instances, who answered and how long it took', async () => {
    await one.inject('/films/40');
    await two.inject('/films/40');

    await eventually(async () => {
      const panel = (await one.inject('/panel')).body;
      expect(panel).toMatch(
        /\/films\/40<\/td><td><span class="tier hit">cache \(hit\).*?two.*?\/films\/40<\/td><td><span class="tier miss">database \(miss\).*?one/,
      );
      expect(panel).toMatch(/<b id="hit-ratio">\d+ %<\/b>/);
    });
  });

  test('production has no panel, no instance names, and a cookie for HTTPS only', async () => {
    const page = await production.inject('/films/1');
    const signIn = await production.inject({ url: '/sign-in', headers: { 'x-forwarded-proto': 'https' } });

    expect(page.headers).not.toHaveProperty('x-instance');
    expect(page.body).not.toMatch(/panel|Served by/);
    expect((await production.inject('/panel')).statusCode).toBe(404);
    expect(signIn.headers['set-cookie']?.[0]).toMatch(/^__Host-sid=[^;]+; Path=\/; HttpOnly; Secure; SameSite=Lax$/i);
    const fresh = await production.inject({
      url: '/films/1/recommendations',
      headers: { 'cache-control': 'no-cache' },
    });
    expect(fresh.headers['x-cache']).not.toBe('bypass');
  });
});

describe('when a cache is lost', () => {
  afterEach(async () => {
    signal(valkey, 'SIGCONT');
    signal(memcached, 'SIGCONT');
    const visitor = new Visitor();
    await eventually(async () => {
      expect((await visitor.get(one, '/sign-in')).statusCode).toBe(200);
      expect((await one.inject('/films/1')).headers['x-cache']).not.toBe('bypass');
      expect((await two.inject('/films/1')).headers['x-cache']).not.toBe('bypass');
    }, 15_000);
  }, 20_000);

  test('sessions: anonymous pages serve, who claims a session gets 503, no cookie is set, and nobody is logged out', async () => {
    const visitor = new Visitor();
    await visitor.signIn(one, 'Lea');
    const cookie = visitor.cookie as string;

    await freeze(valkey);
    const anonymous = await timed(() => one.inject('/films/50'));
    const claimed = await timed(() => one.inject({ url: '/films/50', headers: { cookie } }));
    const sent = await one.inject({ url: '/films/50/favourite', method: 'POST', headers: { cookie } });
    const rankings = await one.inject('/rankings');
    signal(valkey, 'SIGCONT');

    expect(anonymous.result.statusCode).toBe(200);
    expect(claimed.result.statusCode).toBe(503);
    expect(claimed.result.headers['retry-after']).toBe('2');
    // A browser asks again by itself; what was sent it would send twice.
    expect(claimed.result.headers.refresh).toMatch(/^[2-5]$/);
    expect(sent.statusCode).toBe(503);
    expect(sent.headers['retry-after']).toBe('2');
    expect(sent.headers.refresh).toBeUndefined();
    expect(claimed.result.body).toContain('You are still signed in');
    expect(rankings.body).toContain('The rankings are not available right now');
    for (const response of [anonymous.result, claimed.result, rankings]) {
      expect(response.headers['set-cookie']).toBeUndefined();
    }
    expect(claimed.ms).toBeLessThan(400);
    await eventually(async () => {
      expect((await two.inject({ url: '/me', headers: { cookie } })).body).toContain('<h1>Lea</h1>');
    }, 10_000);
  });

  test('objects: every page serves from the database, and says so', async () => {
    await freeze(memcached);
    const first = await one.inject('/films/51');
    await sleep(300);
    const then = await one.inject('/films/52');

    expect([first.statusCode, then.statusCode]).toEqual([200, 200]);
    expect([first.headers['x-cache'], then.headers['x-cache']]).toEqual(['bypass', 'bypass']);
  });

  test('liveness never asks a cache', async () => {
    await freeze(valkey);
    await freeze(memcached);

    const { result, ms } = await timed(() => one.inject('/healthz'));

    expect(result.statusCode).toBe(200);
    expect(ms).toBeLessThan(100);
  });
});

test('migrations wait for others that are under way, however long those take', async () => {
  const login = connect(variables).database('main');
  const other = new Client(login);
  await other.connect();
  await other.query('begin');
  await other.query('lock table kysely_migration in access exclusive mode');

  const { ms } = await timed(async () => {
    const waiting = migrate(login);
    await Promise.race([waiting, sleep(1_500)]);
    await other.query('commit');
    await waiting;
  });
  await other.end();

  expect(ms).toBeGreaterThan(1_400);
});

test('migrations that ran before run no second time', async () => {
  await migrate(connect(variables).database('main'));

  expect((await one.inject('/?q=godfather')).statusCode).toBe(200);
});
