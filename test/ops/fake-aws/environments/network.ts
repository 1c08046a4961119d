import type { Made } from './part';
import { type Place, subnetOf, vpcOf, ZONES } from './place';

/** A VPC, and a subnet for data in each zone. */
export function network(place: Place): Record<string, Made> {
  const subnets = ZONES.map((zone, index): [string, Made] => [
    `NetworkDataSubnet${index + 1}`,
    {
      type: 'AWS::EC2::Subnet',
      physicalId: subnetOf(place, zone),
      properties: { AvailabilityZone: zone, CidrBlock: `10.0.${index}.0/24`, VpcId: { Ref: 'Network' } },
    },
  ]);
  return {
    Network: { type: 'AWS::EC2::VPC', physicalId: vpcOf(place), properties: { CidrBlock: '10.0.0.0/16' } },
    ...Object.fromEntries(subnets),
  };
}
