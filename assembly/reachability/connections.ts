import { BINDINGS_VARIABLE, FLEET_METADATA_KEY, type FleetDescription } from '../../runtime/binding';
import type { AssemblyStack } from '../assembly';
import type { Resource, Templates } from '../templates';
import { closedText } from './missing';
import { Network, type Verdict } from './network';
import { portsOf } from './ports';
import { FLEET, FUNCTION, isCache, isTarget, LOAD_BALANCER } from './resource-types';
import type { Rule } from './security-group-rules';
import { type AddressFamily, numberIn } from './values';

/** What the templates say to TCP connections from one resource to a port of another. */
export type Connection = { readonly from: Resource; readonly to: Resource } & (
  | {
      readonly state: 'open';
      readonly port: number;
      /** Those of the target's groups that let it in. */
      readonly rules: readonly Rule[];
    }
  | {
      readonly state: 'closed';
      readonly port: number;
      /** A sentence that names the rule, with what adds it. */
      readonly missing: string;
      /** The same without what adds it. */
      readonly reason: string;
      /** Lines of an app. */
      readonly fix: string;
    }
  /** `port`: `undefined` where only a deploy knows it. `why`: a sentence. */
  | { readonly state: 'unknown'; readonly port: number | undefined; readonly why: string }
);

/**
 * The connections that an application needs: the load balancer's to the fleet, the fleet's to the caches and databases
 * of its binding, and those of its deploy steps to theirs.
 */
export function connectionsOfFleet(templates: Templates, fleet: Resource): Connection[] {
  const { binding, deploySteps } = fleet.metadata[FLEET_METADATA_KEY] as FleetDescription;
  const bound = (stack: AssemblyStack, document: unknown) => templates.references(stack, document).filter(isTarget);
  return [
    ...templates.all(LOAD_BALANCER).flatMap((balancer) => connectionsOf(templates, balancer, [fleet])),
    ...connectionsOf(templates, fleet, bound(fleet.stack, binding)),
    ...deploySteps
      .flatMap((id) => templates.named(fleet.stack, id) ?? [])
      .flatMap((step) => {
        const variables = step.properties.Environment?.Variables;
        return connectionsOf(templates, step, bound(step.stack, variables?.[BINDINGS_VARIABLE]));
      }),
  ];
}

/**
 * The connections from a client to each target, one for each of its ports. Targets are caches and databases, and for a
 * load balancer the Auto Scaling group: none where no listener sends to it. Subnets that are not in the templates are
 * taken to be connected.
 */
export function connectionsOf(templates: Templates, from: Resource, targets: readonly Resource[]): Connection[] {
  const network = new Network(templates, 'trusted');
  return targets.flatMap((to) => connectionsIn(network, from, to, 'all'));
}

/**
 * The connections from a client to the ports of a target.
 *
 * @param which of the addresses of the client: whether all reach the target, or whether some do
 */
export function connectionsIn(network: Network, from: Resource, to: Resource, which: 'all' | 'some'): Connection[] {
  const { templates } = network;
  const ports = to.type === FLEET ? targetPorts(templates, from, to) : portsOf(templates, to);
  const [source, target] = [network.sideOf(from), network.sideOf(to)];
  return ports.map((port): Connection => {
    if (port === undefined) {
      return { from, to, port, state: 'unknown', why: `the port of ${to.label} is known to a deploy only` };
    }
    if (network.doubts && from.type === FUNCTION && from.properties.VpcConfig === undefined) {
      return ofNoVpc(from, to, port);
    }
    // Where a name has addresses of both kinds, one that answers is enough.
    const judged = familiesOf(to).map((family) => network[which](source, target, port, family));
    const verdict =
      judged.find(({ state }) => state === 'open') ??
      judged.find(({ state }) => state === 'unknown') ??
      (judged[0] as Verdict);
    return verdict.state === 'closed'
      ? { from, to, port, state: 'closed', ...closedText({ templates, from, to, source, target, port }, verdict) }
      : { from, to, port, ...verdict };
  });
}

/** What runs outside of every VPC reaches what has an address of the internet, and no cache has. */
function ofNoVpc(from: Resource, to: Resource, port: number): Connection {
  if (!isCache(to) && to.properties.PubliclyAccessible !== false) {
    return { from, to, port, state: 'unknown', why: `${from.label} is in no VPC, so its address is any of AWS's` };
  }
  const reason = `nothing lets ${from.label} reach ${to.label} on tcp ${port}: the function is in no VPC`;
  const fix = '`vpc` and `vpcSubnets` of the function';
  return { from, to, port, state: 'closed', reason, fix, missing: `${reason}; ${fix} put it into one` };
}

/** Kinds of the addresses that a name has. */
export function familiesOf({ properties }: Resource): AddressFamily[] {
  const network = String(properties.NetworkType ?? 'ipv4').toLowerCase();
  return network === 'ipv4' || network === 'ipv6' ? [network] : ['ipv4', 'ipv6'];
}

/** The ports of a fleet that a load balancer's listeners send to, and those that it asks for the health at. */
function targetPorts(templates: Templates, balancer: Resource, fleet: Resource): Array<number | undefined> {
  const sent = ['Listener', 'ListenerRule']
    .flatMap((type) => templates.all(`AWS::ElasticLoadBalancingV2::${type}`))
    .filter((sender) => {
      const listener = templates.referenced(sender.stack, sender.properties.ListenerArn) ?? sender;
      return templates.referenced(listener.stack, listener.properties.LoadBalancerArn)?.id === balancer.id;
    })
    .flatMap(({ stack, properties }) => templates.references(stack, properties.DefaultActions ?? properties.Actions))
    .map(({ id }) => id);
  const ports = templates
    .references(fleet.stack, fleet.properties.TargetGroupARNs)
    .filter(({ id, type }) => type === 'AWS::ElasticLoadBalancingV2::TargetGroup' && sent.includes(id))
    .flatMap(({ properties: { Port: port, HealthCheckPort: health = 'traffic-port' } }) => [
      numberIn(port),
      ...(health === 'traffic-port' ? [] : [numberIn(health)]),
    ]);
  return [...new Set(ports)];
}
