import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { App, Stack } from 'aws-cdk-lib';
import {
  AccessRules,
  Application,
  AuthToken,
  CacheEngine,
  CacheNodeType,
  CacheUser,
  RedisVersion,
  ReplicationGroup,
  type ReplicationGroupProps,
  UserAuthentication,
  UserGroup,
  WebFleet,
} from '../../lib';
import { Assembly, referencedResource } from '../../local/assembly';
import { planOf } from '../../local/plan';
import { PROJECT } from '../engines/folders';
import { RunningEngines } from '../engines/running';
import { applicationDirectory, newStack } from '../lib/stacks';

/** An assembly with one stack of these resources. */
function assemblyOf(resources: object): Assembly {
  const directory = mkdtempSync(join(tmpdir(), 'assembly-'));
  const manifest = {
    artifacts: { Mine: { type: 'aws:cloudformation:stack', properties: { templateFile: 't.json' } } },
  };
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify(manifest));
  writeFileSync(join(directory, 't.json'), JSON.stringify({ Resources: resources }));
  return new Assembly(directory);
}

test('reads out of the dev environment what to run', () => {
  const plan = planOf(new Assembly(join(PROJECT, 'cdk.out')));

  expect(plan.replicationGroups).toMatchObject([
    { engine: 'valkey', nodes: 2, tls: true, users: [{ access: expect.any(String) }] },
  ]);
  expect(plan.memcachedClusters).toMatchObject([{ nodes: 2, tls: true }]);
  expect(plan.databases).toMatchObject([{ masterUser: 'master', databaseName: 'app' }]);
  expect(plan.fleet).toMatchObject({
    instances: 2,
    entry: 'server.js',
    caches: { objects: plan.memcachedClusters[0]?.id, sessions: plan.replicationGroups[0]?.id },
    databases: { main: plan.databases[0]?.id },
    deploySteps: [{ handler: 'deploy.handler', instructions: { database: 'main', role: { user: 'app' } } }],
    healthCheck: {
      path: '/healthz',
      intervalMs: 10_000,
      timeoutMs: 5_000,
      healthyThreshold: 2,
      unhealthyThreshold: 2,
      deregistrationDelayMs: 30_000,
      idleTimeoutMs: 60_000,
    },
  });
});

test('fails if the directory holds no assembly, and says what makes one', () => {
  expect(() => new Assembly('/does/not/exist')).toThrow(
    '/does/not/exist holds no cloud assembly (no manifest.json): run `cdk synth` first',
  );
});

test('fails if the assembly has nothing to run, and says what was found', () => {
  expect(() => planOf(assemblyOf({ Topic: { Type: 'AWS::SNS::Topic' } }))).toThrow(
    /has nothing to run: no Auto Scaling group made by a `WebFleet` in it \(found: Mine\)/,
  );
});

test('fails if a template is broken', () => {
  const directory = mkdtempSync(join(tmpdir(), 'assembly-'));
  writeFileSync(join(directory, 'manifest.json'), '{');

  expect(() => new Assembly(directory)).toThrow(`${join(directory, 'manifest.json')} cannot be read`);
});

const FLEET = {
  application: { bucket: 'b', key: 'a.zip', entry: 'server.js' },
  environment: {},
  port: 8080,
  binding: { version: 1, caches: {}, databases: {}, metricsNamespace: 'x' },
  deploySteps: [],
};

function fleet(description: object = {}): object {
  return {
    Type: 'AWS::AutoScaling::AutoScalingGroup',
    Metadata: { 'cdk-elasticache:fleet': { ...FLEET, ...description } },
  };
}

test('fails if the application is not among the assets', () => {
  expect(() => planOf(assemblyOf({ Group: fleet() }))).toThrow(/has no asset a\.zip: synthesize it again/);
});

test('fails if there are two fleets', () => {
  expect(() => planOf(assemblyOf({ A: fleet(), B: fleet() }))).toThrow(
    /has 2 fleets \(Mine\/A, Mine\/B\): synthesize one environment at a time/,
  );
});

test('fails if a binding leads out of the template', () => {
  const directory = assemblyOf({}).directory;
  mkdirSync(join(directory, 'asset'));
  const binding = { ...FLEET.binding, caches: { sessions: { host: 'imported.example' } } };
  writeFileSync(
    join(directory, 'manifest.json'),
    JSON.stringify({
      artifacts: {
        Assets: { type: 'cdk:asset-manifest', properties: { file: 'assets.json' } },
        Mine: { type: 'aws:cloudformation:stack', properties: { templateFile: 't.json' } },
      },
    }),
  );
  writeFileSync(
    join(directory, 'assets.json'),
    JSON.stringify({ files: { a: { source: { path: 'asset' }, destinations: { d: { objectKey: 'a.zip' } } } } }),
  );
  writeFileSync(join(directory, 't.json'), JSON.stringify({ Resources: { Group: fleet({ binding }) } }));

  expect(() => planOf(new Assembly(directory))).toThrow(
    'the binding `sessions` leads to "imported.example", which is not a resource of Mine: it cannot run here',
  );
});

describe('who may sign in follows from the template that the constructs make', () => {
  /** The plan of a fleet that uses a replication group. */
  function planFor(props: (stack: Stack) => Partial<ReplicationGroupProps>) {
    const { stack, vpc } = newStack();
    const sessions = new ReplicationGroup(stack, 'Sessions', {
      vpc,
      nodeType: CacheNodeType.R6G_LARGE,
      ...props(stack),
    });
    const web = new WebFleet(stack, 'Web', {
      vpc,
      application: Application.fromDirectory(applicationDirectory()),
      insecureHttp: true,
    });
    web.useCache('sessions', sessions);
    const plan = planOf(new Assembly((stack.node.root as App).synth().directory));
    const [group] = plan.replicationGroups;
    return { group, auth: plan.fleet.binding.caches.sessions.auth };
  }

  const secretIn = (auth: { arn?: unknown }) => referencedResource(auth.arn);

  test('IAM tokens: a user by name', () => {
    const { group, auth } = planFor(() => ({}));

    expect(group?.users).toEqual([{ name: auth.user, access: AccessRules.readWrite().toString() }]);
  });

  test('a password: the user whose secret the binding names', () => {
    const engine = CacheEngine.redis(RedisVersion.V6_2);
    const { group, auth } = planFor((stack) => ({
      engine,
      userGroup: new UserGroup(stack, 'Users', {
        engine,
        users: [new CacheUser(stack, 'User', { engine, authentication: UserAuthentication.generatedPassword() })],
      }),
    }));

    expect(auth.type).toBe('secret');
    expect(group?.users).toEqual([
      { name: expect.any(String), access: AccessRules.readWrite().toString(), secret: secretIn(auth) },
    ]);
    expect(secretIn(auth)).toBeDefined();
  });

  test('an AUTH token: the user without a name', () => {
    const { group, auth } = planFor(() => ({ authToken: AuthToken.generated() }));

    expect(group?.users).toEqual([{ name: 'default', access: '~* &* +@all', secret: secretIn(auth) }]);
  });

  test('without encryption: everybody', () => {
    const { group, auth } = planFor(() => ({ transitEncryption: false }));

    expect([group?.users, group?.tls, auth]).toEqual([[], false, { type: 'none' }]);
  });

  test('a group with shards does not run here', () => {
    expect(planFor(() => ({ shards: 2 })).group).toBeUndefined();
  });
});

test('who holds the AUTH token signs in to a real engine without a name, and nobody else', async () => {
  const engines = await RunningEngines.start();
  try {
    const port = await engines.withToken('the-token-of-the-group');
    const client = await engines.client(port, 'default', 'the-token-of-the-group');

    expect(await client.ping()).toBe('PONG');
    await expect(engines.client(port, 'default', 'another')).rejects.toThrow(/WRONGPASS/);
    client.destroy();
  } finally {
    await engines.stop();
  }
});
