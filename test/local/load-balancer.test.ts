import { createServer, type RequestListener, type Server } from 'node:http';
import { LoadBalancer } from '../../local/load-balancer';
import { eventually } from '../engines/running';

const CHECK = {
  path: '/healthz',
  intervalMs: 30,
  timeoutMs: 100,
  healthyThreshold: 2,
  unhealthyThreshold: 2,
  deregistrationDelayMs: 1_000,
  idleTimeoutMs: 60_000,
  https: false,
};

const servers: Server[] = [];
let balancer: LoadBalancer;
let address: string;

beforeEach(async () => {
  balancer = new LoadBalancer(CHECK);
  address = `http://127.0.0.1:${await balancer.listen(0)}`;
});

afterEach(async () => {
  await balancer.close();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function target(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve));
  return (server.address() as { port: number }).port;
}

const answering = (text: string) =>
  target((request, response) =>
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
  const port = await target((request, response) => {
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
    await target((request, response) => {
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

test('sends nothing to a target that was deregistered', async () => {
  const port = await answering('a');
  balancer.register(port);
  await balancer.whenHealthy(1);

  balancer.deregister(port);

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
