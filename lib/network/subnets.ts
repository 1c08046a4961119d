import { Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { enforce } from '../limits';

/** Where data belong: subnets without a way to the internet, where the VPC has them. */
export function dataSubnets(vpc: ec2.IVpc): ec2.SubnetSelection {
  return vpc.isolatedSubnets.length > 0
    ? { subnetType: ec2.SubnetType.PRIVATE_ISOLATED }
    : subnetsFor('what holds data', vpc, ec2.SubnetType.PRIVATE_WITH_EGRESS, 'name others by `vpcSubnets`');
}

/** Where compute belongs: subnets with a way out, where the VPC has them. */
export function computeSubnets(vpc: ec2.IVpc): ec2.SubnetSelection {
  return vpc.privateSubnets.length > 0
    ? { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS }
    : subnetsFor('a fleet', vpc, ec2.SubnetType.PRIVATE_ISOLATED, 'name others by `vpcSubnets`');
}

/** Subnets of a kind. @throws in our words where the VPC has none of it */
export function subnetsFor(
  what: string,
  vpc: ec2.IVpc,
  subnetType: ec2.SubnetType,
  otherwise: string,
): ec2.SubnetSelection {
  try {
    vpc.selectSubnets({ subnetType });
  } catch {
    throw new Error(
      `${what} needs subnets of the kind ${subnetType}, of which \`vpc\` has none: add some, or ${otherwise}`,
    );
  }
  return { subnetType };
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
