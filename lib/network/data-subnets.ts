import { Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { enforce } from '../limits';

/** Where data belong: subnets without a way to the internet, where the VPC has them. */
export function dataSubnets(vpc: ec2.IVpc): ec2.SubnetSelection {
  return vpc.isolatedSubnets.length > 0
    ? { subnetType: ec2.SubnetType.PRIVATE_ISOLATED }
    : { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS };
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
