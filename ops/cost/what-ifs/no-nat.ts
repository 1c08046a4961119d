import type { StackTemplate } from '../estimate';
import { list, object, type Resource, referencedId, type Template, text } from '../template';
import { type ChangedStacks, resourceName } from './changed-stacks';

/**
 * What instances and deploys ask of AWS besides S3, which has a gateway endpoint that costs nothing: an interface
 * endpoint each, as the network construct makes them where there is no way out.
 */
const SERVICES = [
  'autoscaling',
  'cloudformation',
  'ec2',
  'ec2messages',
  'logs',
  'monitoring',
  'secretsmanager',
  'ssm',
  'ssmmessages',
];

/** A value that a template does not say. */
const UNKNOWN = { Ref: 'AWS::NoValue' };

/** Stacks without NAT gateways to the internet, and with interface endpoints in the zones that used them. */
export function withoutNat(stacks: readonly StackTemplate[]): ChangedStacks {
  const changes: string[] = [];
  const changed = stacks.map(({ name, template }) => {
    const gateways = resources(template, 'AWS::EC2::NatGateway').filter(
      ([, { Properties }]) => text(Properties?.ConnectivityType, 'public') === 'public',
    );
    if (gateways.length === 0) {
      return { name, template };
    }
    const goes = new Set([
      ...gateways.flatMap(([id, { Properties }]) => [id, ...addressOf(Properties?.AllocationId, template)]),
      ...routesTo(gateways, template).map(([id]) => id),
    ]);
    const stays = Object.entries(template.Resources).filter(([id]) => !goes.has(id));
    const subnets = subnetsBehind(gateways, template);
    const services = SERVICES.filter((service) => !hasEndpoint(template, service));
    const endpoints = services.map((service): [string, Resource] => [
      `EndpointOf-${service}`,
      {
        Type: 'AWS::EC2::VPCEndpoint',
        Properties: { VpcEndpointType: 'Interface', ServiceName: service, SubnetIds: subnets ?? UNKNOWN },
      },
    ]);
    changes.push(
      ...gateways.map(([id, gateway]) => {
        const withAddress = addressOf(gateway.Properties?.AllocationId, template).length > 0;
        return `${resourceName(name, id, gateway)}: goes${withAddress ? ', with its public address' : ''}`;
      }),
      ...(services.length === 0
        ? []
        : [
            `${name}: an interface endpoint in ${subnets === undefined ? 'some' : subnets.length} zones for each of ${services.join(', ')}`,
          ]),
    );
    return { name, template: { ...template, Resources: Object.fromEntries([...stays, ...endpoints]) } };
  });
  return { stacks: changed, changes };
}

type Named = readonly [id: string, resource: Resource];

function resources({ Resources }: Template, type: string): Named[] {
  return Object.entries(Resources).filter(([, { Type }]) => Type === type);
}

function addressOf(allocation: unknown, { Resources }: Template): string[] {
  const id = referencedId(allocation);
  return id !== undefined && Resources[id]?.Type === 'AWS::EC2::EIP' ? [id] : [];
}

function routesTo(gateways: readonly Named[], template: Template): Named[] {
  const ids = new Set(gateways.map(([id]) => id));
  return resources(template, 'AWS::EC2::Route').filter(([, { Properties }]) =>
    ids.has(referencedId(Properties?.NatGatewayId) ?? ''),
  );
}

/** One of the subnets that use the gateways in every zone; nothing if the template does not say which they are. */
function subnetsBehind(gateways: readonly Named[], template: Template): unknown[] | undefined {
  const tables = new Set(
    routesTo(gateways, template).map(([, { Properties }]) => referencedId(Properties?.RouteTableId)),
  );
  const byZone = new Map<string, unknown>();
  for (const [, { Properties }] of resources(template, 'AWS::EC2::SubnetRouteTableAssociation')) {
    const table = referencedId(Properties?.RouteTableId);
    if (table === undefined || !tables.has(table)) {
      continue;
    }
    const subnet = template.Resources[referencedId(Properties?.SubnetId) ?? ''];
    if (subnet === undefined) {
      return undefined;
    }
    const zone = JSON.stringify(subnet.Properties?.AvailabilityZone ?? UNKNOWN);
    byZone.set(zone, byZone.get(zone) ?? Properties?.SubnetId);
  }
  return byZone.size === 0 || byZone.has(JSON.stringify(UNKNOWN)) ? undefined : [...byZone.values()];
}

/** Whether the template has an interface endpoint of the service, such as `logs`, already. */
function hasEndpoint(template: Template, service: string): boolean {
  return resources(template, 'AWS::EC2::VPCEndpoint').some(([, { Properties }]) => {
    const { 'Fn::Join': join } = object(Properties?.ServiceName);
    const name = [Properties?.ServiceName, ...(list(list(join)?.[1]) ?? [])].findLast(
      (part) => typeof part === 'string',
    );
    return Properties?.VpcEndpointType === 'Interface' && `${name}`.split('.').at(-1) === service;
  });
}
