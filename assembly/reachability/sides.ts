import type { Placed, Resource, Templates } from '../templates';
import type { AddressBlock } from './address-set';
import { networkOf, type PublicAddress } from './network-interfaces';
import type { PortRange } from './ports';
import { CONTAINER_SERVICE, FLEET, INSTANCE } from './resource-types';
import { type SecurityGroup, securityGroupOf } from './security-group';
import { blockOf, labelIn, listIn, resourceIn } from './values';

/** A VPC, as far as the templates tell. */
export interface Vpc {
  /** The same for the same VPC; `undefined` where the templates do not tell it. */
  readonly key: string | undefined;
  readonly label: string;
  /** Whether the templates make it. */
  readonly isMade: boolean;
  readonly block: AddressBlock | undefined;
}

/** A subnet: its own addresses, or else those of its VPC, where the templates tell. */
export interface Subnet {
  /** The same for the same subnet; `undefined` where a deploy chooses it. */
  readonly key: string | undefined;
  readonly label: string;
  /** Where the templates make it. */
  readonly resource: Resource | undefined;
  readonly block: AddressBlock | undefined;
  readonly vpc: Vpc;
}

/** One side of a connection: what its network interfaces have. */
export interface Side {
  readonly label: string;
  /** None: the templates name none, and it has its VPC's default group. */
  readonly groups: readonly SecurityGroup[];
  readonly subnets: readonly Subnet[];
  /** Ports that it opens connections from. */
  readonly clientPorts: PortRange;
  readonly publicAddress: PublicAddress;
  /** Why its interfaces are others than these, or more. */
  readonly doubt?: string | undefined;
  /** Whether it is everything outside, which has no groups at all. */
  readonly isInternet?: boolean;
}

/**
 * Ports that clients open connections from: of the kernel that Amazon Linux has, and of what AWS runs itself (Lambda,
 * load balancers, NAT gateways), which is taken for what is not known, too.
 *
 * @see https://docs.aws.amazon.com/vpc/latest/userguide/nacl-ephemeral-ports.html
 */
export const LINUX_PORTS: PortRange = { first: 32_768, last: 60_999 };
export const MANAGED_PORTS: PortRange = { first: 1_024, last: 65_535 };

const UNKNOWN_VPC: Vpc = { key: undefined, label: 'a VPC that is not known', isMade: false, block: undefined };

/** What the network interfaces of a resource have. */
export function sideOf(templates: Templates, resource: Resource): Side {
  const { groups, subnets, publicAddress, doubt } = networkOf(templates, resource);
  const vpcs = templates
    .references(groups.stack, groups.value)
    .flatMap(({ stack, properties }) => vpcIn(templates, { stack, value: properties.VpcId }) ?? []);
  const vpc = vpcs.find(({ isMade }) => isMade) ?? vpcs[0] ?? UNKNOWN_VPC;
  const ids = listIn(templates, subnets);
  return {
    label: resource.label,
    groups: listIn(templates, groups).map(({ stack, value }) => securityGroupOf(templates, stack, value)),
    subnets:
      ids.length === 0
        ? [{ key: undefined, label: `the subnets of ${resource.label}`, resource: undefined, block: undefined, vpc }]
        : ids.map((id) => subnetIn(templates, id, vpc)),
    clientPorts: [FLEET, INSTANCE, CONTAINER_SERVICE].includes(resource.type) ? LINUX_PORTS : MANAGED_PORTS,
    publicAddress,
    doubt,
  };
}

/** The subnet that a value is. @param otherwise its VPC where it does not say so itself */
export function subnetIn(templates: Templates, { stack, value }: Placed, otherwise: Vpc = UNKNOWN_VPC): Subnet {
  const made = resourceIn(templates, stack, value);
  const resource = made?.type === 'AWS::EC2::Subnet' ? made : undefined;
  return {
    key: resource?.id ?? (typeof value === 'string' ? value : undefined),
    label: labelIn(templates, stack, value),
    resource,
    block: resource && blockOf(templates, resource.stack, resource.properties.CidrBlock),
    vpc: (resource && vpcIn(templates, { stack: resource.stack, value: resource.properties.VpcId })) ?? otherwise,
  };
}

/** The VPC that a value is; `undefined` for what only a deploy knows. */
export function vpcIn(templates: Templates, { stack, value }: Placed): Vpc | undefined {
  if (typeof value === 'string') {
    return { key: value, label: value, isMade: false, block: undefined };
  }
  const made = resourceIn(templates, stack, value);
  return made?.type === 'AWS::EC2::VPC'
    ? {
        key: made.id,
        label: made.label,
        isMade: true,
        block: blockOf(templates, made.stack, made.properties.CidrBlock),
      }
    : undefined;
}
