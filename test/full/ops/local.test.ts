import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { LocalEnvironment } from '../../../local/environment';
import type { EnvironmentState } from '../../../ops/environment/environment-state';
import { PROJECT } from '../../engines/folders';
import { pythonTools } from '../../engines/python';
import { removeFolders, stateDirectory, up } from '../local/environments';
import { runCommand } from './run-command';

const run = promisify(execFile);

const report = join(tmpdir(), `local-drill-${process.pid}.html`);

let state: string;
let environment: LocalEnvironment;

beforeAll(async () => {
  state = stateDirectory();
  environment = await up({ stateDirectory: state });
});

afterAll(async () => {
  await environment?.close();
  rmSync(report, { force: true });
  removeFolders();
});

/** The command, for the environment that runs here by its name. */
function command(...args: readonly string[]) {
  return runCommand([...args, '--state-dir', state], { env: { AWS_REGION: undefined, AWS_ACCESS_KEY_ID: undefined } });
}

async function status(): Promise<EnvironmentState> {
  const { stdout, status: code } = await command('status', 'dev', '--json');
  expect(code).toBe(0);
  return JSON.parse(stdout);
}

const NOTHING_LOST = ['acknowledged reviews lost', 'reads older than the own last write', 'sessions that died'];

/** Verdicts about what was lost, that passed: how long things took is judged where nothing else runs. */
function lost({ verdicts }: { verdicts: Array<{ name: string; passed: boolean }> }): string[] {
  return verdicts.filter(({ name, passed }) => passed && NOTHING_LOST.includes(name)).map(({ name }) => name);
}

/** The AWS CLI, asked at the address that `up` shows. */
async function aws(...args: string[]): Promise<any> {
  const { aws: program } = await pythonTools();
  const { stdout } = await run(program, [...args, '--endpoint-url', environment.controlAddress, '--output', 'json'], {
    env: {
      PATH: process.env.PATH,
      AWS_ACCESS_KEY_ID: 'testing',
      AWS_SECRET_ACCESS_KEY: 'testing',
      AWS_DEFAULT_REGION: 'us-east-1',
    },
  });
  return JSON.parse(stdout);
}

test('the environment is known by its name, without credentials, region or network', async () => {
  const { stdout, stderr, status: code } = await command('status', 'dev');

  expect(code).toBe(0);
  expect(stderr).toBe(`dev on this machine, at ${environment.controlAddress} (--aws asks AWS)\n`);
  expect(stdout).toMatch(/^dev {2}on this machine {2}/);
  expect(stdout).toContain(`\n${environment.address}\n`);
  expect(stdout).toMatch(/sessionscache\w+-001 +primary +us-east-1a +available/);
  expect(stdout).toMatch(/sessionscache\w+-002 +replica +us-east-1b +available/);
  expect(stdout).toContain('2 of 2 serve');
});

test('the AWS CLI and the command tell of the same nodes, roles and states', async () => {
  const [shown, groups, clusters, databases, fleets] = await Promise.all([
    status(),
    aws('elasticache', 'describe-replication-groups'),
    aws('elasticache', 'describe-cache-clusters', '--show-cache-node-info'),
    aws('rds', 'describe-db-instances'),
    aws('autoscaling', 'describe-auto-scaling-groups'),
  ]);
  const stateOf = new Map<string, string>(
    clusters.CacheClusters.map((cluster: any) => [cluster.CacheClusterId, cluster.CacheClusterStatus]),
  );

  expect(
    shown.groups.map(({ id, status: of, shards }) => ({
      id,
      of,
      nodes: shards.flatMap(({ nodes }) => nodes.map((node) => [node.id, node.role, node.zone, node.status])),
    })),
  ).toEqual(
    groups.ReplicationGroups.map((group: any) => ({
      id: group.ReplicationGroupId,
      of: group.Status,
      nodes: group.NodeGroups.flatMap(({ NodeGroupMembers }: any) =>
        NodeGroupMembers.map((member: any) => [
          member.CacheClusterId,
          member.CurrentRole,
          member.PreferredAvailabilityZone,
          stateOf.get(member.CacheClusterId),
        ]),
      ),
    })),
  );
  expect(shown.memcached.flatMap(({ nodes }) => nodes.map((node) => [node.id, node.status]))).toEqual(
    clusters.CacheClusters.filter(({ Engine }: any) => Engine === 'memcached').flatMap(({ CacheNodes }: any) =>
      CacheNodes.map((node: any) => [node.CacheNodeId, node.CacheNodeStatus]),
    ),
  );
  expect(shown.databases.map(({ id, status: of }) => [id, of])).toEqual(
    databases.DBInstances.map((database: any) => [database.DBInstanceIdentifier, database.DBInstanceStatus]),
  );
  expect(shown.fleets.flatMap(({ instances }) => instances.map((one) => [one.id, one.lifecycle, one.health]))).toEqual(
    fleets.AutoScalingGroups.flatMap(({ Instances }: any) =>
      Instances.map((one: any) => [one.InstanceId, one.LifecycleState, one.HealthStatus]),
    ),
  );
});

test('nothing is wrong with it', async () => {
  const { stdout, status: code } = await command('doctor', 'dev', '--json');

  expect(JSON.parse(stdout)).toMatchObject({ environment: 'dev', findings: [], gaps: [] });
  expect(code).toBe(0);
});

test('it costs what its templates cost', async () => {
  const [running, synthesized] = await Promise.all([
    command('cost', 'dev', '--json'),
    runCommand(['cost', join(PROJECT, 'cdk.out'), '--environment', 'dev', '--json']),
  ]);

  const monthly = ({ stdout }: { stdout: string }) => JSON.parse(stdout).environments[0].monthly;
  expect(monthly(running)).toBeGreaterThan(0);
  // What costs nothing here, such as a NAT gateway, does not run here.
  expect(monthly(running)).toBeLessThanOrEqual(monthly(synthesized));
});

test('a failover through the API, with real engines: what users felt, and nothing of them stays', async () => {
  const before = await status();

  const { stdout, status: code } = await command(
    ...['drill', 'failover', 'dev', '--yes', '--seconds', '2', '--report', report, '--json'],
  );

  const [result] = JSON.parse(stdout);
  expect(result.marks.map(({ kind }: { kind: string }) => kind)).toEqual(['fault', 'promotion', 'healed', 'recovered']);
  expect(lost(result)).toEqual(NOTHING_LOST);
  expect([0, 1]).toContain(code);
  const primary = ({ groups }: EnvironmentState) =>
    groups.flatMap(({ shards }) => shards.flatMap(({ nodes }) => nodes.filter(({ role }) => role === 'primary')));
  expect(primary(await status()).map(({ id }) => id)).not.toEqual(primary(before).map(({ id }) => id));
  const rankings = await (await fetch(`${environment.address}/rankings`)).text();
  expect(rankings).toContain('<h1>');
  expect(rankings).not.toContain('Drill ');
});

test('an instance through the API: it ends, another takes its place, and nobody is signed out', async () => {
  const before = await status();

  const { stdout, status: code } = await command(
    ...['drill', 'instance', 'dev', '--yes', '--seconds', '2', '--report', report, '--json'],
  );

  const [result] = JSON.parse(stdout);
  expect(lost(result)).toEqual(NOTHING_LOST);
  expect([0, 1]).toContain(code);
  const instances = ({ fleets }: EnvironmentState) => fleets.flatMap((fleet) => fleet.instances.map(({ id }) => id));
  const after = instances(await status());
  expect(after).toHaveLength(instances(before).length);
  expect(after).not.toEqual(instances(before));
});

test('an environment that neither runs here nor is deployed is asked of AWS, which has no such address here', async () => {
  const { status: code, stderr } = await runCommand(['status', 'prod', '--state-dir', state, '--timeout', '20'], {
    env: { AWS_REGION: 'xx-nowhere-1' },
  });

  expect([code, stderr]).toEqual([3, expect.stringContaining('cloudformation has no address in xx-nowhere-1')]);
});
