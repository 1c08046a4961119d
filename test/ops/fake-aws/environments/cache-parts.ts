import type { CacheSubnetGroup } from '@aws-sdk/client-elasticache';
import type { Part } from './part';
import { arnOf, idOf, type Place, subnetOf, vpcOf } from './place';

/** A subnet group over some zones. */
export function subnetGroup(place: Place, name: string, logicalId: string, zones: readonly string[]): Part {
  const group: CacheSubnetGroup = {
    CacheSubnetGroupName: name,
    CacheSubnetGroupDescription: `Subnets of ${name}`,
    VpcId: vpcOf(place),
    Subnets: zones.map((zone) => ({
      SubnetIdentifier: subnetOf(place, zone),
      SubnetAvailabilityZone: { Name: zone },
      SupportedNetworkTypes: ['ipv4'],
    })),
    ARN: arnOf('elasticache', `subnetgroup:${name}`),
    SupportedNetworkTypes: ['ipv4'],
  };
  return {
    resources: {
      [logicalId]: {
        type: 'AWS::ElastiCache::SubnetGroup',
        physicalId: name,
        properties: { Description: `Subnets of ${name}`, SubnetIds: zones.map((zone) => subnetOf(place, zone)) },
      },
    },
    state: { cacheSubnetGroups: [group] },
  };
}

export function securityGroup({ environment }: Place, logicalId: string): Part {
  return {
    resources: {
      [logicalId]: {
        type: 'AWS::EC2::SecurityGroup',
        physicalId: securityGroupId(environment, logicalId),
        properties: { GroupDescription: `${environment} ${logicalId}` },
      },
    },
    state: {},
  };
}

export function securityGroupId(environment: string, logicalId: string): string {
  return idOf('sg', `${environment} ${logicalId}`);
}
