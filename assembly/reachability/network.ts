import type { Resource, Templates } from '../templates';
import { AddressSet } from './address-set';
import { Crossings, type Demand, type Lack } from './crossing';
import { type Allowed, NetworkAcls } from './network-acls';
import { Routes } from './routes';
import { type Direction, type Passage, type Rule, SecurityGroupRules } from './security-group-rules';
import { type Side, type Subnet, sideOf } from './sides';
import type { AddressFamily } from './values';

/** Whether connections from one side to a port of another pass. */
export type Verdict =
  /** `rules`: those of the target's groups that let them in. */
  | { readonly state: 'open'; readonly rules: readonly Rule[] }
  /** `groups`: which halves the security groups lack. `network`: what network ACLs and routes lack. */
  | { readonly state: 'closed'; readonly groups: readonly GroupLack[]; readonly network: readonly Lack[] }
  | { readonly state: 'unknown'; readonly why: string };

/** What the groups of one side lack. */
export interface GroupLack {
  readonly direction: Direction;
  /** Blocks of the other side's subnets that the rules with addresses do not cover. */
  readonly outside: readonly string[];
}

/** How what is not in the templates is taken. */
export type Unknowns =
  /** It may be in the way. */
  | 'doubted'
  /** Subnets that are not here are connected, and groups that are not here let through what others need. */
  | 'trusted';

/** What the templates say to connections. */
export class Network {
  readonly groups: SecurityGroupRules;
  readonly acls: NetworkAcls;
  readonly routes: Routes;
  private readonly crossings: Crossings;
  private readonly sides = new Map<string, Side>();
  private readonly between = new Map<string, readonly Demand[]>();

  constructor(
    readonly templates: Templates,
    private readonly unknowns: Unknowns,
  ) {
    this.groups = new SecurityGroupRules(templates);
    this.acls = new NetworkAcls(templates);
    this.routes = new Routes(templates);
    this.crossings = new Crossings(this.acls, this.routes);
  }

  /** Whether what is not in the templates may be in the way. */
  get doubts(): boolean {
    return this.unknowns === 'doubted';
  }

  /** What the network interfaces of a resource have. */
  sideOf(resource: Resource): Side {
    const known = this.sides.get(resource.id) ?? sideOf(this.templates, resource);
    this.sides.set(resource.id, known);
    return known;
  }

  /** Whether every address of one side reaches every address of the other, whatever port it opens the connection from. */
  all(source: Side, target: Side, port: number, family: AddressFamily = 'ipv4'): Verdict {
    const egress = this.groups.judge('egress', source, target, port, family);
    const ingress = this.groups.judge('ingress', target, source, port, family);
    const halves = [
      { direction: 'egress', passage: egress, subnets: target.subnets },
      { direction: 'ingress', passage: ingress, subnets: source.subnets },
    ] as const;
    const known = this.doubts || [source, target].every(({ groups }) => areMade(groups));
    const groups = known
      ? halves.flatMap(({ direction, passage: { possible }, subnets }): GroupLack[] => {
          const outside = subnets.filter((subnet) => fails(possible, subnet));
          const blocks = possible.isEmpty ? [] : outside.flatMap(({ block }) => block?.cidr ?? []);
          return outside.length > 0 ? [{ direction, outside: blocks }] : [];
        })
      : [];
    const crossed = this.pairsOf(source, target).flatMap((pair) => this.demands(pair, port, source, family));
    const network = crossed
      .filter(({ demand: { allowed }, subnet }) => fails(allowed.possible, subnet))
      .map(({ demand: { lack } }) => lack);
    const apart =
      groups.length + network.length > 0 || !this.doubts ? [] : this.apart(source, target, [egress, ingress], crossed);
    const doubt = this.doubts ? (source.doubt ?? target.doubt) : undefined;
    if (doubt === undefined && groups.length + network.length + apart.length > 0) {
      return { state: 'closed', groups, network: [...network, ...apart] };
    }
    const unsure = halves.find(({ passage: { sure }, subnets }) => !subnets.every((subnet) => passes(sure, subnet)));
    const uncrossed = crossed.find(({ demand: { allowed }, subnet }) => !passes(allowed.sure, subnet))?.demand;
    if (doubt === undefined && unsure === undefined && uncrossed === undefined) {
      return { state: 'open', rules: ingress.rules };
    }
    const peer = unsure?.direction === 'egress' ? target : source;
    return {
      state: 'unknown',
      why:
        unsure?.passage.doubts[0] ??
        doubt ??
        uncrossed?.doubts[0] ??
        `the addresses of ${peer.label} are known to a deploy only`,
    };
  }

  /** Whether an address of one side reaches an address of the other. */
  some(source: Side, target: Side, port: number, family: AddressFamily = 'ipv4'): Verdict {
    const egress = this.groups.judge('egress', source, target, port, family);
    const ingress = this.groups.judge('ingress', target, source, port, family);
    if (egress.possible.isEmpty || ingress.possible.isEmpty) {
      return { state: 'closed', groups: [], network: [] };
    }
    let why: string | undefined;
    for (const [from, to] of this.pairsOf(source, target)) {
      const demands = this.demands([from, to], port, source, family).map(({ demand }) => demand);
      const stretches = Math.max(1, ...demands.map((demand) => demand.stretches?.length ?? 0));
      for (let index = 0; index < stretches; index += 1) {
        const through = (end: Demand['end'], passage: Passage): Allowed =>
          demands
            .filter((demand) => demand.end === end)
            .map(({ allowed, stretches: parts }) => parts?.[index] ?? allowed)
            .reduce(
              (one, two) => ({ sure: one.sure.and(two.sure), possible: one.possible.and(two.possible) }),
              passage,
            );
        const [sources, targets] = [through('source', ingress), through('target', egress)];
        if (touches(sources.sure, from) && touches(targets.sure, to) && (source.doubt ?? target.doubt) === undefined) {
          return { state: 'open', rules: ingress.rules };
        }
        if (mayTouch(sources.possible, from) && mayTouch(targets.possible, to)) {
          why ??=
            (source.doubt ??
              target.doubt ??
              [...egress.doubts, ...ingress.doubts, ...demands.flatMap(({ doubts }) => doubts)][0]) ||
            `the addresses of ${source.label} are known to a deploy only`;
        }
      }
    }
    return why === undefined ? { state: 'closed', groups: [], network: [] } : { state: 'unknown', why };
  }

  /** Subnets that packets go between; to those that are not here there is a way where they are trusted. */
  private pairsOf(source: Side, target: Side): Array<readonly [Subnet, Subnet]> {
    return source.subnets.flatMap((from) => target.subnets.map((to) => [from, to] as const));
  }

  private demands(
    [from, to]: readonly [Subnet, Subnet],
    port: number,
    { clientPorts }: Side,
    family: AddressFamily,
  ): Array<{ demand: Demand; subnet: Subnet }> {
    if (this.unknowns === 'trusted' && (from.resource === undefined || to.resource === undefined)) {
      return [];
    }
    const key =
      from.key === undefined || to.key === undefined
        ? undefined
        : [from.key, to.key, from.vpc.key, to.vpc.key, port, clientPorts.first, family].join(' ');
    const known = key === undefined ? undefined : this.between.get(key);
    const found = known ?? this.crossings.between(from, to, port, clientPorts, family);
    if (key !== undefined) {
      this.between.set(key, found);
    }
    return found.map((demand) => ({
      demand: this.doubts ? demand : { ...demand, allowed: { ...demand.allowed, sure: demand.allowed.possible } },
      subnet: demand.end === 'source' ? from : to,
    }));
  }

  /** What lets different addresses through, where a subnet whose addresses are not known would need one in common. */
  private apart(
    source: Side,
    target: Side,
    [egress, ingress]: readonly [Passage, Passage],
    crossed: ReadonlyArray<{ readonly demand: Demand; readonly subnet: Subnet }>,
  ): Lack[] {
    return [
      { subnets: source.subnets, passage: ingress, end: 'source' },
      { subnets: target.subnets, passage: egress, end: 'target' },
    ].flatMap(({ subnets, passage, end }) =>
      subnets
        .filter(({ block }) => block === undefined)
        .filter(
          (subnet) =>
            crossed
              .filter(({ demand, subnet: own }) => demand.end === end && own === subnet)
              .reduce((common, { demand }) => common.and(demand.allowed.possible), passage.possible).isEmpty,
        )
        .map(({ label }) => ({
          subject: `no address is let through by all security groups and network ACLs for`,
          object: label,
          fix: '`networkAcl.addEntry(…)` or `securityGroup.addIngressRule(…)` with the same addresses',
        })),
    );
  }
}

function areMade(groups: Side['groups']): boolean {
  return groups.length > 0 && groups.every(({ kind }) => kind === 'made');
}

/** Whether all addresses that a subnet may have are in a set. */
function passes(sure: AddressSet, { block, vpc }: Subnet): boolean {
  const whole = block ?? vpc.block;
  return sure.contains(whole === undefined ? AddressSet.all : AddressSet.of([whole]));
}

/** Whether a subnet has addresses that are not in a set, whatever its addresses are. */
function fails(possible: AddressSet, { block }: Subnet): boolean {
  return block === undefined ? possible.isEmpty : !possible.contains(AddressSet.of([block]));
}

function touches(sure: AddressSet, subnet: Subnet): boolean {
  return subnet.block === undefined ? passes(sure, subnet) : sure.meets(AddressSet.of([subnet.block]));
}

function mayTouch(possible: AddressSet, { block }: Subnet): boolean {
  return block === undefined ? !possible.isEmpty : possible.meets(AddressSet.of([block]));
}
