import type { AssemblyStack } from '../assembly';
import type { Resource, Templates } from '../templates';
import { AddressSet } from './address-set';
import type { PortRange } from './ports';
import type { Subnet } from './sides';
import { type AddressFamily, blockOf, keyIn, numberIn, resourceOfType } from './values';

/** Which way packets go: into a subnet or out of it. */
export type Way = 'in' | 'out';

/** Addresses that are let through, surely, and at best if only a deploy knows. */
export interface Allowed {
  readonly sure: AddressSet;
  readonly possible: AddressSet;
}

/** The network ACL of a subnet. */
export interface NetworkAcl {
  readonly label: string;
  readonly entries: readonly Entry[];
  /** What only a deploy knows of it, a sentence; its entries say nothing then. */
  readonly doubt?: string;
}

interface Entry {
  readonly label: string;
  /** Whether only a deploy knows that it is one of this list. */
  readonly isUncertain: boolean;
  readonly stack: AssemblyStack;
  readonly properties: Readonly<Record<string, any>>;
}

const ACL = 'AWS::EC2::NetworkAcl';

/**
 * The network ACLs of an environment. They keep no state: what a subnet answers has to be let through like what is asked,
 * on the ports that clients open connections from. What stays in a subnet meets none.
 *
 * @see https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html
 */
export class NetworkAcls {
  private readonly entries: ReadonlyArray<{ readonly acl: string | undefined; readonly entry: Entry }>;
  private readonly associations: ReadonlyArray<{ readonly subnet: string | undefined; readonly resource: Resource }>;
  private readonly known = new Map<string, NetworkAcl>();

  constructor(private readonly templates: Templates) {
    this.entries = templates.all('AWS::EC2::NetworkAclEntry').map(({ label, stack, properties, conditional }) => {
      const acl = this.keyOf(stack, properties.NetworkAclId);
      return { acl, entry: { label, stack, properties, isUncertain: conditional || acl === undefined } };
    });
    this.associations = templates.all('AWS::EC2::SubnetNetworkAclAssociation').map((resource) => ({
      subnet: keyIn(templates, resource.stack, resource.properties.SubnetId),
      resource,
    }));
  }

  /** The one that a subnet has. */
  of(subnet: Subnet): NetworkAcl {
    const known = subnet.key === undefined ? undefined : this.known.get(subnet.key);
    const found = known ?? this.find(subnet);
    if (subnet.key !== undefined) {
      this.known.set(subnet.key, found);
    }
    return found;
  }

  /** What an ACL lets through of TCP to all ports of a range that no entry parts. */
  allowed(acl: NetworkAcl, way: Way, { first }: PortRange, family: AddressFamily): Allowed {
    return acl.doubt === undefined
      ? { sure: this.evaluate(acl, way, first, family, false), possible: this.evaluate(acl, way, first, family, true) }
      : { sure: AddressSet.none, possible: AddressSet.all };
  }

  /** A range in parts, none of which an entry of these ACLs parts. */
  stretches(acls: readonly NetworkAcl[], { first, last }: PortRange): PortRange[] {
    const cuts = acls.flatMap(({ entries }) =>
      entries.flatMap(({ properties: { PortRange: ports } }) => [
        numberIn(ports?.From) ?? first,
        (numberIn(ports?.To) ?? last) + 1,
      ]),
    );
    const starts = [...new Set([first, ...cuts.filter((cut) => cut > first && cut <= last)])].sort((a, b) => a - b);
    return starts.map((start, index) => ({ first: start, last: (starts[index + 1] ?? last + 1) - 1 }));
  }

  /** What only a deploy knows of an ACL, each a sentence. */
  doubtsAbout({ doubt, entries }: NetworkAcl): string[] {
    return doubt === undefined
      ? entries
          .filter((entry) => this.isDoubtful(entry))
          .map(({ label }) => `what ${label} lets through is known to a deploy only`)
      : [doubt];
  }

  /** Number of an entry that would be looked at before all others. */
  firstNumber({ entries }: NetworkAcl): number {
    const numbers = entries.flatMap(({ properties }) => numberIn(properties.RuleNumber) ?? []);
    return Math.max(1, Math.min(101, ...numbers) - 1);
  }

  private find({ key, label, resource, vpc }: Subnet): NetworkAcl {
    const unknown = { label: `the network ACL of ${label}`, entries: [] };
    const [first, ...others] = this.associations.filter(({ subnet }) => subnet === undefined || subnet === key);
    if (first !== undefined && key !== undefined) {
      const { stack, properties, conditional, label: association } = first.resource;
      const acl = this.keyOf(stack, properties.NetworkAclId);
      const made = resourceOfType(this.templates, ACL, stack, properties.NetworkAclId);
      return others.length > 0 || conditional || first.subnet === undefined || acl === undefined
        ? { ...unknown, doubt: `which network ACL ${label} has is known to a deploy only: ${association} says it` }
        : made === undefined && !acl.endsWith(DEFAULT)
          ? { ...unknown, doubt: `the entries of ${acl}, the network ACL of ${label}, are not in the templates` }
          : { label: made?.label ?? `the default network ACL of ${vpc.label}`, entries: this.entriesOf(acl) };
    }
    if (resource === undefined || !vpc.isMade || vpc.key === undefined) {
      return { ...unknown, doubt: `the network ACL of ${label} is not in the templates` };
    }
    return { label: `the default network ACL of ${vpc.label}`, entries: this.entriesOf(`${vpc.key}${DEFAULT}`) };
  }

  private entriesOf(key: string): Entry[] {
    const written = this.entries.filter(({ acl }) => acl === undefined || acl === key).map(({ entry }) => entry);
    return key.endsWith(DEFAULT) ? [...written, ...DEFAULT_ENTRIES] : written;
  }

  /** The same for the same ACL; `undefined` for one that only a deploy knows. */
  private keyOf(stack: AssemblyStack, value: unknown): string | undefined {
    const [mention, ...others] = this.templates.mentions(stack, value);
    if (mention?.attribute === 'DefaultNetworkAcl' && others.length === 0) {
      return `${mention.resource.id}${DEFAULT}`;
    }
    return typeof value === 'string' ? value : resourceOfType(this.templates, ACL, stack, value)?.id;
  }

  private evaluate(acl: NetworkAcl, way: Way, port: number, family: AddressFamily, best: boolean): AddressSet {
    let [allowed, left] = [AddressSet.none, AddressSet.all];
    const entries = acl.entries
      .filter(
        ({ properties: { Egress: egress } }) => isToken(egress) || (String(egress) === 'true') === (way === 'out'),
      )
      .map((entry) => {
        const action = String(entry.properties.RuleAction).toLowerCase();
        const allows = action === 'allow' || (action !== 'deny' && best);
        const number = numberIn(entry.properties.RuleNumber) ?? (allows === best ? -1 : Number.POSITIVE_INFINITY);
        return { entry, allows, number };
      })
      .sort((one, other) => one.number - other.number);
    for (const { entry, allows } of entries) {
      const matched = this.matchedBy(entry, port, family, allows === best);
      allowed = allows ? allowed.or(left.and(matched)) : allowed;
      left = left.without(matched);
    }
    return allowed;
  }

  /** @param wanted whether what only a deploy knows is to match */
  private matchedBy(entry: Entry, port: number, family: AddressFamily, wanted: boolean): AddressSet {
    const { stack, properties, isUncertain } = entry;
    const { Protocol: protocol, PortRange: ports, CidrBlock: ipv4, Ipv6CidrBlock: ipv6 } = properties;
    const number = String(protocol) === '-1' ? -1 : numberIn(protocol);
    const ofPort = number === -1 || (number === 6 ? isWithin(ports, port) : number === undefined ? undefined : false);
    const cidr = family === 'ipv4' ? ipv4 : ipv6;
    if (ofPort === false || (cidr === undefined && (ipv4 ?? ipv6) !== undefined)) {
      return AddressSet.none;
    }
    const block = cidr === undefined ? undefined : blockOf(this.templates, stack, cidr, family);
    const sure = ofPort === true && !isUncertain && !isToken(properties.Egress);
    if (!sure && !wanted) {
      return AddressSet.none;
    }
    return block !== undefined ? AddressSet.of([block]) : wanted ? AddressSet.all : AddressSet.none;
  }

  private isDoubtful({ stack, properties, isUncertain }: Entry): boolean {
    const { RuleNumber, Protocol, PortRange: ports, RuleAction, Egress, CidrBlock, Ipv6CidrBlock } = properties;
    return (
      isUncertain ||
      [RuleNumber, Protocol, RuleAction, Egress, ports?.From, ports?.To, Ipv6CidrBlock].some(isToken) ||
      (CidrBlock !== undefined && blockOf(this.templates, stack, CidrBlock) === undefined)
    );
  }
}

/** End of the key of a VPC's own. */
const DEFAULT = '#default';

/** What AWS gives to it. */
const DEFAULT_ENTRIES: readonly Entry[] = [true, false].flatMap((egress) =>
  [{ CidrBlock: '0.0.0.0/0' }, { Ipv6CidrBlock: '::/0' }].map((cidr, index) => ({
    label: 'the entry of AWS',
    isUncertain: false,
    stack: { id: '', path: '', name: '', templateFile: '', resources: {}, outputs: {} },
    properties: { RuleNumber: 100 + index, Protocol: -1, RuleAction: 'allow', Egress: egress, ...cidr },
  })),
);

/** Whether a value is no text, number or truth. */
function isToken(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function isWithin(ports: { From?: unknown; To?: unknown } | undefined, port: number): boolean | undefined {
  const [from, to] = [numberIn(ports?.From), numberIn(ports?.To)];
  return (from ?? port) > port || (to ?? port) < port
    ? false
    : from === undefined || to === undefined
      ? undefined
      : true;
}
