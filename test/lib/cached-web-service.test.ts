import { RemovalPolicy } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import {
  Application,
  CachedWebService,
  CacheEngine,
  CacheNodeType,
  Database,
  DatabaseStorage,
  MemcachedCluster,
  MemcachedVersion,
  ReplicationGroup,
} from '../../lib';
import { applicationDirectory, newStack, only } from './stacks';

const CERTIFICATE = 'arn:aws:acm:us-east-1:111122223333:certificate/00000000-0000-0000-0000-000000000000';

test('wires both caches and the database to the fleet from minimal props', () => {
  const { stack, vpc } = newStack();

  new CachedWebService(stack, 'Service', {
    vpc,
    application: Application.fromDirectory(applicationDirectory()),
    certificate: acm.Certificate.fromCertificateArn(stack, 'Certificate', CERTIFICATE),
  });

  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::ElastiCache::CacheCluster', {
    NumCacheNodes: 2,
    TransitEncryptionEnabled: true,
  });
  template.hasResourceProperties('AWS::ElastiCache::ReplicationGroup', { NumCacheClusters: 3, MultiAZEnabled: true });
  template.hasResourceProperties('AWS::RDS::DBInstance', { MultiAZ: true, DeletionProtection: true });
  const { binding } = only(stack, 'AWS::AutoScaling::AutoScalingGroup').Metadata['cdk-elasticache:fleet'];
  expect(Object.keys(binding.caches)).toEqual(['objects', 'sessions']);
  expect(Object.keys(binding.databases)).toEqual(['main']);
});

test('passes every size on', () => {
  const { stack, vpc } = newStack();

  new CachedWebService(stack, 'Service', {
    vpc,
    application: Application.fromDirectory(applicationDirectory()),
    insecureHttp: true,
    allowFrom: ['203.0.113.0/24'],
    minCapacity: 3,
    maxCapacity: 5,
    dataSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
    cacheNodeType: CacheNodeType.M7G_LARGE,
    objectNodes: 4,
    sessionReplicas: 1,
    databaseInstanceType: new ec2.InstanceType('r6g.large'),
    databaseMultiAz: false,
    databaseStorage: DatabaseStorage.gp3({ sizeGiB: 50 }),
    deletionProtection: false,
    removalPolicy: RemovalPolicy.DESTROY,
  });

  expect(only(stack, 'AWS::AutoScaling::AutoScalingGroup').Properties).toMatchObject({ MinSize: '3', MaxSize: '5' });
  expect(only(stack, 'AWS::ElastiCache::CacheCluster').Properties).toMatchObject({
    NumCacheNodes: 4,
    CacheNodeType: 'cache.m7g.large',
  });
  expect(only(stack, 'AWS::ElastiCache::ReplicationGroup')).toMatchObject({
    DeletionPolicy: 'Delete',
    Properties: { NumCacheClusters: 2, CacheNodeType: 'cache.m7g.large' },
  });
  expect(only(stack, 'AWS::RDS::DBInstance').Properties).toMatchObject({
    DBInstanceClass: 'db.r6g.large',
    AllocatedStorage: '50',
    MultiAZ: false,
    DeletionProtection: false,
  });
  const [privateSubnet] = vpc.privateSubnets;
  expect(only(stack, 'AWS::RDS::DBSubnetGroup').Properties.SubnetIds).toContainEqual(
    stack.resolve(privateSubnet?.subnetId),
  );
});

test('uses what the user owns, and makes nothing in its place', () => {
  const { stack, vpc } = newStack();
  const nodeType = CacheNodeType.T4G_SMALL;
  const objects = new MemcachedCluster(stack, 'Objects', { vpc, nodeType });
  const sessions = new ReplicationGroup(stack, 'Sessions', { vpc, nodeType });
  const database = new Database(stack, 'Database', { vpc });

  const service = new CachedWebService(stack, 'Service', {
    vpc,
    application: Application.fromDirectory(applicationDirectory()),
    insecureHttp: true,
    objects,
    sessions,
    database,
  });

  expect([service.objects, service.sessions, service.database]).toEqual([objects, sessions, database]);
  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::ElastiCache::CacheCluster', 1);
  template.resourceCountIs('AWS::ElastiCache::ReplicationGroup', 1);
  template.resourceCountIs('AWS::RDS::DBInstance', 1);
});

test('fails if sessions and rankings would lie on Memcached', () => {
  const { stack, vpc } = newStack();
  const sessions = new MemcachedCluster(stack, 'Sessions', {
    vpc,
    nodeType: CacheNodeType.T4G_SMALL,
    engine: CacheEngine.memcached(MemcachedVersion.V1_6_22),
  });

  expect(
    () =>
      new CachedWebService(stack, 'Service', {
        vpc,
        application: Application.fromDirectory(applicationDirectory()),
        insecureHttp: true,
        sessions,
      }),
  ).toThrow('cache `sessions` is asked for lists, sets, hashes and leaderboards, which memcached 1.6.22 does not have');
});
