import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Application, CacheCapability, CacheNodeType, Database, MemcachedCluster, ReplicationGroup } from '../../lib';
import { fleetIn } from './makers';
import { applicationDirectory, newStack, only } from './stacks';

describe('useCache', () => {
  test('opens the port, grants the login and names the cache in the metadata', () => {
    const { stack, vpc } = newStack();
    const fleet = fleetIn(stack, vpc);
    const cache = new ReplicationGroup(stack, 'Cache', { vpc, nodeType: CacheNodeType.T4G_SMALL });

    fleet.useCache('sessions', cache);

    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      FromPort: 6379,
      ToPort: 6379,
      SourceSecurityGroupId: stack.resolve(fleet.connections.securityGroups[0]?.securityGroupId),
      GroupId: stack.resolve(cache.connections.securityGroups[0]?.securityGroupId),
    });
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: 'elasticache:Connect' })]) },
    });
    const description = only(stack, 'AWS::AutoScaling::AutoScalingGroup').Metadata['cdk-elasticache:fleet'];
    expect(description.binding.caches.sessions).toMatchObject({
      engine: 'valkey',
      host: { 'Fn::GetAtt': [expect.stringContaining('Cache'), 'PrimaryEndPoint.Address'] },
    });
  });

  test('fails if Memcached is asked for a leaderboard', () => {
    const { stack, vpc } = newStack();
    const objects = new MemcachedCluster(stack, 'Objects', { vpc, nodeType: CacheNodeType.T4G_SMALL });

    expect(() => fleetIn(stack, vpc).useCache('ranks', objects, { requires: [CacheCapability.DATA_TYPES] })).toThrow(
      'cache `ranks` is asked for lists, sets, hashes and leaderboards, which memcached 1.6.22 does not have: use a `ReplicationGroup`',
    );
  });

  test('fails if Memcached is asked for Multi-AZ', () => {
    const { stack, vpc } = newStack();
    const objects = new MemcachedCluster(stack, 'Objects', { vpc, nodeType: CacheNodeType.T4G_SMALL });

    expect(() => fleetIn(stack, vpc).useCache('x', objects, { requires: [CacheCapability.MULTI_AZ] })).toThrow(
      'asked for Multi-AZ with automatic failover, which memcached 1.6.22 does not have',
    );
  });

  test('fails if a name is used twice or is none', () => {
    const { stack, vpc } = newStack();
    const fleet = fleetIn(stack, vpc);
    const cache = new MemcachedCluster(stack, 'Objects', { vpc, nodeType: CacheNodeType.T4G_SMALL });
    fleet.useCache('objects', cache);

    expect(() => fleet.useCache('objects', cache)).toThrow('the fleet uses `objects` already');
    expect(() => fleet.useCache('my objects', cache)).toThrow("a binding's name must be 1 to 40 letters");
  });
});

describe('useDatabase', () => {
  test('makes the role in a deploy step that runs after the database and before the fleet', () => {
    const { stack, vpc } = newStack();
    const fleet = fleetIn(stack, vpc);
    const database = new Database(stack, 'Database', { vpc });

    fleet.useDatabase('main', database);

    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::Lambda::Function', {
      Handler: 'deploy.handler',
      Runtime: 'nodejs24.x',
      VpcConfig: Match.anyValue(),
    });
    const group = only(stack, 'AWS::AutoScaling::AutoScalingGroup');
    const [triggerId, trigger] = Object.entries(template.findResources('Custom::Trigger'))[0] as [string, any];
    expect(group.DependsOn).toContain(triggerId);
    const [databaseId] = Object.keys(template.findResources('AWS::RDS::DBInstance'));
    expect(trigger.DependsOn).toContain(databaseId);
  });

  test('the deploy step reads the master secret, the fleet never', () => {
    const { stack, vpc } = newStack();
    const fleet = fleetIn(stack, vpc);

    fleet.useDatabase('main', new Database(stack, 'Database', { vpc }));

    const policies = Object.entries(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
    const readers = policies.filter(([, policy]) => JSON.stringify(policy).includes('secretsmanager:'));
    expect(readers.map(([id]) => id)).toEqual([expect.stringContaining('DeploymainHandlerServiceRole')]);
  });

  test('fails if the application has no deploy step', () => {
    const { stack, vpc } = newStack();
    const directory = applicationDirectory();
    rmSync(join(directory, 'deploy.js'));
    const fleet = fleetIn(stack, vpc, { application: Application.fromDirectory(directory) });

    expect(() => fleet.useDatabase('main', new Database(stack, 'Database', { vpc }))).toThrow(
      `the application directory ${directory} has no deploy.js: \`deployStep\`, which a fleet with a database needs, must name a file in it`,
    );
  });
});
