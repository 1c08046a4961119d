import { Token } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import { CfnSubnetGroup } from 'aws-cdk-lib/aws-elasticache';
import type { Construct } from 'constructs';
import { enforce } from './limits';

/** The subnets of a VPC that a cache's nodes are put in. A group of its own, never the account's default one. */
export function createSubnetGroup(scope: Construct, subnets: ec2.SelectedSubnets): CfnSubnetGroup {
  return new CfnSubnetGroup(scope, 'SubnetGroup', {
    description: `Subnets of ${scope.node.path}`,
    subnetIds: subnets.subnetIds,
  });
}

/** Refuses to spread over zones that the subnets do not have. */
export function requireZones(what: string, subnets: ec2.SelectedSubnets, wanted: number): void {
  const zones = new Set(subnets.availabilityZones);
  enforce([
    {
      broken: ![...zones].some(Token.isUnresolved) && zones.size < wanted,
      message: `${what} needs subnets in at least ${wanted} Availability Zones, \`vpcSubnets\` selects ${zones.size}`,
    },
  ]);
}
