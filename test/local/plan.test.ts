import { join } from 'node:path';
import { App, Stack, Stage } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Assembly } from '../../assembly/assembly';
import cdkJson from '../../cdk.json';
import {
  AccessRules,
  Application,
  AuthToken,
  CacheEngine,
  CacheNodeType,
  CacheUser,
  Database,
  DatabaseEngine,
  Durability,
  MemcachedCluster,
  RedisVersion,
  ReplicationGroup,
  type ReplicationGroupProps,
  ServerlessCache,
  SnapshotSource,
  UserAuthentication,
  UserGroup,
  ValkeyVersion,
  WebFleet,
} from '../../lib';
import { type Plan, planOf } from '../../local/plan';
import { writeAssembly, writtenBinding, writtenFleet } from '../assembly/write-assembly';
import { PROJECT } from '../engines/folders';
import { RunningEngines } from '../engines/running';
import { applicationDirectory, vpcIn } from '../lib/stacks';

describe('the environments of this project', () => {
  const assembly = new Assembly(join(PROJECT, 'cdk.out'));

  test.each([
    ['dev', { instances: 2, valkey: 2, memcached: 2, https: false, development: 'true' }],
    ['staging', { instances: 2, valkey: 3, memcached: 2, https: true, development: undefined }],
    ['prod', { instances: 3, valkey: 3, memcached: 3, https: true, development: undefined }],
  ])('%s', (name, expected) => {
    const plan = planOf(assembly, name);
    const [group, cluster, database] = [plan.replicationGroups[0], plan.memcachedClusters[0], plan.databases[0]];

    expect(plan.replicationGroups).toMatchObject([
      {
        label: expect.stringMatching(`^${name}/data/Sessions`),
        engine: 'valkey',
        nodes: expected.valkey,
        tls: true,
        users: [{ name: plan.fleet?.binding.caches.sessions.auth.user, access: AccessRules.readWrite().toString() }],
        parameterGroup: { family: 'valkey8', parameters: { 'maxmemory-policy': 'noeviction' } },
        automaticFailover: true,
        shards: undefined,
      },
    ]);
    expect(plan.memcachedClusters).toMatchObject([
      { nodes: expected.memcached, tls: true, parameterGroup: { name: 'default.memcached1.6' } },
    ]);
    expect(plan.databases).toMatchObject([{ masterUser: 'master', databaseName: 'app' }]);
    expect(plan.notStarted).toEqual([]);
    expect(plan.fleet).toMatchObject({
      instances: expected.instances,
      entry: 'server.js',
      environment: { KEEP_ALIVE_MS: '65000', DRAIN_MS: '30000' },
      caches: { objects: { id: cluster?.id }, sessions: { id: group?.id } },
      databases: { main: database?.id },
      deploySteps: [{ handler: 'deploy.handler', instructions: { database: 'main', role: { user: 'app' } } }],
      loadBalancer: {
        path: '/healthz',
        intervalMs: 10_000,
        timeoutMs: 5_000,
        healthyThreshold: 2,
        unhealthyThreshold: 2,
        deregistrationDelayMs: 30_000,
        idleTimeoutMs: 60_000,
        https: expected.https,
        dropsInvalidHeaders: true,
      },
      replacesUnhealthy: true,
    });
    expect(plan.fleet?.environment.DEVELOPMENT).toBe(expected.development);
  });

  test('the first that is started is dev, and the others are named', () => {
    expect(planOf(assembly)).toMatchObject({ environment: 'dev', others: ['staging', 'prod'] });
  });
});

describe('what crosses stacks', () => {
  /** A stage `dev` of three stacks, with the given stacks for the data and the fleet. */
  function planFor(use: (data: Stack, vpc: ec2.IVpc, web: WebFleet) => void, references = 'strong'): Plan {
    const app = new App({ context: { ...cdkJson.context, '@aws-cdk/core:defaultCrossStackReferences': references } });
    const stage = new Stage(app, 'dev', { env: { region: 'us-east-1' } });
    const [network, data, service] = ['network', 'data', 'service'].map(
      (id) => new Stack(stage, id, { stackName: `app-${id}` }),
    ) as [Stack, Stack, Stack];
    const vpc = vpcIn(network);
    const web = new WebFleet(service, 'Web', {
      vpc,
      application: Application.fromDirectory(applicationDirectory()),
      certificate: acm.Certificate.fromCertificateArn(
        service,
        'Certificate',
        'arn:aws:acm:us-east-1:111122223333:certificate/00000000-0000-4000-8000-000000000000',
      ),
    });
    use(data, vpc, web);
    return planOf(new Assembly(app.synth().directory));
  }

  /** The plan's only group, and what the fleet's binding says of it. */
  function groupFor(props: (stack: Stack) => Partial<ReplicationGroupProps>) {
    const plan = planFor((data, vpc, web) =>
      web.useCache(
        'sessions',
        new ReplicationGroup(data, 'Sessions', { vpc, nodeType: CacheNodeType.R6G_LARGE, ...props(data) }),
      ),
    );
    const { auth } = (plan.fleet as NonNullable<typeof plan.fleet>).binding.caches.sessions;
    return { group: plan.replicationGroups[0], auth, bound: plan.fleet?.caches.sessions };
  }

  test.each([
    ['strong', 'Fn::ImportValue'],
    ['weak', 'Fn::GetStackOutput'],
    ['both', 'Fn::GetStackOutput'],
  ])('%s references lead to caches and databases', (references, intrinsic) => {
    const { replicationGroups, memcachedClusters, databases, fleet } = planFor((data, vpc, web) => {
      web.useCache('sessions', new ReplicationGroup(data, 'Sessions', { vpc, nodeType: CacheNodeType.R6G_LARGE }));
      web.useCache('objects', new MemcachedCluster(data, 'Objects', { vpc, nodeType: CacheNodeType.R6G_LARGE }));
      web.useDatabase('main', new Database(data, 'Database', { vpc }));
    }, references);

    expect([replicationGroups, memcachedClusters, databases].map(({ length }) => length)).toEqual([1, 1, 1]);
    expect(fleet?.caches).toEqual({
      sessions: { id: replicationGroups[0]?.id },
      objects: { id: memcachedClusters[0]?.id },
    });
    expect(fleet?.databases).toEqual({ main: databases[0]?.id });
    expect(Object.keys(fleet?.binding.caches.sessions.host)).toEqual([intrinsic]);
    expect(fleet?.deploySteps).toMatchObject([{ label: expect.stringMatching(/^dev\/service\/WebDeploymain/) }]);
  });

  test('IAM tokens: a user by name', () => {
    const { group, auth } = groupFor(() => ({}));

    expect(group?.users).toEqual([{ name: auth.user, access: AccessRules.readWrite().toString() }]);
  });

  test('a password: the user whose secret the binding names', () => {
    const engine = CacheEngine.redis(RedisVersion.V6_2);
    const { group, auth, bound } = groupFor((stack) => ({
      engine,
      userGroup: new UserGroup(stack, 'Users', {
        engine,
        users: [new CacheUser(stack, 'User', { engine, authentication: UserAuthentication.generatedPassword() })],
      }),
    }));

    expect(auth.type).toBe('secret');
    expect(bound?.secret).toMatch(/^devdata\w+\.UserPasswordSecret/);
    expect(group?.users).toEqual([
      { name: expect.any(String), access: AccessRules.readWrite().toString(), secret: bound?.secret },
    ]);
  });

  test('an AUTH token: the user without a name', () => {
    const { group, bound } = groupFor(() => ({ authToken: AuthToken.generated() }));

    expect(bound?.secret).toBeDefined();
    expect(group?.users).toEqual([{ name: 'default', access: '~* &* +@all', secret: bound?.secret }]);
  });

  test('without encryption: everybody', () => {
    const { group, auth } = groupFor(() => ({ transitEncryption: false }));

    expect([group?.users, group?.tls, auth]).toEqual([[], false, { type: 'none' }]);
  });

  test('parameters of a group', () => {
    const parameters = { 'maxmemory-policy': 'allkeys-lfu', 'reserved-memory-percent': '30' };

    expect(groupFor(() => ({ parameters })).group?.parameterGroup.parameters).toEqual(parameters);
  });

  test('a read replica is not started, and its source answers for it', () => {
    const plan = planFor((data, vpc, web) => {
      const database = new Database(data, 'Database', { vpc, readReplicas: 1 });
      web.useDatabase('main', database);
      web.useDatabase('reads', database.readReplicas[0] as (typeof database.readReplicas)[number]);
    });
    const [database] = plan.databases;

    expect(plan.databases).toHaveLength(1);
    expect(plan.fleet?.databases).toEqual({ main: database?.id, reads: database?.id });
    expect(plan.notStarted).toMatchObject([
      {
        label: expect.stringMatching(/^dev\/data\/DatabaseReplica1/),
        why: `it is a read replica, and ${database?.label} answers for it`,
      },
    ]);
  });

  test('shards, with their slots and replicas', () => {
    expect(groupFor(() => ({ shards: 2, replicasPerShard: 2 })).group).toMatchObject({
      nodes: 3,
      shards: { count: 2 },
      automaticFailover: true,
    });
  });

  test('a durable group, and the snapshot that one begins with', () => {
    const engine = CacheEngine.valkey(ValkeyVersion.V9_0);
    const durable = groupFor(() => ({ engine, shards: 1, replicasPerShard: 1, durability: Durability.SYNC })).group;
    const restored = groupFor(() => ({ restoreFrom: SnapshotSource.snapshot('before-christmas') })).group;

    expect([durable?.durability, durable?.shards?.count]).toEqual(['sync', 1]);
    expect(restored?.snapshotName).toBe('before-christmas');
  });

  test('a serverless cache', () => {
    const plan = planFor((data, vpc, web) => web.useCache('one', new ServerlessCache(data, 'One', { vpc })));

    expect(plan.serverlessCaches).toMatchObject([
      { id: plan.fleet?.caches.one?.id, engine: 'valkey', users: [{ name: plan.fleet?.binding.caches.one.auth.user }] },
    ]);
    expect(plan.notStarted).toEqual([]);
  });

  test('MySQL, and a replica of it', () => {
    const plan = planFor((data, vpc, web) => {
      const source = new Database(data, 'One', { vpc, engine: DatabaseEngine.mysql(), readReplicas: 1 });
      web.useDatabase('one', source);
      web.useDatabase('reads', source.readReplicas[0] as (typeof source.readReplicas)[number]);
    });
    const [database] = plan.databases;

    expect(database).toMatchObject({ engine: 'mysql', product: 'mysql', databaseName: 'app' });
    expect(plan.fleet?.databases).toEqual({ one: database?.id, reads: database?.id });
  });

  test('without a fleet that is known how to run, caches and databases are planned alone', () => {
    const plan = planOf(
      writeAssembly({
        stacks: {
          Mine: {
            Resources: {
              Cache: { Type: 'AWS::ElastiCache::ReplicationGroup', Properties: { Engine: 'valkey' } },
              Queue: { Type: 'AWS::SQS::Queue' },
              Other: { Type: 'AWS::SQS::Queue' },
              Role: { Type: 'AWS::IAM::Role' },
            },
          },
        },
      }),
    );

    expect(plan.fleet).toBeUndefined();
    expect(plan.replicationGroups).toMatchObject([{ label: 'Mine/Cache', name: 'mine-cache', nodes: 1 }]);
    expect([...plan.notRun]).toEqual([['AWS::SQS::Queue', 2]]);
  });
});

const INSTANCE = (properties: object) => ({ Type: 'AWS::RDS::DBInstance', Properties: properties });

test('what the fleet does not use, and what does not run here, is told and left', () => {
  const plan = planOf(
    writeAssembly({
      stacks: {
        Mine: {
          Resources: {
            Group: writtenFleet(),
            Other: INSTANCE({ Engine: 'sqlserver-ex' }),
            Copy: INSTANCE({ SourceDBInstanceIdentifier: { Ref: 'Other' } }),
            Far: INSTANCE({ SourceDBInstanceIdentifier: 'arn:aws:rds:eu-west-1:111122223333:db:source' }),
            Reader: INSTANCE({ Engine: 'aurora-postgresql', DBClusterIdentifier: { Ref: 'Aurora' } }),
            Aurora: { Type: 'AWS::RDS::DBCluster' },
            Node: { Type: 'AWS::ElastiCache::CacheCluster', Properties: { Engine: 'redis' } },
            Clustered: {
              Type: 'AWS::ElastiCache::ReplicationGroup',
              Properties: { Engine: 'valkey', CacheParameterGroupName: { Ref: 'Parameters' } },
            },
            Parameters: {
              Type: 'AWS::ElastiCache::ParameterGroup',
              Properties: { Properties: { 'cluster-enabled': 'yes' } },
            },
          },
        },
      },
    }),
  );

  expect([plan.memcachedClusters, plan.databases]).toEqual([[], []]);
  expect(plan.replicationGroups).toMatchObject([
    { label: 'Mine/Clustered', shards: { count: 1 } },
    { label: 'Mine/Node', engine: 'redis', nodes: 1, shards: undefined },
  ]);
  expect(plan.notStarted.map(({ label, why }) => `${label}: ${why}`)).toEqual([
    'Mine/Copy: it is a read replica of Mine/Other, which does not run here',
    'Mine/Far: it is a read replica, and its source is not in this environment',
    'Mine/Other: sqlserver-ex does not run here: PostgreSQL, MySQL and MariaDB do',
    'Mine/Aurora: Aurora and Multi-AZ clusters need AWS',
  ]);
});

test('the same logical ids in two stacks are two databases', () => {
  const output = (stack: string) => ({
    Host: { Value: { 'Fn::GetAtt': ['Database', 'Endpoint.Address'] }, Export: { Name: `${stack}:Host` } },
  });
  const data = (stack: string, name: string) => ({
    Resources: { Database: INSTANCE({ Engine: 'postgres', DBName: name }) },
    Outputs: output(stack),
  });
  const databases = {
    one: { host: { 'Fn::ImportValue': 'films:Host' } },
    two: { host: { 'Fn::ImportValue': 'people:Host' } },
  };
  const plan = planOf(
    writeAssembly({
      stages: {
        dev: {
          films: data('films', 'films'),
          people: data('people', 'people'),
          service: { Resources: { Database: writtenFleet({ binding: writtenBinding({ databases }) }) } },
        },
      },
    }),
  );

  expect(plan.databases.map(({ label, databaseName }) => [label, databaseName])).toEqual([
    ['dev/films/Database', 'films'],
    ['dev/people/Database', 'people'],
  ]);
  expect(plan.fleet?.databases).toEqual({ one: 'devfilms.Database', two: 'devpeople.Database' });
  expect(plan.fleet?.id).toBe('devservice.Database');
});

test('target group, listener rule, load balancer and deploy step are found in other stacks', () => {
  const plan = planOf(
    writeAssembly({
      stacks: {
        Edge: {
          Resources: {
            Balancer: {
              Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
              Properties: { LoadBalancerAttributes: [{ Key: 'idle_timeout.timeout_seconds', Value: '7' }] },
            },
            Listener: {
              Type: 'AWS::ElasticLoadBalancingV2::Listener',
              Properties: { LoadBalancerArn: { Ref: 'Balancer' }, Protocol: 'HTTPS', DefaultActions: [] },
            },
            OfOthers: {
              Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
            },
            Rule: {
              Type: 'AWS::ElasticLoadBalancingV2::ListenerRule',
              Properties: { ListenerArn: { Ref: 'Listener' }, Actions: [{ TargetGroupArn: { Ref: 'Targets' } }] },
            },
            Targets: {
              Type: 'AWS::ElasticLoadBalancingV2::TargetGroup',
              Properties: { HealthCheckPath: '/alive', HealthCheckIntervalSeconds: 3 },
            },
          },
          Outputs: { Targets: { Value: { Ref: 'Targets' }, Export: { Name: 'Edge:Targets' } } },
        },
        Steps: {
          Resources: {
            Step: {
              Type: 'AWS::Lambda::Function',
              Properties: {
                Code: { S3Key: 'a.zip' },
                Handler: 'deploy.handler',
                Environment: {
                  Variables: {
                    CACHE_DEPLOY_STEP: {
                      'Fn::Join': [
                        '',
                        [
                          '{"database":"main","role":{"user":"app","auth":{"type":"secret","region":"r","arn":"',
                          { Ref: 'Secret' },
                          '"}}}',
                        ],
                      ],
                    },
                  },
                },
              },
            },
          },
        },
        Mine: {
          Resources: {
            Group: writtenFleet(
              { deploySteps: ['Step'] },
              { MinSize: '4', TargetGroupARNs: [{ 'Fn::ImportValue': 'Edge:Targets' }], MixedInstancesPolicy: {} },
            ),
          },
        },
      },
    }),
  );

  expect(plan.fleet).toMatchObject({
    instances: 4,
    loadBalancer: { path: '/alive', intervalMs: 3_000, idleTimeoutMs: 7_000, https: true },
    deploySteps: [{ label: 'Steps/Step', instructions: { database: 'main', role: { user: 'app' } } }],
  });
});

describe('fails', () => {
  const of = (fleet: object) =>
    writeAssembly({ stages: { dev: { data: {}, service: { Resources: { Group: fleet } } } } });

  test('if the application is not among the assets', () => {
    const application = { bucket: 'b', key: 'b.zip', entry: 'server.js' };

    expect(() => planOf(of(writtenFleet({ application })))).toThrow(/has no asset b\.zip: synthesize it again/);
  });

  test('if a binding leads out of the environment, and names the stacks', () => {
    const binding = writtenBinding({ caches: { sessions: { host: 'imported.example' } } });

    expect(() => planOf(of(writtenFleet({ binding })))).toThrow(
      'the binding `sessions` of dev/service/Group leads to "imported.example", which is not a resource of dev/data, dev/service: it cannot run here',
    );
  });

  test('if a deploy step is nowhere', () => {
    expect(() => planOf(of(writtenFleet({ deploySteps: ['Step'] })))).toThrow(
      'dev/service/Group names the deploy step Step, which the templates do not have',
    );
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
