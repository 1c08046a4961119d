import type { Resource, Templates } from '../templates';
import { type AddressBlock, AddressSet } from './address-set';
import { pathOf } from './construct-path';
import { portIn } from './ports';
import { type SecurityGroup, securityGroupOf } from './security-group';
import type { Side } from './sides';
import { type AddressFamily, blockOf, blocksOfList } from './values';

/** Which rules of a group: those for what comes in, or those for what goes out. */
export type Direction = 'ingress' | 'egress';

/** Who a rule is for. */
export type Peer =
  | { readonly kind: 'group'; readonly group: SecurityGroup }
  /** `blocks`: `undefined` where only a deploy knows them. */
  | { readonly kind: 'addresses'; readonly label: string; readonly blocks: readonly AddressBlock[] | undefined }
  | { readonly kind: 'unknown' };

/** A rule of a security group. */
export interface Rule {
  readonly direction: Direction;
  readonly group: SecurityGroup;
  /** The resource that it stands in: itself, or its group. */
  readonly resource: Resource;
  readonly properties: Readonly<Record<string, any>>;
}

/** What the rules of one side let through: addresses of the other side. */
export interface Passage {
  readonly sure: AddressSet;
  /** Also what they let through if all that only a deploy knows were in favour of it. */
  readonly possible: AddressSet;
  /** What only a deploy knows, each a sentence. */
  readonly doubts: readonly string[];
  /** Those that surely let some through. */
  readonly rules: readonly Rule[];
}

/** What EC2 gives to a group that has no rule for what goes out. */
const DEFAULT_EGRESS = [
  { IpProtocol: '-1', CidrIp: '0.0.0.0/0' },
  { IpProtocol: '-1', CidrIpv6: '::/0' },
];

/** The rules of all security groups of an environment, wherever they stand. */
export class SecurityGroupRules {
  private readonly byGroup = new Map<string, Rule[]>();
  private readonly ofTokens: Rule[] = [];
  private readonly order = new Map<Rule, number>();
  private readonly ports = new Map<Rule, readonly [from: number | undefined, to: number | undefined]>();
  private readonly peers: Readonly<Record<AddressFamily, Map<Rule, Peer>>> = { ipv4: new Map(), ipv6: new Map() };

  constructor(private readonly templates: Templates) {
    const groups = templates.all('AWS::EC2::SecurityGroup');
    const written = (['ingress', 'egress'] as const).flatMap((direction) => {
      const type = direction === 'ingress' ? 'AWS::EC2::SecurityGroupIngress' : 'AWS::EC2::SecurityGroupEgress';
      return [
        ...groups.flatMap((group) => inlineRules(group, direction)),
        ...templates.all(type).map((resource): Rule => {
          const { stack, properties } = resource;
          return { direction, group: securityGroupOf(templates, stack, properties.GroupId), resource, properties };
        }),
      ];
    });
    const closing = new Set(written.filter(({ direction }) => direction === 'egress').map(({ group }) => group.key));
    const rules = [
      ...written,
      ...groups
        .filter(({ id }) => !closing.has(id))
        .flatMap((group) => DEFAULT_EGRESS.map((properties) => ruleOf(group, 'egress', properties))),
    ];
    for (const [index, rule] of rules.entries()) {
      this.order.set(rule, index);
      if (rule.group.kind === 'token') {
        this.ofTokens.push(rule);
      }
      this.byGroup.set(rule.group.key, [...(this.byGroup.get(rule.group.key) ?? []), rule]);
    }
  }

  /** The rules of a direction that some groups surely or perhaps have. */
  of(direction: Direction, groups: readonly SecurityGroup[]): Rule[] {
    const owned = groups.flatMap(({ key }) => this.byGroup.get(key) ?? []);
    return [...new Set([...owned, ...this.ofTokens])]
      .filter((rule) => rule.direction === direction)
      .sort((one, other) => (this.order.get(one) as number) - (this.order.get(other) as number));
  }

  /** What the rules of `own` let through of TCP to a port: what one group lets through, all do. */
  judge(direction: Direction, own: Side, peer: Side, port: number, family: AddressFamily): Passage {
    let [sure, possible] = [AddressSet.none, AddressSet.none];
    const doubts = [own, peer].flatMap(doubtsAbout);
    const rules: Rule[] = [];
    for (const rule of this.of(direction, own.groups)) {
      const owned = has(own, rule.group);
      const matches = this.isFor(rule, port);
      const addresses = matches === false ? AddressSet.none : this.addressesOf(rule, peer, family);
      if (owned && matches === true && addresses !== undefined) {
        sure = sure.or(addresses);
        rules.push(...(addresses.isEmpty ? [] : [rule]));
      } else if (addresses?.isEmpty !== true) {
        doubts.push(`what ${rule.resource.label} lets through is known to a deploy only`);
        possible = possible.or(addresses ?? AddressSet.all);
      }
    }
    const foreign = own.groups.length === 0 || own.groups.some(({ kind }) => kind !== 'made');
    return { sure, possible: foreign ? AddressSet.all : possible.or(sure), doubts, rules };
  }

  /** Whether a rule is for a TCP port; `undefined` when only a deploy knows. */
  isFor(rule: Rule, port: number): boolean | undefined {
    const { resource, group, properties } = rule;
    const { IpProtocol: protocol, FromPort: first, ToPort: last } = properties;
    if (!['string', 'number'].includes(typeof protocol)) {
      return undefined;
    }
    const maybe = resource.conditional && resource.id !== group.key ? undefined : true;
    if (String(protocol) === '-1') {
      return maybe;
    }
    const [from, to] = remembered(this.ports, rule, () => [
      portIn(this.templates, resource.stack, first),
      portIn(this.templates, resource.stack, last),
    ]);
    // EC2 takes the name in capitals too.
    if (!['tcp', '6'].includes(String(protocol).toLowerCase()) || (from ?? port) > port || (to ?? port) < port) {
      return false;
    }
    return from === undefined || to === undefined ? undefined : maybe;
  }

  /** Who a rule is for. */
  peerOf(rule: Rule, family: AddressFamily): Peer {
    return remembered(this.peers[family], rule, () => this.findPeer(rule, family));
  }

  private findPeer({ direction, resource: { stack }, properties }: Rule, family: AddressFamily): Peer {
    const end = direction === 'ingress' ? 'Source' : 'Destination';
    const { [`${end}SecurityGroupId`]: group, [`${end}PrefixListId`]: list, CidrIp: ipv4, CidrIpv6: ipv6 } = properties;
    if (group !== undefined) {
      return { kind: 'group', group: securityGroupOf(this.templates, stack, group) };
    }
    if (list !== undefined) {
      const label = `the prefix list ${this.templates.text(stack, list)}`;
      return { kind: 'addresses', label, blocks: blocksOfList(this.templates, stack, list, family) };
    }
    const cidr = family === 'ipv4' ? ipv4 : ipv6;
    if (cidr === undefined) {
      return ipv4 === undefined && ipv6 === undefined
        ? { kind: 'unknown' }
        : { kind: 'addresses', label: '', blocks: [] };
    }
    const block = blockOf(this.templates, stack, cidr, family);
    const label = family === 'ipv6' || block === undefined ? this.templates.text(stack, cidr) : block.cidr;
    return { kind: 'addresses', label, blocks: block && [block] };
  }

  /** Which addresses a rule is for, all for a group that the other side has; `undefined` when only a deploy knows. */
  private addressesOf(rule: Rule, peer: Side, family: AddressFamily): AddressSet | undefined {
    const allowed = this.peerOf(rule, family);
    switch (allowed.kind) {
      case 'group': {
        const maybe = allowed.group.kind === 'token' || (allowed.group.kind === 'imported' && hasDefaultGroup(peer));
        return has(peer, allowed.group) ? AddressSet.all : maybe ? undefined : AddressSet.none;
      }
      case 'addresses':
        return allowed.blocks && AddressSet.of(allowed.blocks);
      case 'unknown':
        return undefined;
    }
  }
}

function remembered<K, V>(known: Map<K, V>, key: K, find: () => V): V {
  const found = known.get(key) ?? find();
  known.set(key, found);
  return found;
}

function inlineRules(group: Resource, direction: Direction): Rule[] {
  const rules = group.properties[direction === 'ingress' ? 'SecurityGroupIngress' : 'SecurityGroupEgress'] ?? [];
  return (Array.isArray(rules) ? rules : [rules]).map((properties) => ruleOf(group, direction, properties));
}

function ruleOf(resource: Resource, direction: Direction, properties: Rule['properties']): Rule {
  const { id: key, label } = resource;
  return { direction, group: { key, label, path: pathOf(resource), kind: 'made' }, resource, properties };
}

function has({ groups }: Side, { key }: SecurityGroup): boolean {
  return groups.some((group) => group.key === key);
}

/** Its VPC's, since the templates name none. */
function hasDefaultGroup({ groups, isInternet }: Side): boolean {
  return groups.length === 0 && !isInternet;
}

function doubtsAbout(side: Side): string[] {
  const { label, groups, doubt } = side;
  return hasDefaultGroup(side)
    ? [doubt ?? `the templates name no security group of ${label}`]
    : groups
        .filter(({ kind }) => kind !== 'made')
        .map((group) => `the rules of ${group.label}, a security group of ${label}, are not in the templates`);
}
