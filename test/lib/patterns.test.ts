import { Stack, Tags } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { IConstruct, IMixin } from 'constructs';
import {
  Application,
  CacheNodeType,
  Database,
  DatabaseCache,
  type ICache,
  MemcachedCluster,
  ReplicationGroup,
  SessionStore,
  WebFleet,
} from '../../lib';
import { type Binding, parseBinding } from '../../runtime/binding';
import { applicationDirectory, newApp, newStack, only, warnings } from './stacks';

const nodeType = CacheNodeType.T4G_SMALL;

function functionIn(stack: Stack, vpc: ec2.IVpc | undefined): lambda.Function {
  return new lambda.Function(stack, 'Function', {
    runtime: lambda.Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: lambda.Code.fromInline('exports.handler = async () => {};'),
    ...(vpc === undefined ? {} : { vpc }),
  });
}

function containerIn(stack: Stack, vpc: ec2.IVpc) {
  const taskDefinition = new ecs.FargateTaskDefinition(stack, 'Task');
  const container = taskDefinition.addContainer('web', { image: ecs.ContainerImage.fromRegistry('node:24') });
  const service = new ecs.FargateService(stack, 'Service', {
    cluster: new ecs.Cluster(stack, 'Cluster', { vpc }),
    taskDefinition,
  });
  return { service, container };
}

/** The binding as the client's environment holds it, with every reference as a plain word. */
function bindingOf(variable: any): Binding {
  const text =
    typeof variable === 'string'
      ? variable
      : variable['Fn::Join'][1].map((part: any) => (typeof part === 'string' ? part : '1234')).join('');
  return parseBinding(text, 'the template');
}

function bindingOfFunction(stack: Stack): Binding {
  const [client] = Object.values(
    Template.fromStack(stack).findResources('AWS::Lambda::Function', { Properties: { Handler: 'index.handler' } }),
  );
  return bindingOf(client?.Properties.Environment.Variables.CACHE_BINDINGS);
}

/** The ports that a security group opens to another. */
function opened(stack: Stack, from: ec2.IConnectable): number[] {
  const [source] = from.connections.securityGroups;
  return Object.values(
    Template.fromStack(stack).findResources('AWS::EC2::SecurityGroupIngress', {
      Properties: { SourceSecurityGroupId: stack.resolve(source?.securityGroupId) },
    }),
  )
    .map(({ Properties }) => (typeof Properties.FromPort === 'number' ? Properties.FromPort : 5432))
    .sort();
}

describe('a database cache', () => {
  const made = () => {
    const { stack, vpc } = newStack();
    return {
      stack,
      vpc,
      cache: new DatabaseCache(stack, 'Cache', { vpc, database: new Database(stack, 'Db', { vpc }) }),
    };
  };

  test('opens cache and database to a function, and tells it where they are', () => {
    const { stack, vpc, cache } = made();
    const client = functionIn(stack, vpc);

    cache.useFromFunction(client);

    expect(bindingOfFunction(stack)).toMatchObject({
      caches: { objects: { engine: 'memcached', mode: 'discovery', tls: true } },
      databases: { main: { engine: 'postgres', ca: '/var/task/rds.pem', auth: { type: 'iam' } } },
    });
    expect(opened(stack, client)).toEqual([11211, 5432]);
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: 'rds-db:connect' })]) },
    });
  });

  test('opens both to a container', () => {
    const { stack, vpc, cache } = made();
    const { service, container } = containerIn(stack, vpc);

    cache.useFromContainer(service, container, '/app');

    const [definition] = only(stack, 'AWS::ECS::TaskDefinition').Properties.ContainerDefinitions;
    const [variable] = definition.Environment.filter(({ Name }: any) => Name === 'CACHE_BINDINGS');
    expect(bindingOf(variable.Value).databases.main?.ca).toBe('/app/rds.pem');
    expect(opened(stack, service)).toEqual([11211, 5432]);
  });

  test('opens both to a fleet, with the deploy step', () => {
    const { stack, vpc, cache } = made();
    const fleet = new WebFleet(stack, 'Web', {
      vpc,
      insecureHttp: true,
      application: Application.fromDirectory(applicationDirectory()),
    });

    cache.useFromFleet(fleet);

    expect(opened(stack, fleet)).toEqual([11211, 5432]);
    Template.fromStack(stack).resourceCountIs('Custom::Trigger', 1);
  });

  test('takes a cache that exists, of any engine, under any name', () => {
    const { stack, vpc } = newStack();
    const own = new ReplicationGroup(stack, 'Own', { vpc, nodeType });
    const client = functionIn(stack, vpc);

    new DatabaseCache(stack, 'Cache', {
      vpc,
      database: new Database(stack, 'Db', { vpc }),
      cache: own,
      cacheName: 'films',
      databaseName: 'catalogue',
    }).useFromFunction(client);

    Template.fromStack(stack).resourceCountIs('AWS::ElastiCache::CacheCluster', 0);
    const binding = bindingOfFunction(stack);
    expect([Object.keys(binding.caches), Object.keys(binding.databases)]).toEqual([['films'], ['catalogue']]);
    expect(opened(stack, client)).toEqual([5432, 6379]);
  });

  test('can be opened to compute that the user owns, with one binding for both', () => {
    const { stack, vpc, cache } = made();
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
    const group = new ec2.SecurityGroup(stack, 'Instances', { vpc });

    cache.allow(group, role);

    const binding = bindingOf(stack.resolve(cache.binding('/etc/app')));
    expect([Object.keys(binding.caches), Object.keys(binding.databases)]).toEqual([['objects'], ['main']]);
    expect(binding.databases.main?.ca).toBe('/etc/app/rds.pem');
    expect(opened(stack, group)).toEqual([11211, 5432]);
  });

  test('fails if a function is not in a VPC', () => {
    const { stack, cache } = made();

    expect(() => cache.useFromFunction(functionIn(stack, undefined))).toThrow(
      'function Test/Function is not in a VPC, from where no cache can be reached: give it `vpc`',
    );
  });
});

describe('a session store', () => {
  test('is replicated, keeps snapshots, and never throws a living session out', () => {
    const { stack, vpc } = newStack();

    new SessionStore(stack, 'Sessions', { vpc });

    const template = Template.fromStack(stack);
    template.hasResource('AWS::ElastiCache::ReplicationGroup', {
      DeletionPolicy: 'Snapshot',
      Properties: {
        Engine: 'valkey',
        NumCacheClusters: 3,
        MultiAZEnabled: true,
        AutomaticFailoverEnabled: true,
        SnapshotRetentionLimit: 7,
        CacheParameterGroupName: Match.anyValue(),
      },
    });
    template.hasResourceProperties('AWS::ElastiCache::ParameterGroup', {
      Properties: { 'maxmemory-policy': 'noeviction' },
    });
  });

  test('renders every prop', () => {
    const { stack, vpc } = newStack();
    const key = new kms.Key(stack, 'Key');

    new SessionStore(stack, 'Sessions', {
      vpc,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      nodeType: CacheNodeType.R7G_LARGE,
      replicas: 1,
      snapshotRetentionDays: 35,
      encryptionKey: key,
    });

    expect(only(stack, 'AWS::ElastiCache::ReplicationGroup').Properties).toMatchObject({
      CacheNodeType: 'cache.r7g.large',
      NumCacheClusters: 2,
      SnapshotRetentionLimit: 35,
      KmsKeyId: stack.resolve(key.keyArn),
    });
  });

  test('and a database cache share the binding of a function', () => {
    const { stack, vpc } = newStack();
    const client = functionIn(stack, vpc);

    new SessionStore(stack, 'Sessions', { vpc }).useFromFunction(client);
    new DatabaseCache(stack, 'Cache', { vpc, database: new Database(stack, 'Db', { vpc }) }).useFromFunction(client);

    const binding = bindingOfFunction(stack);
    expect([Object.keys(binding.caches), Object.keys(binding.databases)]).toEqual([['sessions', 'objects'], ['main']]);
  });

  test('and a database cache share the binding of a container, which has one such variable', () => {
    const { stack, vpc } = newStack();
    const { service, container } = containerIn(stack, vpc);

    new SessionStore(stack, 'Sessions', { vpc }).useFromContainer(service, container);
    new DatabaseCache(stack, 'Cache', { vpc, database: new Database(stack, 'Db', { vpc }) }).useFromContainer(
      service,
      container,
      '/app',
    );

    const [definition] = only(stack, 'AWS::ECS::TaskDefinition').Properties.ContainerDefinitions;
    const variables = definition.Environment.filter(({ Name }: any) => Name === 'CACHE_BINDINGS');
    expect(variables).toHaveLength(1);
    expect(Object.keys(bindingOf(variables[0].Value).caches)).toEqual(['sessions', 'objects']);
  });

  test('can be opened to instances that the user owns', () => {
    const { stack, vpc } = newStack();
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
    const group = new autoscaling.AutoScalingGroup(stack, 'Group', {
      vpc,
      role,
      instanceType: new ec2.InstanceType('t4g.small'),
      machineImage: ec2.MachineImage.latestAmazonLinux2023({ cpuType: ec2.AmazonLinuxCpuType.ARM_64 }),
      securityGroup: new ec2.SecurityGroup(stack, 'Instances', { vpc }),
    });

    new SessionStore(stack, 'Sessions', { vpc }).allow(group, role);

    expect(opened(stack, group)).toEqual([6379]);
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: 'elasticache:Connect' })]) },
    });
  });

  test('warns if it lies on Memcached', () => {
    const { stack, vpc } = newStack();

    new SessionStore(stack, 'Sessions', { vpc, cache: new MemcachedCluster(stack, 'Own', { vpc, nodeType }) });

    expect(warnings(stack).join()).toContain(
      'memcached 1.6.22 has no replicas: a node that is lost signs its users out',
    );
  });

  test('fails if nothing would take over', () => {
    const { stack, vpc } = newStack();

    expect(() => new SessionStore(stack, 'Sessions', { vpc, replicas: 0 })).toThrow(
      '`replicas` of a `SessionStore` must be at least 1, or a lost node signs everybody out, got 0',
    );
  });
});

test('clients in another stack depend on the stack of the data, and never the other way round', () => {
  const app = newApp();
  const env = { region: 'us-east-1' };
  const data = new Stack(app, 'Data', { env });
  const vpc = new ec2.Vpc(data, 'Vpc', { availabilityZones: ['us-east-1a', 'us-east-1b'] });
  const cache = new DatabaseCache(data, 'Cache', { vpc, database: new Database(data, 'Db', { vpc }) });
  const service = new Stack(app, 'Service', { env });

  cache.useFromFunction(functionIn(service, vpc));

  app.synth();
  expect(service.dependencies).toEqual([data]);
  expect(data.dependencies).toEqual([]);
});

test('mixins reach what is inside, as with CDK’s own constructs', () => {
  class Tagged implements IMixin {
    supports(construct: IConstruct): boolean {
      return construct.node.id === 'Cache';
    }
    applyTo(construct: IConstruct): void {
      Tags.of(construct).add('team', 'films');
    }
  }
  const { stack, vpc } = newStack();

  new SessionStore(stack, 'Sessions', { vpc }).with(new Tagged());

  expect(only(stack, 'AWS::ElastiCache::ReplicationGroup').Properties.Tags).toContainEqual({
    Key: 'team',
    Value: 'films',
  });
});

test('any cache fits the type that the patterns take', () => {
  const { stack, vpc } = newStack();
  const caches: ICache[] = [
    new MemcachedCluster(stack, 'A', { vpc, nodeType }),
    new ReplicationGroup(stack, 'B', { vpc, nodeType }),
  ];

  expect(caches.map(({ engine }) => engine.isMemcached)).toEqual([true, false]);
});
