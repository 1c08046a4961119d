import { Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { enforce } from '../limits';

/** Where data belong: subnets without a way to the internet, where the VPC has them. */
export function dataSubnets(vpc: ec2.IVpc): ec2.SubnetSelection {
  return vpc.isolatedSubnets.length > 0
    ? { subnetType: ec2.SubnetType.PRIVATE_ISOLATED }
    : { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS };
}

/** Zones of the subnets, or undefined where they are not known at synth: tokens, and subnets imported by their id alone. */
export function zonesOf(subnets: ec2.SelectedSubnets): string[] | undefined {
  try {
    const zones = subnets.availabilityZones;
    return Token.isUnresolved(zones) || zones.some((zone) => Token.isUnresolved(zone))
      ? undefined
      : [...new Set(zones)];
  } catch {
    return undefined;
  }
}

/** Refuses to spread over zones that the subnets do not have. */
export function requireZones(what: string, subnets: ec2.SelectedSubnets, wanted: number): void {
  const zones = zonesOf(subnets);
  enforce([
    {
      broken: zones !== undefined && zones.length < wanted,
      message: `${what} needs subnets in at least ${wanted} Availability Zones, \`vpcSubnets\` selects ${zones?.length}`,
    },
  ]);
}

/** Refuses zones in which the subnets have no place. */
export function requireZonesIn(wanted: string[], subnets: ec2.SelectedSubnets): void {
  const zones = zonesOf(subnets);
  const missing = wanted.find((zone) => !Token.isUnresolved(zone) && zones !== undefined && !zones.includes(zone));
  enforce([
    {
      broken: missing !== undefined && !Token.isUnresolved(wanted),
      message: `\`availabilityZones\` names ${missing}, where \`vpcSubnets\` has no subnet (it has: ${zones?.join(', ')})`,
    },
  ]);
}
