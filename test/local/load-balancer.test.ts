import type { IncomingHttpHeaders } from 'node:http';
import { LoadBalancer } from '../../local/load-balancer';
import { eventually } from '../engines/running';
import { Targets } from './targets';

const CHECK = {
  path: '/healthz',
  intervalMs: 30,
  timeoutMs: 100,
  healthyThreshold: 2,
  unhealthyThreshold: 2,
  deregistrationDelayMs: 1_000,
  idleTimeoutMs: 60_000,
  https: false,
  dropsInvalidHeaders: false,
};

const targets = new Targets();
let balancer: LoadBalancer;
let address: string;

beforeEach(async () => {
  balancer = new LoadBalancer(CHECK);
  address = `http://127.0.0.1:${await balancer.listen(0)}`;
});

afterEach(async () => {
  await balancer.close();
  targets.close();
});

const answering = (text: string) =>
  targets.start((request, response) =>
    response.end(`${text} ${request.headers['x-forwarded-proto']} ${request.headers['x-forwarded-for']}`),
  );

test('goes around the healthy targets and says who asked', async () => {
  balancer.register(await answering('a'));
  balancer.register(await answering('b'));
  await balancer.whenHealthy(2);

  const answers = await Promise.all([1, 2, 3, 4].map(async () => (await fetch(address)).text()));

  expect(answers.sort()).toEqual(['a http 127.0.0.1', 'a http 127.0.0.1', 'b http 127.0.0.1', 'b http 127.0.0.1']);
});

test('answers 503 when no target is healthy', async () => {
  expect((await fetch(address)).status).toBe(503);
});

test('leaves out a target that fails its checks, and takes it back when it passes them', async () => {
  let healthy = true;
  const port = await targets.start((request, response) => {
    response.statusCode = request.url === '/healthz' && !healthy ? 503 : 200;
    response.end('x');
  });
  balancer.register(port);
  await balancer.whenHealthy(1);

  healthy = false;
  await eventually(async () => expect((await fetch(address)).status).toBe(503));
  healthy = true;
  await eventually(async () => expect((await fetch(address)).status).toBe(200));
});

test('answers 502 when a target breaks off', async () => {
  balancer.register(
    await targets.start((request, response) => {
      if (request.url === '/healthz') {
        response.end();
      } else {
        request.socket.destroy();
      }
    }),
  );
  await balancer.whenHealthy(1);

  expect((await fetch(address)).status).toBe(502);
});

test('answers 504 when a target is silent for the idle timeout', async () => {
  const impatient = new LoadBalancer({ ...CHECK, idleTimeoutMs: 100 });
  const { port } = new URL(`http://localhost:${await impatient.listen(0)}`);
  impatient.register(await targets.start((request, response) => void (request.url === '/healthz' && response.end())));
  await impatient.whenHealthy(1);

  expect((await fetch(`http://127.0.0.1:${port}`)).status).toBe(504);
  await impatient.close();
});

test('takes out headers with other names than letters, digits and hyphens where the template says so, and adds a trace', async () => {
  const seen: IncomingHttpHeaders[] = [];
  const port = await targets.start((request, response) => {
    seen.push(request.headers);
    response.end();
  });
  const strict = new LoadBalancer({ ...CHECK, dropsInvalidHeaders: true });
  const strictly = `http://127.0.0.1:${await strict.listen(0)}`;
  balancer.register(port);
  strict.register(port);
  await Promise.all([balancer.whenHealthy(1), strict.whenHealthy(1)]);
  seen.length = 0;

  const headers = { x_forged: '1', 'x-fine': '2' };
  await fetch(address, { headers });
  await fetch(strictly, { headers });

  expect(seen.map(({ x_forged }) => x_forged)).toEqual(['1', undefined]);
  expect(seen.map((one) => one['x-fine'])).toEqual(['2', '2']);
  expect(seen[0]?.['x-amzn-trace-id']).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
  await strict.close();
});

test('a target that is deregistered ends what it is at, and gets nothing new', async () => {
  let finish = () => {};
  const port = await targets.start((request, response) => {
    if (request.url === '/healthz') {
      response.end();
    } else {
      finish = () => response.end('late');
    }
  });
  balancer.register(port);
  await balancer.whenHealthy(1);
  const pending = fetch(address);
  await eventually(() => expect(finish.toString()).toContain('late'));
  let isDrained = false;

  const draining = balancer.deregister(port).then(() => {
    isDrained = true;
  });

  expect((await fetch(address)).status).toBe(503);
  expect(isDrained).toBe(false);
  finish();
  expect(await (await pending).text()).toBe('late');
  await draining;
});

test('a target that was healthy and fails is told of, once', async () => {
  let healthy = true;
  const failing: number[] = [];
  const watched = new LoadBalancer(CHECK, (port) => failing.push(port));
  const port = await targets.start((_request, response) => {
    response.statusCode = healthy ? 200 : 503;
    response.end();
  });
  watched.register(port);
  await watched.whenHealthy(1);

  healthy = false;

  await eventually(() => expect(failing).toEqual([port]));
  await new Promise((resolve) => setTimeout(resolve, 3 * CHECK.intervalMs));
  expect(failing).toEqual([port]);
  await watched.close();
});

test('sends nothing to a target that was deregistered', async () => {
  const port = await answering('a');
  balancer.register(port);
  await balancer.whenHealthy(1);

  await balancer.deregister(port);

  expect((await fetch(address)).status).toBe(503);
});

test('instances are told of HTTPS where the template’s listener speaks it', async () => {
  const secure = new LoadBalancer({ ...CHECK, https: true });
  const { port } = new URL(`http://localhost:${await secure.listen(0)}`);
  secure.register(await answering('a'));
  await secure.whenHealthy(1);

  const answer = await fetch(`http://127.0.0.1:${port}`, { headers: { 'x-forwarded-proto': 'http' } });

  expect(await answer.text()).toBe('a https 127.0.0.1');
  await secure.close();
});
