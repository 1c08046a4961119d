import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import {
  Application,
  CacheNodeType,
  ClientSecurityGroup,
  MemcachedCluster,
  ReplicationGroup,
  WebFleet,
} from '../../lib';
import { applicationDirectory, newApp, warnings } from './stacks';

const env = { region: 'us-east-1' };

/** A stack with caches, and what others need of it. */
function cacheStack() {
  const app = newApp();
  const stack = new Stack(app, 'Caches', { env });
  const vpc = new ec2.Vpc(stack, 'Vpc', { availabilityZones: ['us-east-1a', 'us-east-1b'], natGateways: 1 });
  const sessions = new ReplicationGroup(stack, 'Sessions', { vpc, nodeType: CacheNodeType.T4G_SMALL });
  const objects = new MemcachedCluster(stack, 'Objects', { vpc, nodeType: CacheNodeType.T4G_SMALL });
  return { app, stack, vpc, sessions, objects };
}

// aws-cdk issues 1654, 5047 and 17465: a rule in the cache's stack that names the client makes each wait for the other.
test('a fleet in another stack makes no cycle', () => {
  const { app, vpc, sessions, objects, stack } = cacheStack();
  const other = new Stack(app, 'Web', { env });
  const fleet = new WebFleet(other, 'Web', {
    vpc,
    application: Application.fromDirectory(applicationDirectory()),
    insecureHttp: true,
  });

  fleet.useCache('sessions', sessions);
  fleet.useCache('objects', objects);

  const template = Template.fromStack(other);
  expect(other.dependencies).toEqual([stack]);
  expect(stack.dependencies).toEqual([]);
  const rules = Object.values(template.findResources('AWS::EC2::SecurityGroupIngress')).filter(({ Properties }) =>
    JSON.stringify(Properties.GroupId).includes('ImportValue'),
  );
  expect(rules).toHaveLength(2);
});

test('clients in other stacks attach the group, and the caches let it in once', () => {
  const { app, stack, vpc, sessions, objects } = cacheStack();
  const clients = new ClientSecurityGroup(stack, 'Clients', { vpc, allowAllOutbound: true });
  clients.allowTo(sessions, objects);
  const consumers = ['One', 'Two'].map((id) => {
    const other = new Stack(app, id, { env });
    new lambda.Function(other, 'Function', {
      runtime: lambda.Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: lambda.Code.fromInline('exports.handler = async () => {}'),
      vpc,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      securityGroups: [clients.securityGroup],
    });
    return other;
  });

  const template = Template.fromStack(stack);
  const source = stack.resolve(clients.securityGroup.securityGroupId);
  const rules = Object.values(template.findResources('AWS::EC2::SecurityGroupIngress')).map(({ Properties }) => [
    Properties.SourceSecurityGroupId,
    JSON.stringify(Properties.FromPort),
  ]);
  expect(rules.map(([from]) => from)).toEqual([source, source]);
  expect(rules[0]?.[1]).not.toBe(rules[1]?.[1]);
  expect(stack.dependencies).toEqual([]);
  for (const consumer of consumers) {
    expect(consumer.dependencies).toEqual([stack]);
  }
});

test('its members reach the caches, and by this group nothing else', () => {
  const { stack, vpc, sessions } = cacheStack();

  new ClientSecurityGroup(stack, 'Clients', { vpc }).allowTo(sessions);

  Template.fromStack(stack).hasResourceProperties('AWS::EC2::SecurityGroup', {
    GroupDescription: 'Clients let in by Caches/Clients',
  });
  const [egress, ...others] = Object.values(Template.fromStack(stack).findResources('AWS::EC2::SecurityGroupEgress'));
  expect(others).toEqual([]);
  expect(egress?.Properties.DestinationSecurityGroupId).toEqual(
    stack.resolve(sessions.connections.securityGroups[0]?.securityGroupId),
  );
});

test('fails if what is to be reached has no port', () => {
  const { stack, vpc } = cacheStack();
  const target = new ec2.Connections({ securityGroups: [new ec2.SecurityGroup(stack, 'Group', { vpc })] });

  expect(() => new ClientSecurityGroup(stack, 'Clients', { vpc }).allowTo(target)).toThrow(
    '`connections` of what holds data must have a `defaultPort`, got none',
  );
});

test('a cache whose security groups are not known warns that nobody was let in', () => {
  const { stack, vpc } = cacheStack();
  const cache = MemcachedCluster.fromMemcachedClusterAttributes(stack, 'Existing', {
    clusterId: 'objects',
    endpointAddress: 'objects.example.com',
  });

  new ClientSecurityGroup(stack, 'Clients', { vpc }).allowTo(cache);

  expect(warnings(stack)).toEqual([expect.stringContaining('its security groups are not known here')]);
});
