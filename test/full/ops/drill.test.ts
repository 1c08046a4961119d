import { readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { healthyDev, healthyProduction } from '../../ops/fake-aws/environments';
import { FakeAws, type FakeAwsOptions, type FakeState } from '../../ops/fake-aws/fake-aws';
import { runCommand } from './run-command';

let aws: FakeAws;
let service: Server;
/** What a probe has written and not deleted. */
let written: Map<string, string>;
let everWritten: number;
const report = join(tmpdir(), `drill-${process.pid}.html`);

beforeEach(async () => {
  written = new Map();
  everWritten = 0;
  service = createServer((request, answer) => {
    const path = request.url ?? '';
    if (request.method === 'PUT') {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        everWritten += 1;
        written.set(path, body);
        answer.end();
      });
      return;
    }
    if (request.method === 'DELETE') {
      written.delete(path);
      answer.end();
      return;
    }
    const found = path.startsWith('/probe/') ? written.get(path) : 'a page';
    answer.statusCode = found === undefined ? 404 : 200;
    answer.end(found);
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  rmSync(report, { force: true });
  service.closeAllConnections();
  service.close();
  await aws.close();
});

/** A region whose service is at the address of this test. */
async function start(state: FakeState, options: FakeAwsOptions = {}): Promise<void> {
  for (const { Outputs = [] } of state.stacks) {
    for (const output of Outputs.filter(({ OutputKey }) => OutputKey === 'Address')) {
      output.OutputValue = serviceAddress();
    }
  }
  aws = await FakeAws.start(state, options);
}

function serviceAddress(): string {
  const { port } = service.address() as { port: number };
  return `http://127.0.0.1:${port}`;
}

function drill(name: string, environment: string, ...args: readonly string[]) {
  return runCommand([
    ...['drill', name, environment, '--endpoint-url', aws.address],
    ...['--seconds', '1', '--report', report, ...args],
  ]);
}

const made = (action: string) => aws.calls.filter((call) => call.action === action);

test('a failover of production: agreed to by its name, followed to its end, felt by users, cleaned up after', async () => {
  await start(healthyProduction(new Date()), {
    durations: { promotion: 1_500, replacement: 500, recovery: 1_500 },
  });

  const { status, stdout, stderr } = await drill(
    ...(['failover', 'prod', '--confirm', 'prod', '--shard', '0002', '--probe', '/probe', '--json'] as const),
  );

  expect(stderr).toContain('TestFailover ends prod-sessions-0002-001 of prod-sessions, shard 0002');
  expect(stderr).toContain('of which 0 are used');
  const [result] = JSON.parse(stdout);
  expect(result.marks.map(({ kind }: { kind: string }) => kind)).toEqual(['fault', 'promotion', 'healed', 'recovered']);
  expect(result.notes).toEqual([
    expect.stringMatching(/^after \d\.\d s: prod-sessions: Test Failover API called for node group 0002$/),
    expect.stringMatching(/^after \d\.\d s: prod-sessions-0002-001: Recovering cache nodes 0001$/),
    expect.stringMatching(/^after \d\.\d s: prod-sessions-0002-001: Finished recovery for cache nodes 0001$/),
  ]);
  expect(result.verdicts.filter(({ passed }: { passed: boolean }) => !passed)).toEqual([]);
  expect(result.figures.requests).toBeGreaterThan(50);
  expect(status).toBe(0);
  expect(made('elasticache:TestFailover').map(({ input }) => input)).toEqual([
    { ReplicationGroupId: 'prod-sessions', NodeGroupId: '0002' },
  ]);
  expect(everWritten).toBeGreaterThan(20);
  expect([...written]).toEqual([]);
  expect(readFileSync(report, 'utf8')).toContain('A primary is killed');
});

test('an instance of a disposable environment: agreed to with --yes, replaced, and the report says how', async () => {
  await start(healthyDev(new Date()), {
    durations: { draining: 500, launch: 500, start: 500, healthCheck: 1_000 },
  });

  const { status, stdout } = await drill('instance', 'dev', '--yes', '--path', '/');

  expect(status).toBe(0);
  expect(made('autoscaling:TerminateInstanceInAutoScalingGroup')).toHaveLength(1);
  expect(stdout).toMatch(/Note: after \d\.\d s: i-\w+ is ended; the load balancer lets it end its requests first/);
  expect(stdout).toMatch(/Note: after \d\.\d s: i-\w+ is InService, healthy for the load balancer/);
});

test.each<[string, readonly string[], RegExp]>([
  [
    '--yes alone',
    ['prod', '--yes'],
    /prod is protected: --confirm prod says yes where nobody can be asked; nothing was done/,
  ],
  ['the name of another', ['prod', '--confirm', 'dev'], /--confirm names `dev`, and this is prod: nothing was done/],
  ['nothing', ['prod'], /prod is protected/],
])('a protected environment is not broken with %s', async (_, args, message) => {
  await start(healthyProduction(new Date()));

  for (const name of ['failover', 'instance']) {
    const { status, stderr } = await drill(name, ...(args as [string]));

    expect([name, status]).toEqual([name, 2]);
    expect(stderr).toMatch(message);
  }
  expect(made('elasticache:TestFailover')).toEqual([]);
  expect(made('autoscaling:TerminateInstanceInAutoScalingGroup')).toEqual([]);
});

test('nobody can be asked in a pipe: a disposable environment is not broken either without --yes', async () => {
  await start(healthyDev(new Date()));

  const { status, stderr } = await drill('failover', 'dev');

  expect(status).toBe(2);
  expect(stderr).toContain('--yes says yes where nobody can be asked; nothing was done');
  expect(made('elasticache:TestFailover')).toEqual([]);
});

test('the sixteenth failover in 24 hours is refused before anything is done', async () => {
  const state = healthyProduction(new Date());
  state.events = Array.from({ length: 15 }, (_, index) => ({
    SourceIdentifier: 'other-group',
    SourceType: 'replication-group',
    Date: new Date(Date.now() - (index + 1) * 60 * 60_000),
    Message: 'Test Failover API called for node group 0001',
  }));
  await start(state);

  const { status, stderr } = await drill('failover', 'prod', '--confirm', 'prod');

  expect(status).toBe(3);
  expect(stderr).toContain('15 failovers were tested in the last 24 hours, and AWS lets 15 be');
  expect(made('elasticache:TestFailover')).toEqual([]);
});

test.each<[string, (group: any) => void, readonly string[], RegExp]>([
  [
    'its automatic failover is off',
    (group) => Object.assign(group, { AutomaticFailover: 'disabled' }),
    [],
    /prod-sessions has its automatic failover disabled/,
  ],
  ['it is being changed', (group) => Object.assign(group, { Status: 'modifying' }), [], /prod-sessions is modifying/],
  ['there is no such group', () => {}, ['--group', 'shop'], /no replication group `shop` is there: prod-sessions/],
  ['there is no such shard', () => {}, ['--shard', '0009'], /prod-sessions has no shard `0009`, there are: 0001, 0002/],
])('a failover is not tried if %s', async (_, change, args, message) => {
  const state = healthyProduction(new Date());
  change(state.replicationGroups[0]);
  await start(state);

  const { status, stderr } = await drill('failover', 'prod', '--confirm', 'prod', ...args);

  expect(status).toBe(2);
  expect(stderr).toMatch(message);
  expect(made('elasticache:TestFailover')).toEqual([]);
});

test('what AWS refuses is said, and what users wrote is deleted', async () => {
  await start(healthyProduction(new Date()));
  aws.fault({ kind: 'denied', action: 'elasticache:TestFailover' });

  const { status, stderr } = await drill('failover', 'prod', '--confirm', 'prod', '--probe', '/probe');

  expect(status).toBe(3);
  expect(stderr).toContain('AWS does not allow these credentials elasticache:TestFailover');
  expect([...written]).toEqual([]);
});

test('Ctrl-C ends the drill, not what AWS has begun, and what users wrote is deleted', async () => {
  await start(healthyProduction(new Date()), { durations: { promotion: Number.POSITIVE_INFINITY } });

  const { status, stderr } = await runCommand(
    [
      ...['drill', 'failover', 'prod', '--endpoint-url', aws.address],
      ...['--seconds', '1', '--report', report, '--confirm', 'prod', '--probe', '/probe'],
    ],
    { killAfterMs: 5_000 },
  );

  expect(status).toBe(1);
  expect(stderr).toContain('interrupted');
  expect(made('elasticache:TestFailover')).toHaveLength(1);
  expect(everWritten).toBeGreaterThan(0);
  expect([...written]).toEqual([]);
});

test('users who go elsewhere are no reason to break what is disposable without its name', async () => {
  await start(healthyDev(new Date()));

  const { status, stderr } = await drill('failover', 'dev', '--yes', '--url', 'http://user:secret-in-url@127.0.0.1:9/');

  expect(status).toBe(2);
  expect(stderr).toContain('users go where the stacks do not say that the service is');
  expect(stderr).toContain('http://127.0.0.1:9/ gets 25 requests a second');
  expect(stderr).not.toContain('secret-in-url');
  expect(made('elasticache:TestFailover')).toEqual([]);
});

test.each<[string, (fleet: any) => void, RegExp]>([
  [
    'its replacement is suspended',
    (fleet) => Object.assign(fleet, { SuspendedProcesses: [{ ProcessName: 'Launch' }] }),
    /prod-fleet would not be whole again: Launch suspended/,
  ],
  [
    'it is not whole',
    (fleet) => Object.assign(fleet.Instances[0], { LifecycleState: 'Pending' }),
    /prod-fleet is not whole: 2 of 3 instances serve/,
  ],
])('no instance is ended if %s', async (_, change, message) => {
  const state = healthyProduction(new Date());
  change(state.autoScalingGroups[0]);
  await start(state);

  const { status, stderr } = await drill('instance', 'prod', '--confirm', 'prod');

  expect(status).toBe(2);
  expect(stderr).toMatch(message);
  expect(made('autoscaling:TerminateInstanceInAutoScalingGroup')).toEqual([]);
});

test('a fleet that is not whole again in time: what users felt is told, and the drill has not passed', async () => {
  await start(healthyProduction(new Date()));
  const drilled = drill('instance', 'prod', '--confirm', 'prod', '--json');
  const gone = setInterval(() => {
    if (made('autoscaling:TerminateInstanceInAutoScalingGroup').length > 0) {
      clearInterval(gone);
      aws.state.autoScalingGroups = [];
    }
  }, 20);

  const { status, stdout } = await drilled;
  clearInterval(gone);

  const [result] = JSON.parse(stdout);
  expect(result.verdicts[0]).toEqual({
    name: 'everything is back',
    wanted: 'in time',
    got: 'prod-fleet is not there any more',
    passed: false,
  });
  expect(result.figures.requests).toBeGreaterThan(20);
  expect(status).toBe(1);
});

test('a report that cannot be written is said before anything is broken', async () => {
  await start(healthyProduction(new Date()));

  const { status, stderr } = await drill('failover', 'prod', '--confirm', 'prod', '--report', '/dev/null/report.html');

  expect(status).toBe(2);
  expect(stderr).toMatch(/the report cannot be written to \/dev\/null\/report\.html/);
  expect(made('elasticache:TestFailover')).toEqual([]);
});
