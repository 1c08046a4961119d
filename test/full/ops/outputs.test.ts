import { join } from 'node:path';
import { PROJECT } from '../../engines/folders';
import { healthyDev, healthyProduction } from '../../ops/fake-aws/environments';
import { FakeAws, type FakeState } from '../../ops/fake-aws/fake-aws';
import { planted } from '../../ops/fake-aws/planted-defects';
import { runCommand } from './run-command';

let aws: FakeAws;

afterEach(() => aws.close());

async function output(state: Parameters<typeof FakeAws.start>[0], ...args: readonly string[]) {
  aws = await FakeAws.start(state);
  const { status, stdout, stderr } = await runCommand([...args, '--endpoint-url', aws.address]);
  return { status, stdout: withoutTimes(stdout), stderr };
}

/** The times of the run, and what is counted from it, in words. */
function withoutTimes(text: string): string {
  return text.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, '<time>').replace(/\b2\d{3}-\d\d-\d\d\b/g, '<day>');
}

const NOW = new Date();

/** An environment that is being made, changed and taken away at once. */
function inBetween(): FakeState {
  const state = healthyProduction(NOW);
  const [group] = state.replicationGroups;
  Object.assign(group ?? {}, {
    Status: 'creating',
    NodeGroups: [],
    MemberClusters: [],
    ConfigurationEndpoint: undefined,
    AutomaticFailover: 'enabling',
  });
  const memcached = state.cacheClusters.find(({ Engine }) => Engine === 'memcached');
  Object.assign(memcached ?? {}, {
    CacheClusterStatus: 'modifying',
    PendingModifiedValues: { NumCacheNodes: 4, EngineVersion: '1.6.30' },
  });
  state.cacheClusters = state.cacheClusters.filter(({ Engine }) => Engine === 'memcached');
  Object.assign(state.dbInstances[0] ?? {}, {
    DBInstanceStatus: 'creating',
    Endpoint: undefined,
    AvailabilityZone: undefined,
    InstanceCreateTime: undefined,
    CertificateDetails: undefined,
  });
  const [fleet] = state.autoScalingGroups;
  Object.assign(fleet?.Instances?.[0] ?? {}, { LifecycleState: 'Pending:Wait', HealthStatus: 'Healthy' });
  Object.assign(fleet?.Instances?.[1] ?? {}, { LifecycleState: 'Terminating:Wait', HealthStatus: 'Healthy' });
  state.targetHealth = {
    [fleet?.TargetGroupARNs?.[0] ?? '']: [
      {
        Target: { Id: fleet?.Instances?.[1]?.InstanceId },
        TargetHealth: { State: 'draining', Reason: 'Target.DeregistrationInProgress' },
      },
      { Target: { Id: fleet?.Instances?.[2]?.InstanceId }, TargetHealth: { State: 'healthy' } },
    ],
  };
  Object.assign(state.stacks[1] ?? {}, { StackStatus: 'UPDATE_IN_PROGRESS' });
  state.metrics = [];
  return state;
}

test.each([
  ['status prod', healthyProduction(NOW), 0],
  ['status', healthyDev(NOW), 0],
  ['status prod', planted(healthyProduction(NOW)), 0],
  ['status prod', inBetween(), 0],
  ['doctor prod', healthyProduction(NOW), 0],
  ['doctor dev', healthyDev(NOW), 0],
  ['doctor prod', planted(healthyProduction(NOW)), 1],
  ['doctor prod', inBetween(), 1],
] as const)('`%s` says in a pipe', async (command, state, code) => {
  const { status, stdout, stderr } = await output(state, ...command.split(' '));

  expect(stdout).toMatchSnapshot();
  expect([status, stderr]).toEqual([code, '']);
});

test.each([
  ['status dev --json', healthyDev(NOW), 0],
  ['doctor prod --json', planted(healthyProduction(NOW)), 1],
  ['cost dev --json', healthyDev(NOW), 0],
] as const)('`%s` says to a machine', async (command, state, code) => {
  const { status, stdout, stderr } = await output(state, ...command.split(' '));

  expect(JSON.parse(stdout)).toMatchSnapshot();
  expect([status, stderr]).toEqual([code, '']);
});

test('what is deployed costs what its templates cost', async () => {
  const { stdout } = await output(healthyProduction(NOW), 'cost', 'prod', '--json');
  const { environments } = JSON.parse(stdout);

  expect(environments).toHaveLength(1);
  expect(environments[0].monthly).toBeGreaterThan(0);
});

test('the environments of an assembly are told apart, and one can be asked for', async () => {
  const folder = PROJECT;
  const [all, one] = await Promise.all([
    runCommand(['cost', join(folder, 'cdk.out'), '--json']),
    runCommand(['cost', join(folder, 'cdk.out'), '--json', '--environment', 'staging']),
  ]);

  const names = JSON.parse(all.stdout).environments.map(({ environment }: { environment: string }) => environment);
  expect(names).toEqual(['dev', 'staging', 'prod']);
  expect(JSON.parse(one.stdout).environments).toEqual([
    expect.objectContaining({ environment: 'staging', monthly: JSON.parse(all.stdout).environments[1].monthly }),
  ]);
  aws = await FakeAws.start(healthyDev(NOW));
});

test('names from elsewhere are not carried out by a terminal', async () => {
  const state = healthyProduction(NOW);
  const [instance] = state.autoScalingGroups[0]?.Instances ?? [];
  Object.assign(state.targetHealth, {
    [state.autoScalingGroups[0]?.TargetGroupARNs?.[0] ?? '']: [
      {
        Target: { Id: instance?.InstanceId },
        TargetHealth: {
          State: 'unhealthy',
          Reason: 'Target.FailedHealthChecks',
          Description: 'no\u001b[2J\u0007 answer',
        },
      },
    ],
  });

  const { stdout } = await output(state, 'status', 'prod');

  expect(stdout).toMatch(/Target\.FailedHealthChecks: no \[2J +answer/);
  expect(['\u0007', '\u001b'].filter((control) => stdout.includes(control))).toEqual([]);
});

test.each(['status', 'doctor', 'cost', 'drill'])('`%s --help` has examples and exit codes', async (command) => {
  const { status, stdout } = await runCommand([command, '--help'], { env: { HOME: '/home/user' }, folder: '/' });

  expect(status).toBe(0);
  expect(stdout).toMatchSnapshot();
  aws = await FakeAws.start(healthyDev(NOW));
});
