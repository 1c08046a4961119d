import { AddressSet } from './address-set';
import type { Allowed, NetworkAcl, NetworkAcls, Way } from './network-acls';
import type { PortRange } from './ports';
import type { Route, Routes, RouteTable } from './routes';
import type { Subnet } from './sides';
import type { AddressFamily } from './values';

/** What is missing where something does not pass, and what adds it. */
export interface Lack {
  /** A sentence that ends before what it lacks. */
  readonly subject: string;
  /** What it lacks, for example a block of addresses. */
  readonly object: string;
  /** A line of an app. */
  readonly fix: string;
}

/** What one part of the network between two subnets lets through, of the addresses of one of them. */
export interface Demand {
  readonly end: 'source' | 'target';
  /** With every port that a client may open the connection from. */
  readonly allowed: Allowed;
  /** With some of these ports, in the order of all demands that part them. */
  readonly stretches?: readonly Allowed[];
  readonly lack: Lack;
  /** What only a deploy knows, each a sentence. */
  readonly doubts: readonly string[];
}

/** What the network between two subnets demands of connections. */
export class Crossings {
  constructor(
    private readonly acls: NetworkAcls,
    private readonly routes: Routes,
  ) {}

  /** Of TCP to a port; none where both are one subnet. */
  between(source: Subnet, target: Subnet, port: number, clients: PortRange, family: AddressFamily): Demand[] {
    return source.key !== undefined && source.key === target.key
      ? []
      : [...this.aclDemands(source, target, port, clients, family), ...this.routeDemands(source, target, family)];
  }

  /** What the network ACLs of both demand: for the way there, and for the answers. */
  private aclDemands(
    source: Subnet,
    target: Subnet,
    port: number,
    clients: PortRange,
    family: AddressFamily,
  ): Demand[] {
    const [own, other] = [this.acls.of(source), this.acls.of(target)];
    const there: PortRange = { first: port, last: port };
    const answers = this.acls.stretches([own, other], clients);
    const demand = (acl: NetworkAcl, way: Way, end: Demand['end'], isAnswer: boolean): Demand => {
      const peer = end === 'source' ? source : target;
      const ports = isAnswer ? clients : there;
      const stretches = (isAnswer ? answers : [there]).map((part) => this.acls.allowed(acl, way, part, family));
      return {
        end,
        allowed: stretches.reduce((one, two) => ({
          sure: one.sure.and(two.sure),
          possible: one.possible.and(two.possible),
        })),
        ...(isAnswer ? { stretches } : {}),
        lack: {
          subject: `${acl.label} does not let tcp ${rangeText(ports)} ${way === 'in' ? 'in from' : 'out to'} all of`,
          object: peer.block?.cidr ?? peer.label,
          fix: aclFix(way, ports, peer.block?.cidr, this.acls.firstNumber(acl)),
        },
        doubts: this.acls.doubtsAbout(acl),
      };
    };
    return [
      demand(own, 'out', 'target', false),
      demand(other, 'in', 'source', false),
      demand(other, 'out', 'source', true),
      demand(own, 'in', 'target', true),
    ];
  }

  private routeDemands(source: Subnet, target: Subnet, family: AddressFamily): Demand[] {
    const ways = [
      { own: source, peer: target, end: 'target' },
      { own: target, peer: source, end: 'source' },
    ] as const;
    const isInside = source.vpc.key !== undefined && source.vpc.key === target.vpc.key;
    return ways.flatMap(({ own, peer, end }) => {
      const table = this.routes.tableOf(own);
      return isInside ? this.detours(table, own, peer, end, family) : [this.peering(table, [own, peer], end, family)];
    });
  }

  /** Routes of a VPC into itself, which lead what they send by something that only a deploy knows. */
  private detours(table: RouteTable, own: Subnet, peer: Subnet, end: Demand['end'], family: AddressFamily): Demand[] {
    const isDetour = ({ gateway: { kind } }: Route) => kind === 'inside' || kind === 'nat';
    const local = { size: own.vpc.block?.size ?? 2 ** 31, addresses: AddressSet.all };
    const diverted = this.routes.sent(table, family, isDetour, local).possible;
    const doubts = table.doubt === undefined ? table.routes.filter(isDetour).map(routeDoubt) : [table.doubt];
    const allowed: Allowed = { sure: AddressSet.all.without(diverted), possible: AddressSet.all };
    return diverted.isEmpty ? [] : [{ end, allowed, lack: routeLack(table, peer), doubts }];
  }

  private peering(
    table: RouteTable,
    [own, peer]: readonly [Subnet, Subnet],
    end: Demand['end'],
    family: AddressFamily,
  ): Demand {
    const isWanted = (route: Route) => this.routes.leadsTo(route, [own.vpc.key, peer.vpc.key]);
    const { block } = own.vpc;
    const local = block && { size: block.size, addresses: AddressSet.of([block]) };
    const unknown = [own, peer].filter(({ vpc }) => vpc.key === undefined);
    return {
      end,
      allowed:
        unknown.length > 0
          ? { sure: AddressSet.none, possible: AddressSet.all }
          : this.routes.sent(table, family, isWanted, local),
      lack: routeLack(table, peer),
      doubts: [
        ...unknown.map(({ label }) => `the VPC of ${label} is not in the templates`),
        ...(table.doubt === undefined ? [] : [table.doubt]),
        ...table.routes
          .filter((route) => isWanted(route) === undefined || this.routes.isUncertain(route, family))
          .map(routeDoubt),
      ],
    };
  }
}

function routeLack({ label }: RouteTable, { block, label: subnet, vpc }: Subnet): Lack {
  const object = block?.cidr ?? subnet;
  return {
    subject: `${label} has no route to ${vpc.label} for all of`,
    object,
    fix: `\`new ec2.CfnRoute(this, 'Peering', { routeTableId, destinationCidrBlock: '${object}', vpcPeeringConnectionId })\``,
  };
}

function routeDoubt({ label, gateway }: Route): string {
  return `what ${label} leads to ${gateway.label} is known to a deploy only`;
}

/** Ports as they are read. */
export function rangeText({ first, last }: PortRange): string {
  return first === last ? String(first) : `${first}-${last}`;
}

/** A line that adds an entry to a network ACL, before all that it has. */
export function aclFix(way: Way, ports: PortRange, cidr: string | undefined, ruleNumber: number): string {
  const peer = cidr === undefined ? 'cidr' : `cidr: ec2.AclCidr.ipv4('${cidr}')`;
  const traffic =
    ports.first === ports.last ? `tcpPort(${ports.first})` : `tcpPortRange(${ports.first}, ${ports.last})`;
  const direction = way === 'in' ? 'INGRESS' : 'EGRESS';
  return (
    `\`networkAcl.addEntry('Tcp${rangeText(ports).replace('-', 'To')}${way === 'in' ? 'In' : 'Out'}', ` +
    `{ ruleNumber: ${ruleNumber}, ${peer}, traffic: ec2.AclTraffic.${traffic}, ` +
    `direction: ec2.TrafficDirection.${direction} })\``
  );
}
