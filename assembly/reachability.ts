import { BINDINGS_VARIABLE, FLEET_METADATA_KEY, type FleetDescription } from '../runtime/binding';
import type { AssemblyStack } from './assembly';
import {
  type AddressFamily,
  blockOf,
  type Direction,
  resourceIn,
  SecurityGroupRules,
  type Side,
  type Subnet,
  securityGroupOf,
} from './security-groups';
import type { Resource, Templates } from './templates';

const FLEET = 'AWS::AutoScaling::AutoScalingGroup';
const LOAD_BALANCER = 'AWS::ElasticLoadBalancingV2::LoadBalancer';
const FUNCTION = 'AWS::Lambda::Function';
const DATABASE = 'AWS::RDS::DBInstance';
const SERVERLESS_CACHE = 'AWS::ElastiCache::ServerlessCache';
const DATA = ['AWS::ElastiCache::ReplicationGroup', 'AWS::ElastiCache::CacheCluster', SERVERLESS_CACHE, DATABASE];

/** What the security groups of the templates say to TCP connections from one resource to a port of another. */
export type Connection = { readonly from: Resource; readonly to: Resource } & (
  | { readonly state: 'open'; readonly port: number }
  /** `missing`: a sentence that names the rule. */
  | { readonly state: 'closed'; readonly port: number; readonly missing: string }
  /** `port`: `undefined` where only a deploy knows it. `why`: a sentence. */
  | { readonly state: 'unknown'; readonly port: number | undefined; readonly why: string }
);

/**
 * The connections that an application needs: the load balancer's to the fleet, the fleet's to the caches and databases
 * of its binding, and those of its deploy steps to theirs.
 */
export function connectionsOfFleet(templates: Templates, fleet: Resource): Connection[] {
  const { binding, deploySteps } = fleet.metadata[FLEET_METADATA_KEY] as FleetDescription;
  const bound = (stack: AssemblyStack, document: unknown) =>
    templates.references(stack, document).filter(({ type }) => DATA.includes(type));
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
 * The connections from a fleet's Auto Scaling group, a function or a load balancer to each target, one for each of its
 * ports. Targets are caches and database instances, and for a load balancer the Auto Scaling group: none where no
 * listener sends to it.
 */
export function connectionsOf(templates: Templates, from: Resource, targets: readonly Resource[]): Connection[] {
  const rules = new SecurityGroupRules(templates, (stack, value) => portIn(templates, stack, value));
  const source = sideOf(templates, from);
  return targets.flatMap((to) => {
    const target = sideOf(templates, to);
    const ports = to.type === FLEET ? targetPorts(templates, from, to) : portsOf(templates, to);
    return ports.map((port): Connection => {
      if (port === undefined) {
        return { from, to, port, state: 'unknown', why: `the port of ${to.label} is known to a deploy only` };
      }
      // Where a name has addresses of both kinds, one that answers is enough.
      const judged = familiesOf(to).map((family) =>
        judge(rules, { templates, from, to, source, target, port }, family),
      );
      return (
        judged.find(({ state }) => state === 'open') ??
        judged.find(({ state }) => state === 'unknown') ??
        (judged[0] as Connection)
      );
    });
  });
}

/** A pair of resources, and what their network interfaces have. */
interface Pair {
  readonly templates: Templates;
  readonly from: Resource;
  readonly to: Resource;
  readonly source: Side;
  readonly target: Side;
  readonly port: number;
}

function judge(rules: SecurityGroupRules, pair: Pair, family: AddressFamily): Connection {
  const { from, to, source, target, port } = pair;
  const egress = rules.judge('egress', source, target, port, family);
  const ingress = rules.judge('ingress', target, source, port, family);
  const lacks = [
    ...(egress.passes === false ? [lackOf(source, 'egress', target, egress.outside)] : []),
    ...(ingress.passes === false ? [lackOf(target, 'ingress', source, ingress.outside)] : []),
  ];
  if (lacks.length > 0) {
    const missing =
      `no rule lets ${from.label} reach ${to.label} on tcp ${port}: ${lacks.join(', and ')}; ` +
      `${remedies(pair, egress.passes === false).join(' or ')} adds ${lacks.length === 1 ? 'it' : 'both'}`;
    return { from, to, port, state: 'closed', missing };
  }
  for (const verdict of [egress, ingress]) {
    if (verdict.passes === undefined) {
      return { from, to, port, state: 'unknown', why: verdict.why };
    }
  }
  return { from, to, port, state: 'open' };
}

/** What one side lacks, for example `the security group dev/data/A has no ingress from dev/service/B`. */
function lackOf(own: Side, direction: Direction, peer: Side, outside: readonly string[]): string {
  const labels = ({ groups }: Side, word: string) => groups.map(({ label }) => label).join(` ${word} `);
  const [subject, verb] = own.groups.length === 1 ? ['the security group', 'has'] : ['the security groups', 'have'];
  const toward = direction === 'ingress' ? 'from' : 'to';
  const addresses = outside.length === 0 ? '' : ` or ${toward} all of ${outside.join(', ')}`;
  return `${subject} ${labels(own, 'and')} ${verb} no ${direction} ${toward} ${labels(peer, 'or')}${addresses}`;
}

/** Lines of an app, each of which adds what is missing. */
function remedies({ templates, from, to, port }: Pair, egress: boolean): string[] {
  if (from.type === LOAD_BALANCER) {
    return [`\`fleet.connections.allowFrom(fleet.loadBalancer, ec2.Port.tcp(${port}))\``];
  }
  const source = from.type === FUNCTION ? 'handler' : 'fleet';
  const [target, use, kind] =
    to.type === DATABASE ? ['database', 'useDatabase', 'databases'] : ['cache', 'useCache', 'caches'];
  if (egress) {
    return [`\`${source}.connections.allowToDefaultPort(${target})\``];
  }
  const direct = `\`${target}.connections.allowDefaultPortFrom(${source})\``;
  if (from.type === FUNCTION) {
    return [direct];
  }
  const bound: Record<string, { host: unknown }> = from.metadata[FLEET_METADATA_KEY]?.binding[kind] ?? {};
  const name = Object.keys(bound).find((key) => templates.referenced(from.stack, bound[key]?.host)?.id === to.id);
  return [`\`fleet.${use}('${name ?? 'name'}', ${target})\``, direct];
}

/** A value in a template; what it refers to by logical id is of that stack. */
interface Placed {
  readonly stack: AssemblyStack;
  readonly value: unknown;
}

function sideOf(templates: Templates, resource: Resource): Side {
  const [groups, subnets] = networkOf(templates, resource);
  const block = (from: Resource | undefined, property: string) =>
    from && blockOf(templates, from.stack, from.properties[property]);
  const [vpc] = templates.references(groups.stack, groups.value).flatMap((group) => block(group, 'VpcId') ?? []);
  const ids = listOf(subnets);
  return {
    label: resource.label,
    groups: listOf(groups).map((value) => securityGroupOf(templates, groups.stack, value)),
    subnets: (ids.length === 0 ? [undefined] : ids).map((id): Subnet => {
      const subnet = resourceIn(templates, subnets.stack, id);
      return { block: block(subnet, 'CidrBlock'), vpc: block(subnet, 'VpcId') ?? vpc };
    }),
  };
}

/** The lists of the security groups and of the subnets that a resource has its network interfaces in. */
function networkOf(templates: Templates, resource: Resource): [groups: Placed, subnets: Placed] {
  const { stack, type, properties } = resource;
  const own = (value: unknown): Placed => ({ stack, value });
  switch (type) {
    case FLEET: {
      const { LaunchTemplate: launched, MixedInstancesPolicy: mixed } = properties;
      const specification = launched ?? mixed?.LaunchTemplate?.LaunchTemplateSpecification;
      const template = resourceIn(templates, stack, specification?.LaunchTemplateId);
      const { NetworkInterfaces: interfaces, SecurityGroupIds: groups } = template?.properties.LaunchTemplateData ?? {};
      return [
        { stack: template?.stack ?? stack, value: interfaces?.[0]?.Groups ?? groups },
        own(properties.VPCZoneIdentifier),
      ];
    }
    case FUNCTION:
      return [own(properties.VpcConfig?.SecurityGroupIds), own(properties.VpcConfig?.SubnetIds)];
    case LOAD_BALANCER: {
      const { SecurityGroups: groups, Subnets: subnets, SubnetMappings: mappings } = properties;
      return [own(groups), own(subnets ?? mappings?.map(({ SubnetId: id }: { SubnetId: unknown }) => id))];
    }
    default: {
      const { SecurityGroupIds, VpcSecurityGroupIds, VPCSecurityGroups } = properties;
      const subnetGroup = properties.CacheSubnetGroupName ?? properties.DBSubnetGroupName;
      const placed = resourceIn(templates, stack, subnetGroup) ?? resource;
      return [
        own(SecurityGroupIds ?? VpcSecurityGroupIds ?? VPCSecurityGroups),
        { stack: placed.stack, value: placed.properties.SubnetIds },
      ];
    }
  }
}

function listOf({ value }: Placed): unknown[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value];
}

/** Kinds of the addresses that a name has. */
function familiesOf({ properties }: Resource): AddressFamily[] {
  const network = String(properties.NetworkType ?? 'ipv4').toLowerCase();
  return network === 'ipv4' || network === 'ipv6' ? [network] : ['ipv4', 'ipv6'];
}

/** Ports where the templates say none. */
const DATABASE_PORTS: Readonly<Record<string, number>> = { postgres: 5_432, mysql: 3_306, mariadb: 3_306 };

/** The ports of a cache or a database; `undefined` for one that only a deploy knows. */
function portsOf(templates: Templates, { stack, type, properties }: Resource, hops = 8): Array<number | undefined> {
  const { Port: port, Engine: engine, SourceDBInstanceIdentifier: source } = properties;
  if (port !== undefined) {
    return [portNumber(port)];
  }
  if (type === SERVERLESS_CACHE) {
    // The second is the one that replicas answer at.
    return engine === 'memcached' ? [11_211, 11_212] : [6_379, 6_380];
  }
  if (type !== DATABASE) {
    return [engine === 'memcached' ? 11_211 : 6_379];
  }
  if (source === undefined) {
    return [DATABASE_PORTS[engine]];
  }
  const found = templates.referenced(stack, source);
  return found === undefined || hops === 0 ? [undefined] : portsOf(templates, found, hops - 1);
}

/** The port that a value of a rule is: written, or that of an endpoint. */
function portIn(templates: Templates, stack: AssemblyStack, value: unknown): number | undefined {
  const resource = resourceIn(templates, stack, value);
  if (resource === undefined || !DATA.includes(resource.type)) {
    return portNumber(value);
  }
  const [port, replicas] = portsOf(templates, resource);
  const text = JSON.stringify(value);
  return replicas === undefined || /\bEndpoint\.Port/.test(text)
    ? port
    : text.includes('ReaderEndpoint.Port')
      ? replicas
      : undefined;
}

function portNumber(value: unknown): number | undefined {
  return /^\d+$/.test(String(value)) ? Number(value) : undefined;
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
      portNumber(port),
      ...(health === 'traffic-port' ? [] : [portNumber(health)]),
    ]);
  return [...new Set(ports)];
}
