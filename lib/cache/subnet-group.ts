import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import { CfnSubnetGroup } from 'aws-cdk-lib/aws-elasticache';
import type { Construct } from 'constructs';

/** The subnets of a VPC that a cache's nodes are put in. A group of its own, never the account's default one. */
export function createSubnetGroup(scope: Construct, subnets: ec2.SelectedSubnets): CfnSubnetGroup {
  return new CfnSubnetGroup(scope, 'SubnetGroup', {
    description: `Subnets of ${scope.node.path}`,
    subnetIds: subnets.subnetIds,
  });
}
