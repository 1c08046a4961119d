import { FLEET_METADATA_KEY } from '../../runtime/binding';
import type { Resource, Templates } from '../templates';
import type { Lack } from './crossing';
import type { GroupLack, Verdict } from './network';
import { ENDPOINT, FLEET, FUNCTION, isCache, LOAD_BALANCER } from './resource-types';
import type { Side } from './sides';

/** A pair of resources, and what their network interfaces have. */
export interface Pair {
  readonly templates: Templates;
  readonly from: Resource;
  readonly to: Resource;
  readonly source: Side;
  readonly target: Side;
  readonly port: number;
}

/** Why something is closed: the reason names what is missing, the fix are lines of an app that add it. */
export interface ClosedText {
  readonly reason: string;
  readonly fix: string;
  readonly missing: string;
}

/** What is told of a pair that is closed. */
export function closedText(pair: Pair, { groups, network }: Extract<Verdict, { state: 'closed' }>): ClosedText {
  const { from, to, port } = pair;
  const merged = mergedLacks(network);
  const lacks = [...groups.map((lack) => groupText(pair, lack)), ...merged.map(({ text }) => text)];
  const fixes = [
    ...(groups.length === 0
      ? []
      : [
          remedies(
            pair,
            groups.some(({ direction }) => direction === 'egress'),
          ).join(' or '),
        ]),
    ...merged.map(({ fix }) => fix),
  ];
  const reason = `no rule lets ${from.label} reach ${to.label} on tcp ${port}: ${lacks.join(', and ')}`;
  const fix = fixes.join(', ');
  const what = lacks.length === 1 ? 'it' : lacks.length === 2 ? 'both' : 'them';
  return { reason, fix, missing: `${reason}; ${fix} ${fixes.length === 1 ? 'adds' : 'add'} ${what}` };
}

/** What one side lacks, for example `the security group dev/data/A has no ingress from dev/service/B`. */
function groupText({ source, target }: Pair, { direction, outside }: GroupLack): string {
  const [own, peer] = direction === 'egress' ? [source, target] : [target, source];
  const labels = ({ groups }: Side, word: string) => groups.map(({ label }) => label).join(` ${word} `);
  const [subject, verb] = own.groups.length === 1 ? ['the security group', 'has'] : ['the security groups', 'have'];
  const toward = direction === 'ingress' ? 'from' : 'to';
  const addresses = outside.length === 0 ? '' : ` or ${toward} all of ${[...new Set(outside)].join(', ')}`;
  const others = labels(peer, 'or') || `the default security group of ${peer.label}`;
  return `${subject} ${labels(own, 'and')} ${verb} no ${direction} ${toward} ${others}${addresses}`;
}

/** Lacks of one subject as one, with a line for each object. */
export function mergedLacks(lacks: readonly Lack[]): Array<{ readonly text: string; readonly fix: string }> {
  const bySubject = new Map<string, Map<string, string>>();
  for (const { subject, object, fix } of lacks) {
    bySubject.set(subject, (bySubject.get(subject) ?? new Map<string, string>()).set(object, fix));
  }
  return [...bySubject].map(([subject, objects]) => ({
    text: `${subject} ${[...objects.keys()].join(', ')}`,
    fix: [...objects.values()][0] as string,
  }));
}

/** Lines of an app, each of which adds what the security groups lack. */
function remedies({ templates, from, to, port }: Pair, egress: boolean): string[] {
  if (from.type === LOAD_BALANCER) {
    return [`\`fleet.connections.allowFrom(fleet.loadBalancer, ec2.Port.tcp(${port}))\``];
  }
  if (to.type === ENDPOINT) {
    return egress
      ? ['`client.connections.allowToDefaultPort(endpoint)`']
      : ['`endpoint.connections.allowDefaultPortFrom(client)`'];
  }
  const description = from.metadata[FLEET_METADATA_KEY];
  const [target, use, kind] = isCache(to) ? ['cache', 'useCache', 'caches'] : ['database', 'useDatabase', 'databases'];
  if (from.type !== FUNCTION && !(from.type === FLEET && description !== undefined)) {
    return egress
      ? [`\`client.connections.allowTo(${target}, ec2.Port.tcp(${port}))\``]
      : [`\`${target}SecurityGroup.addIngressRule(clientSecurityGroup, ec2.Port.tcp(${port}))\``];
  }
  const source = from.type === FUNCTION ? 'handler' : 'fleet';
  if (egress) {
    return [`\`${source}.connections.allowToDefaultPort(${target})\``];
  }
  const direct = `\`${target}.connections.allowDefaultPortFrom(${source})\``;
  if (from.type === FUNCTION) {
    return [direct];
  }
  const bound: Record<string, { host: unknown }> = description?.binding[kind] ?? {};
  const name = Object.keys(bound).find((key) => templates.referenced(from.stack, bound[key]?.host)?.id === to.id);
  return [`\`fleet.${use}('${name ?? 'name'}', ${target})\``, direct];
}
