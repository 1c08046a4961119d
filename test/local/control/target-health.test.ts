import { LoadBalancer } from '../../../local/load-balancer';
import { eventually } from '../../engines/running';
import { Targets } from '../targets';

const PLAN = {
  path: '/healthz',
  intervalMs: 200,
  timeoutMs: 50,
  healthyThreshold: 2,
  unhealthyThreshold: 2,
  deregistrationDelayMs: 300,
  idleTimeoutMs: 60_000,
  https: false,
  dropsInvalidHeaders: false,
};

const targets = new Targets();
let balancer: LoadBalancer;
let address: string;

beforeEach(async () => {
  balancer = new LoadBalancer(PLAN);
  address = `http://127.0.0.1:${await balancer.listen(0)}`;
});

afterEach(async () => {
  await balancer.close();
  targets.close();
});

const health = () => balancer.targetHealth.map(({ name, state, reason }) => [name, state, reason]);

test('a target is initial until AWS’s checks would have judged it, then healthy or why it is not', async () => {
  balancer.register(await targets.start((_, response) => response.end()), 'passes');
  balancer.register(await targets.start((_, response) => response.writeHead(500).end()), 'refuses');
  balancer.register(await targets.start(() => {}), 'hangs');
  balancer.register(1, 'is not there');

  expect(health().map(([, state]) => state)).toEqual(['initial', 'initial', 'initial', 'initial']);
  await eventually(async () =>
    expect(health()).toEqual([
      ['passes', 'healthy', undefined],
      ['refuses', 'unhealthy', 'Target.ResponseCodeMismatch'],
      ['hangs', 'unhealthy', 'Target.Timeout'],
      ['is not there', 'unhealthy', 'Target.FailedHealthChecks'],
    ]),
  );
});

test('a target that was healthy is unhealthy as soon as the load balancer says so', async () => {
  let status = 200;
  balancer.register(await targets.start((_, response) => response.writeHead(status).end()), 'one');
  await balancer.whenHealthy(1);
  status = 503;

  await eventually(async () => expect(health()).toEqual([['one', 'unhealthy', 'Target.ResponseCodeMismatch']]));
});

test('a target that is taken out is draining for the deregistration delay, and then forgotten', async () => {
  const port = await targets.start((_, response) => response.end());
  balancer.register(port, 'one');
  await balancer.whenHealthy(1);

  await balancer.deregister(port);

  expect(health()).toEqual([['one', 'draining', 'Target.DeregistrationInProgress']]);
  await eventually(async () => expect(health()).toEqual([]));
});

test('errors of targets are counted apart from the load balancer’s own', async () => {
  await (await fetch(address)).text();
  balancer.register(
    await targets.start((request, response) => response.writeHead(request.url === '/healthz' ? 200 : 500).end()),
    'one',
  );
  await balancer.whenHealthy(1);
  await (await fetch(address)).text();

  await eventually(async () => {
    expect(balancer.counts).toEqual({ requests: 2, errors: 2 });
    expect(balancer.errorsBy).toEqual({ targets: 1, itself: 1 });
  });
});
