import type { AssemblyEnvironment } from '../assembly';
import { type Resource, Templates } from '../templates';
import { AddressSet, parseBlock } from './address-set';
import { type Connection, connectionsIn } from './connections';
import { consumersOf, namedBy } from './consumers';
import { Network } from './network';
import { clientsOf } from './network-interfaces';
import { type Opening, openingsOf } from './openings';
import { isTarget } from './resource-types';
import type { Peer } from './security-group-rules';
import { type ServiceConnection, serviceConnection } from './services';

/** What is to be reached, besides what the templates tell. */
export interface ReachabilityOptions {
  /** Paths of constructs, or logical ids, of what is to reach the caches and databases. */
  readonly consumers?: readonly string[];
  /** The same of what may, for example a bastion; also blocks of addresses. */
  readonly allowed?: readonly string[];
}

/** A connection, and why it is looked at. */
export interface Access {
  readonly connection: Connection;
  /** `candidate`: nobody refers to the target, so everybody may be meant. */
  readonly role: 'consumer' | 'allowed' | 'other' | 'candidate';
  /** Whether the consumers of the target are given or bound to it: who else reaches it is not meant to. */
  readonly isCertain: boolean;
  /** What lets it in, each a sentence; none where it is not open. */
  readonly through: readonly string[];
  /** By what: a security group of its own, one that the consumers have as well, or addresses. */
  readonly by?: 'group' | 'shared group' | 'addresses';
}

/** Who reaches the caches and databases of an environment. */
export interface ReachabilityReport {
  /** Name of the environment. */
  readonly environment: string;
  readonly targets: readonly Resource[];
  /** In the order of the targets; those of others that are closed are left out. */
  readonly accesses: readonly Access[];
  /** What rules let in besides. */
  readonly openings: readonly Opening[];
  /** The services of AWS that consumers need. */
  readonly services: readonly ServiceConnection[];
  /** How many others were looked at and reach nothing. */
  readonly shutOut: number;
  /** Names of the options that are of nothing here. */
  readonly unmatched: readonly string[];
}

/** Judges an environment. */
export function reachabilityReport(
  environment: AssemblyEnvironment,
  options: ReachabilityOptions = {},
): ReachabilityReport {
  const templates = new Templates(environment);
  const network = new Network(templates, 'doubted');
  const targets = templates.resources.filter(isTarget);
  const clients = clientsOf(templates);
  const consumers = consumersOf(templates, options.consumers);
  const names = (options.allowed ?? []).filter((name) => parseBlock(name) === undefined);
  const allowed = names.flatMap((name) => namedBy(name, clients));
  const blocks = (options.allowed ?? []).flatMap((name) => parseBlock(name) ?? []);
  const accesses: Access[] = [];
  const openings: Opening[] = [];
  for (const to of targets) {
    const own = consumers.filter((consumer) => consumer.targets.some(({ id }) => id === to.id));
    const isCertain = own.some(({ known }) => known !== 'referring');
    const among = (list: readonly { readonly id: string }[], { id }: Resource) => list.some((each) => each.id === id);
    const consuming = own.map(({ resource }) => resource);
    const meant = own.length > 0 ? consuming : clients;
    const held = new Set([...consuming, ...allowed].flatMap((from) => keysOf(network, from)));
    const look = (from: Resource, role: Access['role']) =>
      connectionsIn(network, from, to, role === 'consumer' || role === 'candidate' ? 'all' : 'some').map(
        (connection): Access => ({ connection, role, isCertain, ...wayOf(network, connection, held) }),
      );
    accesses.push(
      ...consuming.flatMap((from) => look(from, 'consumer')),
      ...clients
        .filter((client) => client.id !== to.id && !among(consuming, client))
        .flatMap((from) => look(from, among(allowed, from) ? 'allowed' : own.length > 0 ? 'other' : 'candidate'))
        .filter(({ role, connection }) => role === 'candidate' || connection.state !== 'closed'),
    );
    const expected = [...meant, ...allowed].flatMap((client) =>
      network.sideOf(client).subnets.flatMap(({ block }) => block ?? []),
    );
    openings.push(...openingsOf(network, to, AddressSet.of([...expected, ...blocks]), clients));
  }
  const reaching = new Set(accesses.map(({ connection: { from } }) => from.id));
  const known = new Set(consumers.map(({ resource }) => resource.id));
  return {
    environment: environment.name,
    targets,
    accesses,
    openings,
    services: consumers.flatMap((consumer) =>
      consumer.services.map((service) => serviceConnection(network, consumer.resource, service)),
    ),
    shutOut: clients.filter(({ id }) => !reaching.has(id) && !known.has(id)).length,
    unmatched: [
      ...(options.consumers ?? []).filter((name) => consumersOf(templates, [name]).length === 0),
      ...names.filter((name) => namedBy(name, clients).length === 0),
    ],
  };
}

/** What lets an open connection in. @param held groups that those who are meant to reach the target have */
function wayOf(network: Network, connection: Connection, held: ReadonlySet<string>): Pick<Access, 'through' | 'by'> {
  if (connection.state !== 'open') {
    return { through: [] };
  }
  const { rules } = connection;
  const peers = rules.map((rule) => network.groups.peerOf(rule, 'ipv4'));
  const groups = peers.flatMap((peer) => (peer.kind === 'group' ? [peer.group.key] : []));
  const through = rules.map((rule, index) => {
    const peer = peers[index] as Peer;
    const who = peer.kind === 'group' ? peer.group.path : peer.kind === 'addresses' ? peer.label : '';
    return `${rule.group.path} lets in ${who || 'addresses of IPv6'}`;
  });
  const by = groups.length === 0 ? 'addresses' : groups.every((key) => held.has(key)) ? 'shared group' : 'group';
  return { through: [...new Set(through)], by };
}

function keysOf(network: Network, from: Resource): string[] {
  return network.sideOf(from).groups.map(({ key }) => key);
}
