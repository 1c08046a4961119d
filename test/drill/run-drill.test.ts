import { createServer, type Server } from 'node:http';
import type { Drill, DrillWindows } from '../../drill/drill';
import type { DrillTarget } from '../../drill/drill-target';
import { runDrill } from '../../drill/run-drill';
import { PathUsers } from '../../drill/users/path-users';
import { readsAnswered } from '../../drill/verdicts';

const WINDOWS = { beforeMs: 200, faultMs: 200, afterMs: 200 };

let server: Server;
let isBroken: boolean;
let target: DrillTarget;
let tell: Parameters<DrillTarget['onChange']>[0];

beforeEach(async () => {
  isBroken = false;
  server = createServer((_, answer) => {
    answer.statusCode = isBroken ? 503 : 200;
    answer.setHeader('x-cache', 'hit');
    answer.setHeader('server-timing', 'cache;dur=1.50, slowest-call;dur=1.25, wait;dur=0.00, database;dur=0.00');
    answer.end('x');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  target = {
    environment: 'test',
    where: 'nowhere',
    address: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    instances: 1,
    stores: [],
    objectCaches: [],
    database: undefined,
    settled: async () => {},
    onChange: (listener) => {
      tell = listener;
      return () => {};
    },
    killInstance: async () => {},
    drainInstance: async () => {},
    deploy: async () => {},
  };
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const DRILL: Drill = {
  name: 'break',
  title: 'The service breaks',
  async inject(run) {
    isBroken = true;
    run.mark('fault', 'broken');
    tell({ kind: 'note', what: 'a node is back empty' });
    await run.wait(run.windows.faultMs);
  },
  async heal() {
    isBroken = false;
  },
  judge: (evidence) => [readsAnswered(evidence)],
};

const users = () => new PathUsers(target.address, ['/', '/other']);

test('the load goes on at its rate before, during and after the fault, and what failed is judged', async () => {
  const result = await runDrill(target, DRILL, users(), { windows: WINDOWS, ratePerSecond: 100 });

  expect(result.marks.map(({ kind }) => kind)).toEqual(['fault', 'healed', 'recovered']);
  expect(result.notes).toEqual(['a node is back empty']);
  expect(result.samples.length).toBeGreaterThan(45);
  expect(result.samples.length).toBeLessThan(80);
  expect(result.verdicts).toMatchObject([{ passed: false }]);
  const [fault = 0, healed = 0] = result.marks.map(({ atMs }) => atMs);
  const failed = result.samples.filter(({ isOk }) => !isOk);
  expect(failed.length).toBeGreaterThan(10);
  expect(failed.every(({ atMs, status }) => atMs >= fault - 20 && atMs <= healed && status === 503)).toBe(true);
  expect(result.samples[0]).toMatchObject({ answer: 'hit', cacheMs: 1.5, databaseMs: 0, action: 'browse' });
  expect(isBroken).toBe(false);
});

test('what was broken is healed when the drill is broken off, and when it fails', async () => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 300);

  await expect(
    runDrill(target, DRILL, users(), {
      windows: { ...WINDOWS, faultMs: 60_000 },
      ratePerSecond: 50,
      signal: controller.signal,
    }),
  ).rejects.toThrow(/aborted/);
  expect(isBroken).toBe(false);

  const failing: Drill = {
    ...DRILL,
    inject: async () => {
      isBroken = true;
      throw new Error('cannot break it');
    },
  };
  await expect(runDrill(target, failing, users(), { windows: WINDOWS, ratePerSecond: 50 })).rejects.toThrow(
    'cannot break it',
  );
  expect(isBroken).toBe(false);
});

test('fails if users cannot arrive', async () => {
  isBroken = true;

  await expect(runDrill(target, DRILL, users(), { windows: WINDOWS, ratePerSecond: 50 })).rejects.toThrow(
    '/ was answered 503 before the drill: only paths that answer 2xx or 3xx can be drilled',
  );
});

test('what is not whole again in time is a verdict, and what users felt until then is told', async () => {
  let looks = 0;
  target = { ...target, settled: () => (++looks === 1 ? Promise.resolve() : new Promise(() => {})) };

  const result = await runDrill(target, DRILL, users(), { windows: WINDOWS, ratePerSecond: 50, recoveryMs: 300 });

  expect(result.verdicts[0]).toEqual({
    name: 'everything is back',
    wanted: 'in time',
    got: 'the environment was not whole again 0.3 s after the fault',
    passed: false,
  });
  expect(result.verdicts).toHaveLength(2);
  expect(result.samples.length).toBeGreaterThan(15);
});

test('what happened before it was told stands where it happened', async () => {
  const telling: Drill = {
    ...DRILL,
    async inject(run) {
      const at = new Date();
      await run.wait(100);
      run.mark('fault', 'later');
      tell({ kind: 'promotion', what: 'earlier', at });
      tell({ kind: 'note', what: 'a note', at });
    },
  };

  const { marks, notes } = await runDrill(target, telling, users(), { windows: WINDOWS, ratePerSecond: 50 });

  expect(marks.map(({ label }) => label).slice(0, 2)).toEqual(['earlier', 'later']);
  expect(notes).toEqual([expect.stringMatching(/^after 0\.\d s: a note$/)]);
});

test.each([
  ['the drill has ended', false],
  ['it was broken off', true],
])('what users could not take back is named when %s', async (_, isBrokenOff) => {
  const controller = new AbortController();
  if (isBrokenOff) {
    setTimeout(() => controller.abort(), 300);
  }
  const told: string[] = [];
  const leaving = Object.assign(users(), { depart: async () => ['/probe/1 could not be deleted'] });

  const notes = await runDrill(target, DRILL, leaving, {
    windows: WINDOWS,
    ratePerSecond: 50,
    signal: controller.signal,
    left: (what) => told.push(what),
  }).then(
    (result) => result.notes,
    () => [],
  );

  expect(isBrokenOff ? told : notes).toContain('/probe/1 could not be deleted');
});

test('what counts statements has ten seconds before and during the fault at least', async () => {
  let windows: DrillWindows | undefined;
  const counting: Drill = {
    ...DRILL,
    countsStatements: true,
    async prepare(run) {
      windows = run.windows;
      throw new Error('seen');
    },
  };

  await expect(runDrill(target, counting, users(), { windows: WINDOWS, ratePerSecond: 100 })).rejects.toThrow('seen');

  expect(windows).toEqual({ beforeMs: 10_000, faultMs: 10_000, afterMs: 200 });
});
