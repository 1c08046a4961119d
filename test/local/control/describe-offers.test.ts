import {
  DescribeCacheClustersCommand,
  DescribeCacheSubnetGroupsCommand,
  DescribeReservedCacheNodesCommand,
  DescribeUpdateActionsCommand,
} from '@aws-sdk/client-elasticache';
import { refusal, StartedEndpoint } from './started-endpoint';

let started: StartedEndpoint;

beforeEach(async () => {
  started = await StartedEndpoint.start();
});

afterEach(() => started.close());

test('a cache cluster names its subnet group, which names the zones', async () => {
  const { CacheClusters } = await started.client.send(
    new DescribeCacheClustersCommand({ CacheClusterId: 'sessions-001' }),
  );
  const { CacheSubnetGroups } = await started.client.send(
    new DescribeCacheSubnetGroupsCommand({ CacheSubnetGroupName: CacheClusters?.[0]?.CacheSubnetGroupName }),
  );

  expect(CacheSubnetGroups).toMatchObject([
    {
      CacheSubnetGroupName: 'sessions-subnets',
      Subnets: [
        { SubnetIdentifier: 'subnet-1', SubnetAvailabilityZone: { Name: 'us-east-1a' } },
        { SubnetIdentifier: 'subnet-2', SubnetAvailabilityZone: { Name: 'us-east-1b' } },
      ],
    },
  ]);
});

test('does not find a subnet group that is not there', async () => {
  const error = await refusal(started.client.send(new DescribeCacheSubnetGroupsCommand({ CacheSubnetGroupName: 'x' })));

  expect(error.name).toBe('CacheSubnetGroupNotFoundFault');
});

test('there are no updates of AWS, whatever they are asked of', async () => {
  const { UpdateActions } = await started.client.send(
    new DescribeUpdateActionsCommand({
      ReplicationGroupIds: ['sessions'],
      CacheClusterIds: ['pages'],
      UpdateActionStatus: ['not-applied'],
      MaxRecords: 50,
    }),
  );

  expect(UpdateActions).toEqual([]);
  expect(await refusal(started.client.send(new DescribeUpdateActionsCommand({ MaxRecords: 51 })))).toMatchObject({
    name: 'InvalidParameterValueException',
  });
});

test('no node is reserved', async () => {
  const { ReservedCacheNodes } = await started.client.send(new DescribeReservedCacheNodesCommand({}));
  const one = started.client.send(new DescribeReservedCacheNodesCommand({ ReservedCacheNodeId: 'x' }));

  expect(ReservedCacheNodes).toEqual([]);
  expect((await refusal(one)).name).toBe('ReservedCacheNodeNotFoundFault');
});
