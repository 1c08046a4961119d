import {
  type AclEntry,
  type Cidr,
  type End,
  PORT,
  type RandomNetwork,
  type RandomRoute,
  SUBNETS,
} from './random-networks';

/**
 * What AWS documents, packet by packet: no sets, no intervals. Everything is asked in two worlds: the one in which all
 * that only a deploy knows is in favour of the connection, and the one in which it is against it.
 *
 * @see https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
 * @see https://docs.aws.amazon.com/vpc/latest/userguide/nacl-basics.html
 * @see https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html
 */
export function oracle(network: RandomNetwork, which: 'all' | 'some'): 'open' | 'closed' | 'unknown' {
  return reaches(network, which, false) ? 'open' : reaches(network, which, true) ? 'unknown' : 'closed';
}

/** An address: of a VPC by its last number, or somewhere else. */
interface Address {
  readonly vpc: 0 | 1 | 2;
  readonly last: number;
}

interface Place {
  readonly address: Address;
  readonly subnet: number | 'imported';
  /** Whether the templates tell the VPC. */
  readonly vpc: 0 | 1 | undefined;
}

const SOMEWHERE: Address = { vpc: 2, last: 200 };

function reaches(network: RandomNetwork, which: 'all' | 'some', best: boolean): boolean {
  const { client, target } = network;
  const pairs = client.subnets.flatMap((from) => target.subnets.map((to) => ({ from, to })));
  if (which === 'all') {
    // Of a subnet that is not here, in the best world one address has to do for all pairs.
    const choices = choicesOf(network, best);
    return choices.some(({ sources, targets }) =>
      pairs.every(({ from, to }) =>
        (sources.get(from) as Place[]).every((a) =>
          (targets.get(to) as Place[]).every((b) =>
            clientPorts(network).every((port) => passes(network, a, b, port, best)),
          ),
        ),
      ),
    );
  }
  return pairs.some(({ from, to }) => {
    const sources = placesOf(network, client, from, best);
    const targets = placesOf(network, target, to, best);
    return clientPorts(network).some((port) => {
      // Where a subnet lies that is not here, is chosen against the connection in the worst world.
      const over = (list: readonly Place[], subnet: number | 'imported', ask: (place: Place) => boolean) =>
        subnet === 'imported' && !best ? list.every(ask) : list.some(ask);
      return over(sources, from, (a) => over(targets, to, (b) => passes(network, a, b, port, best)));
    });
  });
}

/** Where everything lies: in the best world an imported subnet is any one address, in the worst all that it may be. */
function choicesOf(network: RandomNetwork, best: boolean) {
  const maps = (end: End): Array<Map<number | 'imported', Place[]>> => {
    const known = new Map(
      end.subnets
        .filter((subnet) => subnet !== 'imported')
        .map((subnet) => [subnet, placesOf(network, end, subnet, best)] as const),
    );
    if (!end.subnets.includes('imported')) {
      return [known];
    }
    const places = placesOf(network, end, 'imported', best);
    return best
      ? places.map((place) => new Map<number | 'imported', Place[]>([...known, ['imported', [place]]]))
      : [new Map<number | 'imported', Place[]>([...known, ['imported', places]])];
  };
  return maps(network.client).flatMap((sources) => maps(network.target).map((targets) => ({ sources, targets })));
}

/** Addresses of a subnet; of one that is not here all that it may have: in the worst world those of its VPC, if that is known. */
function placesOf({ groups }: RandomNetwork, end: End, subnet: number | 'imported', best: boolean): Place[] {
  if (subnet !== 'imported') {
    return [0, 1, 2, 3].map((index) => ({ address: { vpc: end.vpc, last: subnet * 4 + index }, subnet, vpc: end.vpc }));
  }
  // The VPC of an imported subnet is that of a group which the templates make.
  const vpc = end.groups.some((group) => groups[group] === 'made') ? end.vpc : undefined;
  const addresses = ([0, 1] as const)
    .filter((each) => best || vpc === undefined || each === vpc)
    .flatMap((each) => Array.from({ length: SUBNETS * 4 }, (_, last): Address => ({ vpc: each, last })));
  return [...addresses, ...(best || vpc === undefined ? [SOMEWHERE] : [])].map((address) => ({ address, subnet, vpc }));
}

/** Ports that a client may open the connection from: each at which an entry begins or ends, and those beside them. */
function clientPorts({ client, acls }: RandomNetwork): number[] {
  const [first, last] = client.kind === 'fleet' ? [32_768, 60_999] : [1_024, 65_535];
  const edges = acls
    .flat()
    .flatMap(({ ports }) => ports.flatMap((port) => (port === 'parameter' ? [] : [port - 1, port, port + 1])));
  return [...new Set([first, last, ...edges])].filter((port) => first <= port && port <= last);
}

function passes(network: RandomNetwork, a: Place, b: Place, clientPort: number, best: boolean): boolean {
  const { client, target } = network;
  if (
    !groupsLet(network, 'egress', client, target, b.address, best) ||
    !groupsLet(network, 'ingress', target, client, a.address, best)
  ) {
    return false;
  }
  const isSame = a.subnet === b.subnet && (a.subnet === 'imported' || client.vpc === target.vpc);
  return (
    isSame ||
    (aclLets(network, a, true, b.address, PORT, best) &&
      aclLets(network, b, false, a.address, PORT, best) &&
      aclLets(network, b, true, a.address, clientPort, best) &&
      aclLets(network, a, false, b.address, clientPort, best) &&
      isRouted(network, a, b, best) &&
      isRouted(network, b, a, best))
  );
}

function groupsLet(
  { groups, groupRules }: RandomNetwork,
  direction: 'ingress' | 'egress',
  own: End,
  peer: End,
  address: Address,
  best: boolean,
): boolean {
  if (best && (own.groups.length === 0 || own.groups.some((group) => groups[group] === 'imported'))) {
    return true;
  }
  const rulesOf = (group: number) => groupRules.filter((rule) => rule.owner === group && rule.direction === direction);
  return own.groups.some((group) => {
    const rules = rulesOf(group);
    if (direction === 'egress' && rules.length === 0 && groups[group] === 'made') {
      return true;
    }
    return rules.some(({ peer: allowed, port, isConditional }) => {
      if (port === 'parameter' || isConditional ? !best || (port !== 'parameter' && port !== PORT) : port !== PORT) {
        return false;
      }
      if ('cidr' in allowed) {
        return isIn(address, allowed.cidr, best);
      }
      const maybeDefault = best && peer.groups.length === 0 && groups[allowed.group] === 'imported';
      return peer.groups.includes(allowed.group) || maybeDefault;
    });
  });
}

function isIn(address: Address, cidr: Cidr, best: boolean): boolean {
  return cidr === 'parameter'
    ? best
    : cidr === 'everywhere' ||
        (cidr.vpc === address.vpc && cidr.first <= address.last && address.last < cidr.first + 2 ** (32 - cidr.bits));
}

function aclLets(
  { acls, aclOf }: RandomNetwork,
  { subnet, vpc }: Place,
  egress: boolean,
  peer: Address,
  port: number,
  best: boolean,
): boolean {
  const acl = subnet === 'imported' ? 'imported' : aclOf[(vpc as number) * SUBNETS + subnet];
  if (acl === 'imported' || acl === undefined) {
    return best;
  }
  const entries = (acl === 'default' ? acls[acls.length - 2 + (vpc as number)] : acls[acl]) as readonly AclEntry[];
  for (const entry of [...entries].sort((one, other) => one.number - other.number)) {
    if (entry.egress === egress) {
      const allows = entry.action === 'allow' || (entry.action === 'parameter' && best);
      if (matches(entry, peer, port, allows === best)) {
        return allows;
      }
    }
  }
  // AWS's own entry of the default ACL lets all through, and the end of every other lets nothing.
  return acl === 'default';
}

/** @param wanted whether what only a deploy knows matches in this world */
function matches(entry: AclEntry, peer: Address, port: number, wanted: boolean): boolean {
  const { protocol, ports, cidr, isConditional } = entry;
  const [from, to] = ports;
  const ofPort = from === 'parameter' ? port <= to && wanted : from <= port && port <= to;
  const ofProtocol = protocol === -1 || (protocol === 6 ? ofPort : protocol === 'parameter' && wanted);
  return (!isConditional || wanted) && ofProtocol && (cidr === 'parameter' ? wanted : isIn(peer, cidr, wanted));
}

/** Whether the route table at one place sends packets to the other. */
function isRouted({ tables, tableOf }: RandomNetwork, from: Place, to: Place, best: boolean): boolean {
  if (from.vpc === undefined || to.vpc === undefined || from.subnet === 'imported') {
    return from.vpc === to.vpc && from.vpc !== undefined ? true : best;
  }
  const table = tableOf[from.vpc * SUBNETS + from.subnet];
  const routes = table === 'main' ? [] : (tables[from.vpc * 2 + (table as number)] as readonly RandomRoute[]);
  const isInside = from.vpc === to.vpc;
  const chosen = routes
    .map((route) => ({ route, good: isGood(route, isInside, best) }))
    .filter(({ route: { to: destination, isConditional }, good }) => {
      const isUncertain = isConditional || destination === 'parameter';
      return (!isUncertain || good === best) && (destination === 'parameter' || isIn(to.address, destination, best));
    })
    .map(({ route, good }) => ({ good, bits: prefixOf(route.to) }))
    // The route of the VPC itself, of 28 bits, gives way to what is as long.
    .concat(isInside || to.address.vpc === from.vpc ? [{ good: isInside, bits: 27.5 }] : [])
    .sort((one, other) => other.bits - one.bits)[0];
  return chosen?.good ?? false;
}

/** Whether a route leads where packets are to go. */
function isGood({ by }: RandomRoute, isInside: boolean, best: boolean): boolean {
  if (isInside) {
    return by === 'interface' || by === 'nat' ? best : true;
  }
  return by === 'peering' || (['imported peering', 'transit', 'interface'].includes(by) && best);
}

function prefixOf(cidr: Cidr): number {
  return cidr === 'parameter' ? 33 : cidr === 'everywhere' ? 0 : cidr.bits;
}
