import { isIPv4 } from 'node:net';
import type { AssemblyStack } from './assembly';
import type { Resource, Templates } from './templates';

/** Which rules of a group: those for what comes in, or those for what goes out. */
export type Direction = 'ingress' | 'egress';

/** Kind of addresses that a connection is made with. */
export type AddressFamily = 'ipv4' | 'ipv6';

/** A range of addresses, as a CIDR block. */
export interface AddressBlock {
  readonly first: number;
  readonly size: number;
  readonly cidr: string;
}

/** A subnet: its own addresses, or else those of its VPC, where the templates tell. */
export interface Subnet {
  readonly block: AddressBlock | undefined;
  readonly vpc: AddressBlock | undefined;
}

export interface SecurityGroup {
  /** The same for the same group. */
  readonly key: string;
  readonly label: string;
  /** Made by the templates, imported by its id, or a value that only a deploy knows. */
  readonly kind: 'made' | 'imported' | 'token';
}

/** One side of a connection: what its network interfaces have. */
export interface Side {
  readonly label: string;
  /** None: the templates name none, and it has its VPC's default group. */
  readonly groups: readonly SecurityGroup[];
  readonly subnets: readonly Subnet[];
}

/** Whether the rules of one side let a connection with the other side through. */
export type Verdict =
  | { readonly passes: true }
  /** `outside`: blocks of the other side's subnets that the rules with addresses do not cover. */
  | { readonly passes: false; readonly outside: readonly string[] }
  | { readonly passes: undefined; readonly why: string };

interface Rule {
  readonly direction: Direction;
  readonly group: SecurityGroup;
  /** Of the resource that it stands in. */
  readonly label: string;
  readonly stack: AssemblyStack;
  readonly properties: Readonly<Record<string, any>>;
}

const EVERYWHERE: AddressBlock = { first: 0, size: 2 ** 32, cidr: '0.0.0.0/0' };

/** What EC2 gives to a group that has no rule for what goes out. */
const DEFAULT_EGRESS = [
  { IpProtocol: '-1', CidrIp: '0.0.0.0/0' },
  { IpProtocol: '-1', CidrIpv6: '::/0' },
];

/** The rules of all security groups of an environment, wherever they stand. */
export class SecurityGroupRules {
  private readonly rules: readonly Rule[];

  /** @param portOf the port that a value of a rule is, where the templates tell */
  constructor(
    private readonly templates: Templates,
    private readonly portOf: (stack: AssemblyStack, value: unknown) => number | undefined,
  ) {
    const groups = templates.all('AWS::EC2::SecurityGroup');
    const written = (['ingress', 'egress'] as const).flatMap((direction) => {
      const type = direction === 'ingress' ? 'AWS::EC2::SecurityGroupIngress' : 'AWS::EC2::SecurityGroupEgress';
      return [
        ...groups.flatMap((group) => inlineRules(group, direction)),
        ...templates.all(type).map(({ stack, label, properties }): Rule => {
          const group = securityGroupOf(templates, stack, properties.GroupId);
          return { direction, group, label, stack, properties };
        }),
      ];
    });
    const closing = new Set(written.filter(({ direction }) => direction === 'egress').map(({ group }) => group.key));
    this.rules = [
      ...written,
      ...groups
        .filter(({ id }) => !closing.has(id))
        .flatMap((group) => DEFAULT_EGRESS.map((properties) => ruleOf(group, 'egress', properties))),
    ];
  }

  /** Whether the rules of `own` let TCP connections with `peer` through: what one group lets through, all do. */
  judge(direction: Direction, own: Side, peer: Side, port: number, family: AddressFamily): Verdict {
    // What rules let through, and what they would if all that only a deploy knows were in favour of it.
    const sure: AddressBlock[] = [];
    const possible: AddressBlock[] = [];
    const doubts = [own, peer].flatMap(doubtsAbout);
    const groupsKnown = doubts.length === 0;
    for (const rule of this.rules.filter((candidate) => candidate.direction === direction)) {
      const owned = has(own, rule.group);
      const matches = owned || rule.group.kind === 'token' ? this.isFor(rule, port) : false;
      const blocks = matches === false ? [] : this.peersOf(rule, peer, family);
      if (owned && matches === true && blocks !== undefined) {
        sure.push(...blocks);
      } else if (blocks?.length !== 0) {
        doubts.push(`what ${rule.label} lets through is known to a deploy only`);
        possible.push(...(blocks ?? [EVERYWHERE]));
      }
    }
    if (peer.subnets.every(({ block, vpc }) => covers(sure, block ?? vpc ?? EVERYWHERE))) {
      return { passes: true };
    }
    possible.push(...sure);
    const outside = peer.subnets.filter(({ block }) =>
      block === undefined ? possible.length === 0 : !covers(possible, block),
    );
    if (groupsKnown && outside.length > 0) {
      return { passes: false, outside: possible.length === 0 ? [] : outside.flatMap(({ block }) => block?.cidr ?? []) };
    }
    return { passes: undefined, why: doubts[0] ?? `the addresses of ${peer.label} are known to a deploy only` };
  }

  /** Whether a rule is for a TCP port; `undefined` when only a deploy knows. */
  private isFor({ stack, properties }: Rule, port: number): boolean | undefined {
    const { IpProtocol: protocol, FromPort: first, ToPort: last } = properties;
    if (!['string', 'number'].includes(typeof protocol)) {
      return undefined;
    }
    if (String(protocol) === '-1') {
      return true;
    }
    const from = this.portOf(stack, first);
    const to = this.portOf(stack, last);
    if (!['tcp', '6'].includes(String(protocol)) || (from ?? port) > port || (to ?? port) < port) {
      return false;
    }
    return from === undefined || to === undefined ? undefined : true;
  }

  /** Which addresses a rule is for, everywhere for a group that the other side has; `undefined` when only a deploy knows. */
  private peersOf(
    { direction, stack, properties }: Rule,
    peer: Side,
    family: AddressFamily,
  ): AddressBlock[] | undefined {
    const end = direction === 'ingress' ? 'Source' : 'Destination';
    const { [`${end}SecurityGroupId`]: group, [`${end}PrefixListId`]: list, CidrIp: ipv4, CidrIpv6: ipv6 } = properties;
    if (group !== undefined) {
      const allowed = securityGroupOf(this.templates, stack, group);
      return has(peer, allowed) ? [EVERYWHERE] : allowed.kind === 'token' ? undefined : [];
    }
    if (list !== undefined) {
      return this.entriesOf(resourceIn(this.templates, stack, list), family);
    }
    if (ipv4 === undefined && ipv6 === undefined) {
      return undefined;
    }
    const cidr = family === 'ipv4' ? ipv4 : ipv6;
    const block = blockOf(this.templates, stack, cidr, family);
    return cidr === undefined ? [] : block && [block];
  }

  /** The blocks of a prefix list that the templates make. */
  private entriesOf(list: Resource | undefined, family: AddressFamily): AddressBlock[] | undefined {
    const entries = list?.properties.Entries;
    if (list === undefined || !Array.isArray(entries)) {
      return undefined;
    }
    const blocks = entries.map((entry) => blockOf(this.templates, list.stack, entry?.Cidr, family));
    return blocks.every((block) => block !== undefined) ? blocks : undefined;
  }
}

/** The security group that a value of a stack is. */
export function securityGroupOf(templates: Templates, stack: AssemblyStack, value: unknown): SecurityGroup {
  const made = resourceIn(templates, stack, value);
  if (made?.type === 'AWS::EC2::SecurityGroup') {
    return { key: made.id, label: made.label, kind: 'made' };
  }
  const text = JSON.stringify(value);
  return typeof value === 'string'
    ? { key: value, label: value, kind: 'imported' }
    : { key: `${stack.id} ${text}`, label: text, kind: 'token' };
}

/** The addresses that a value is: written, or those of a VPC or a subnet of the templates. */
export function blockOf(
  templates: Templates,
  stack: AssemblyStack,
  value: unknown,
  family: AddressFamily = 'ipv4',
): AddressBlock | undefined {
  if (family === 'ipv6') {
    // The blocks of a VPC are AWS's choice, so only the one of all addresses says anything here.
    return typeof value === 'string' && /^[0:]+\/0$/.test(value) ? EVERYWHERE : undefined;
  }
  const cidr = typeof value === 'string' ? value : resourceIn(templates, stack, value)?.properties.CidrBlock;
  const [address = '', bits = ''] = String(cidr).split('/');
  if (!isIPv4(address) || !/^\d{1,2}$/.test(bits) || Number(bits) > 32) {
    return undefined;
  }
  const size = 2 ** (32 - Number(bits));
  const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  return { first: number - (number % size), size, cidr: String(cidr) };
}

/** The resource that a value is of; `undefined` for a text, and for what a deploy chooses or computes. */
export function resourceIn(templates: Templates, stack: AssemblyStack, value: unknown): Resource | undefined {
  const [name = ''] = Object.keys(typeof value === 'object' && value !== null ? value : {});
  return ['Ref', 'Fn::GetAtt', 'Fn::ImportValue', 'Fn::GetStackOutput'].includes(name)
    ? templates.referenced(stack, value)
    : undefined;
}

function inlineRules(group: Resource, direction: Direction): Rule[] {
  const rules = group.properties[direction === 'ingress' ? 'SecurityGroupIngress' : 'SecurityGroupEgress'] ?? [];
  return (Array.isArray(rules) ? rules : [rules]).map((properties) => ruleOf(group, direction, properties));
}

function ruleOf({ id, label, stack }: Resource, direction: Direction, properties: Rule['properties']): Rule {
  return { direction, group: { key: id, label, kind: 'made' }, label, stack, properties };
}

function has({ groups }: Side, { key }: SecurityGroup): boolean {
  return groups.some((group) => group.key === key);
}

function doubtsAbout({ label, groups }: Side): string[] {
  return groups.length === 0
    ? [`the templates name no security group of ${label}`]
    : groups
        .filter(({ kind }) => kind !== 'made')
        .map((group) => `the rules of ${group.label}, a security group of ${label}, are not in the templates`);
}

/** Whether some blocks have all addresses of another, one of them alone or several together. */
function covers(blocks: readonly AddressBlock[], whole: AddressBlock): boolean {
  if (blocks.some((block) => contains(block, whole))) {
    return true;
  }
  const size = whole.size / 2;
  return (
    blocks.some((block) => contains(whole, block)) &&
    [whole.first, whole.first + size].every((first) => covers(blocks, { first, size, cidr: whole.cidr }))
  );
}

function contains(outer: AddressBlock, inner: AddressBlock): boolean {
  return outer.first <= inner.first && inner.first + inner.size <= outer.first + outer.size;
}
