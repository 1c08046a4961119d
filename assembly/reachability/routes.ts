import type { Resource, Templates } from '../templates';
import { AddressSet } from './address-set';
import type { Allowed } from './network-acls';
import { type Subnet, vpcIn } from './sides';
import { type AddressFamily, blockOf, blocksOfList, keyIn, resourceIn } from './values';

/** Where a route sends packets. */
export interface Gateway {
  readonly kind: 'nat' | 'internet' | 'egress-only' | 'peering' | 'inside' | 'other';
  readonly label: string;
  /** Where the templates make it. */
  readonly resource: Resource | undefined;
}

/** A route of a table. */
export interface Route {
  readonly label: string;
  readonly isConditional: boolean;
  readonly gateway: Gateway;
  readonly resource: Resource;
}

/** The route table of a subnet. */
export interface RouteTable {
  /** `undefined` for one that the templates do not tell, or do not make. */
  readonly key: string | undefined;
  readonly label: string;
  readonly routes: readonly Route[];
  /** What only a deploy knows of it, a sentence. */
  readonly doubt?: string;
}

const TABLE = 'AWS::EC2::RouteTable';
const PEERING = 'AWS::EC2::VPCPeeringConnection';

/** What a route may name as its way, in the order that they are looked for. */
const WAYS: ReadonlyArray<readonly [property: string, kind: Gateway['kind']]> = [
  ['NatGatewayId', 'nat'],
  ['VpcPeeringConnectionId', 'peering'],
  ['InstanceId', 'inside'],
  ['NetworkInterfaceId', 'inside'],
  ['VpcEndpointId', 'inside'],
  ['EgressOnlyInternetGatewayId', 'egress-only'],
  ['GatewayId', 'other'],
  ['TransitGatewayId', 'other'],
  ['LocalGatewayId', 'other'],
  ['CarrierGatewayId', 'other'],
  ['CoreNetworkArn', 'other'],
];

/**
 * The routes of an environment. Inside of a VPC everything has a way to everything; to another VPC and to the internet a
 * subnet has the ways that its route table names.
 *
 * @see https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html
 */
export class Routes {
  private readonly routes = new Map<string, Route[]>();
  private readonly uncertain: Route[] = [];
  private readonly associations: ReadonlyArray<{ readonly subnet: string | undefined; readonly resource: Resource }>;

  constructor(private readonly templates: Templates) {
    for (const resource of templates.all('AWS::EC2::Route')) {
      const route = this.routeOf(resource);
      const table = keyIn(templates, resource.stack, resource.properties.RouteTableId);
      if (table === undefined) {
        this.uncertain.push({ ...route, isConditional: true });
      } else {
        this.routes.set(table, [...(this.routes.get(table) ?? []), route]);
      }
    }
    this.associations = templates.all('AWS::EC2::SubnetRouteTableAssociation').map((resource) => ({
      subnet: keyIn(templates, resource.stack, resource.properties.SubnetId),
      resource,
    }));
  }

  /** The table that a subnet has. */
  tableOf({ key, label, resource, vpc }: Subnet): RouteTable {
    const unknown = { key: undefined, label: `the route table of ${label}`, routes: [] };
    const [first, ...others] =
      key === undefined ? [] : this.associations.filter(({ subnet }) => subnet === undefined || subnet === key);
    if (first !== undefined) {
      const { stack, properties, conditional, label: association } = first.resource;
      const table = resourceIn(this.templates, stack, properties.RouteTableId);
      if (others.length > 0 || conditional || first.subnet === undefined) {
        return {
          ...unknown,
          doubt: `which route table ${label} has is known to a deploy only: ${association} says it`,
        };
      }
      return table?.type === TABLE
        ? { key: table.id, label: table.label, routes: [...(this.routes.get(table.id) ?? []), ...this.uncertain] }
        : { ...unknown, doubt: `the routes of ${label} are not in the templates` };
    }
    // The table that a VPC comes with knows the VPC alone, and no template can add to it.
    return resource === undefined || !vpc.isMade
      ? { ...unknown, doubt: `the routes of ${label} are not in the templates` }
      : { key: undefined, label: `the main route table of ${vpc.label}`, routes: [] };
  }

  /**
   * Addresses that a table sends by routes that are wanted; a longer prefix goes before a shorter one.
   *
   * @param local the route of the VPC itself, which is not
   */
  sent(
    table: RouteTable,
    family: AddressFamily,
    isWanted: (route: Route) => boolean | undefined,
    local?: { readonly size: number; readonly addresses: AddressSet },
  ): Allowed {
    if (table.doubt !== undefined) {
      return { sure: AddressSet.none, possible: AddressSet.all };
    }
    const evaluate = (best: boolean) => {
      let [sent, left] = [AddressSet.none, AddressSet.all];
      const routed = table.routes
        .flatMap((route) => {
          const wanted = isWanted(route) ?? best;
          // What may not be there is there where that is good, or bad, for what is asked.
          if (route.isConditional && wanted !== best) {
            return [];
          }
          const blocks = this.destinationOf(route, family);
          return blocks === undefined
            ? wanted === best
              ? [{ wanted, size: 0, addresses: AddressSet.all }]
              : []
            : blocks.map((block) => ({ wanted, size: block.size, addresses: AddressSet.of([block]) }));
        })
        .concat(local === undefined ? [] : [{ wanted: false, ...local }])
        .sort((one, other) => one.size - other.size);
      for (const { wanted, addresses } of routed) {
        sent = wanted ? sent.or(left.and(addresses)) : sent;
        left = left.without(addresses);
      }
      return sent;
    };
    return { sure: evaluate(false), possible: evaluate(true) };
  }

  /** Whether a route leads from one VPC to another; `undefined` when only a deploy knows. */
  leadsTo({ gateway }: Route, vpcs: readonly (string | undefined)[]): boolean | undefined {
    const { kind, resource } = gateway;
    if (kind === 'nat' || kind === 'internet' || kind === 'egress-only') {
      return false;
    }
    if (kind !== 'peering' || resource?.type !== PEERING) {
      return undefined;
    }
    const { stack, properties } = resource;
    const ends = [properties.VpcId, properties.PeerVpcId].map((value) => vpcIn(this.templates, { stack, value })?.key);
    if ([...ends, ...vpcs].includes(undefined) || properties.PeerRegion !== undefined || resource.conditional) {
      return undefined;
    }
    return vpcs.every((vpc) => ends.includes(vpc));
  }

  /** Whether only a deploy knows if it is there, or what it is for. */
  isUncertain(route: Route, family: AddressFamily): boolean {
    return route.isConditional || this.destinationOf(route, family) === undefined;
  }

  private destinationOf({ resource: { stack, properties } }: Route, family: AddressFamily) {
    const { DestinationCidrBlock: ipv4, DestinationIpv6CidrBlock: ipv6, DestinationPrefixListId: list } = properties;
    if (list !== undefined) {
      return blocksOfList(this.templates, stack, list, family);
    }
    const cidr = family === 'ipv4' ? ipv4 : ipv6;
    if (cidr === undefined) {
      return (ipv4 ?? ipv6) === undefined ? undefined : [];
    }
    const block = blockOf(this.templates, stack, cidr, family);
    return block && [block];
  }

  private routeOf(resource: Resource): Route {
    const { stack, label, properties, conditional } = resource;
    const [property, kind] = WAYS.find(([name]) => properties[name] !== undefined) ?? ['', 'other'];
    const made = resourceIn(this.templates, stack, properties[property]);
    const gateway: Gateway = {
      kind: made?.type === 'AWS::EC2::InternetGateway' ? 'internet' : kind,
      label: made?.label ?? this.templates.text(stack, properties[property]),
      resource: made,
    };
    return { label, isConditional: conditional, gateway, resource };
  }
}
