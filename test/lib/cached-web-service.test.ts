import { RemovalPolicy } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import { Application, CachedWebService, CacheNodeType } from '../../lib';
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
    cacheNodeType: CacheNodeType.M7G_LARGE,
    objectNodes: 4,
    objectTransitEncryption: false,
    sessionReplicas: 1,
    databaseMultiAz: false,
    deletionProtection: false,
    removalPolicy: RemovalPolicy.DESTROY,
  });

  expect(only(stack, 'AWS::AutoScaling::AutoScalingGroup').Properties).toMatchObject({ MinSize: '3', MaxSize: '5' });
  expect(only(stack, 'AWS::ElastiCache::CacheCluster').Properties).toMatchObject({
    NumCacheNodes: 4,
    CacheNodeType: 'cache.m7g.large',
    TransitEncryptionEnabled: false,
  });
  expect(only(stack, 'AWS::ElastiCache::ReplicationGroup')).toMatchObject({
    DeletionPolicy: 'Delete',
    Properties: { NumCacheClusters: 2, CacheNodeType: 'cache.m7g.large' },
  });
  expect(only(stack, 'AWS::RDS::DBInstance').Properties).toMatchObject({ MultiAZ: false, DeletionProtection: false });
});
