import { createServer, type Server } from 'node:http';
import type { Drill } from '../../drill/drill';
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
