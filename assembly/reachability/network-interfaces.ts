import type { Placed, Resource, Templates } from '../templates';
import {
  CONTAINER_SERVICE,
  ENDPOINT,
  FLEET,
  FUNCTION,
  INSTANCE,
  isLoadBalancer,
  NETWORK_INTERFACE,
  TARGET_TYPES,
} from './resource-types';
import { resourceIn } from './values';

/** Whether something gets an address of the internet; `subnet` where its subnet decides. */
export type PublicAddress = boolean | 'subnet' | 'unknown';

/** Where a template says what the network interfaces of a resource have. */
export interface NetworkInterfaces {
  readonly groups: Placed;
  readonly subnets: Placed;
  readonly publicAddress: PublicAddress;
  /** Why the resource has others as well, or none of its own. */
  readonly doubt?: string;
}

const LAUNCH_TEMPLATE = 'AWS::EC2::LaunchTemplate';
const LAUNCH_CONFIGURATION = 'AWS::AutoScaling::LaunchConfiguration';

/** What has security groups and opens no connection by itself. */
const NO_CLIENTS =
  /^(Custom|AWS::CloudFormation|AWS::(EC2::(SecurityGroup\w*|LaunchTemplate|VPCEndpoint|VPCEndpointService|SpotFleet)|AutoScaling::LaunchConfiguration|EFS|ElastiCache|MemoryDB|DAX|Neptune|DocDB|Redshift|OpenSearchService|Elasticsearch|FSx|MSK|AmazonMQ|Route53Resolver|RDS::(?!DBProxy$)))\b/;

/** What may open connections: every resource whose network interfaces the templates show. */
export function clientsOf(templates: Templates): Resource[] {
  const attached = new Set(
    templates.all(INSTANCE).flatMap(({ stack, properties }) =>
      templates
        .references(stack, properties.NetworkInterfaces)
        .filter(({ type }) => type === NETWORK_INTERFACE)
        .map(({ id }) => id),
    ),
  );
  return templates.resources.filter((resource) => {
    const { id, type, properties } = resource;
    if (NO_CLIENTS.test(type) || attached.has(id)) {
      return false;
    }
    return (
      [FLEET, INSTANCE, NETWORK_INTERFACE].includes(type) ||
      isLoadBalancer(resource) ||
      (type === FUNCTION
        ? properties.VpcConfig?.SecurityGroupIds !== undefined
        : type === CONTAINER_SERVICE
          ? properties.NetworkConfiguration !== undefined
          : shapeIn(properties) !== undefined || launchTemplatesOf(templates, resource).length > 0)
    );
  });
}

/** The lists of the security groups and of the subnets that a resource has its network interfaces in. */
export function networkOf(templates: Templates, resource: Resource): NetworkInterfaces {
  const { stack, type, properties } = resource;
  const own = (value: unknown): Placed => ({ stack, value });
  switch (type) {
    case FLEET:
      return ofInstances(templates, resource, own(properties.VPCZoneIdentifier));
    case INSTANCE:
      return ofInstance(templates, resource);
    case NETWORK_INTERFACE:
      return { groups: own(properties.GroupSet), subnets: own(properties.SubnetId), publicAddress: 'unknown' };
    case FUNCTION: {
      // https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc-internet.html: never a public address.
      const { SecurityGroupIds: groups, SubnetIds: subnets } = properties.VpcConfig ?? {};
      return { groups: own(groups), subnets: own(subnets), publicAddress: false };
    }
    case CONTAINER_SERVICE:
      return ofContainers(resource);
    case ENDPOINT:
      return { groups: own(properties.SecurityGroupIds), subnets: own(properties.SubnetIds), publicAddress: false };
    default:
      return TARGET_TYPES.includes(type) ? ofTarget(templates, resource) : ofOthers(templates, resource);
  }
}

/** The template or configuration that a resource launches its instances from. */
export function launchTemplatesOf(templates: Templates, { stack, properties }: Resource): Resource[] {
  const { LaunchTemplate, MixedInstancesPolicy, LaunchConfigurationName, LaunchTemplateConfigs } = properties;
  return templates
    .references(stack, [LaunchTemplate, MixedInstancesPolicy, LaunchConfigurationName, LaunchTemplateConfigs])
    .filter(({ type }) => type === LAUNCH_TEMPLATE || type === LAUNCH_CONFIGURATION);
}

function ofTarget(templates: Templates, resource: Resource): NetworkInterfaces {
  const { stack, properties } = resource;
  const { SecurityGroupIds, VpcSecurityGroupIds, VPCSecurityGroups, VpcSubnetIds } = properties;
  const group = properties.CacheSubnetGroupName ?? properties.DBSubnetGroupName;
  const placed = resourceIn(templates, stack, group) ?? subnetGroupNamed(templates, group) ?? resource;
  return {
    groups: { stack, value: SecurityGroupIds ?? VpcSecurityGroupIds ?? VPCSecurityGroups },
    subnets: { stack: placed.stack, value: placed.properties.SubnetIds ?? VpcSubnetIds },
    publicAddress: properties.PubliclyAccessible === true,
  };
}

/** The only subnet group of that name, which ElastiCache and RDS keep in lower case. */
function subnetGroupNamed(templates: Templates, name: unknown): Resource | undefined {
  const wanted = typeof name === 'string' ? name.toLowerCase() : undefined;
  const [found, ...others] = templates.resources.filter(({ type, properties }) =>
    /^AWS::(ElastiCache::SubnetGroup|RDS::DBSubnetGroup)$/.test(type)
      ? String(properties.CacheSubnetGroupName ?? properties.DBSubnetGroupName).toLowerCase() === wanted
      : false,
  );
  return others.length === 0 ? found : undefined;
}

function ofInstances(templates: Templates, resource: Resource, subnets: Placed): NetworkInterfaces {
  const [template, ...others] = launchTemplatesOf(templates, resource);
  const { stack, properties } = template ?? resource;
  const doubt =
    others.length === 0 ? undefined : `${resource.label} launches instances from ${others.length + 1} launch templates`;
  if (template?.type === LAUNCH_CONFIGURATION) {
    const { SecurityGroups: value, AssociatePublicIpAddress: address } = properties;
    return { groups: { stack, value }, subnets, publicAddress: publicAddressIn(address), ...(doubt && { doubt }) };
  }
  const { NetworkInterfaces: interfaces = [], SecurityGroupIds: groups } = properties.LaunchTemplateData ?? {};
  const first = interfaces[0] ?? {};
  const several = interfaces.length > 1 ? severalInterfaces(resource) : doubt;
  return {
    groups: { stack, value: first.Groups ?? (template === undefined ? undefined : groups) },
    subnets: subnets.value === undefined ? { stack, value: first.SubnetId } : subnets,
    publicAddress: template === undefined ? 'unknown' : publicAddressIn(first.AssociatePublicIpAddress),
    ...(several && { doubt: several }),
  };
}

function ofInstance(templates: Templates, instance: Resource): NetworkInterfaces {
  const { stack, properties } = instance;
  const { NetworkInterfaces: interfaces, SecurityGroupIds: groups, SubnetId: subnet } = properties;
  const fixed = ['AWS::EC2::EIP', 'AWS::EC2::EIPAssociation']
    .flatMap((type) => templates.all(type))
    .some((address) => resourceIn(templates, address.stack, address.properties.InstanceId)?.id === instance.id);
  if (Array.isArray(interfaces) && interfaces.length > 0) {
    const [first, ...others] = interfaces;
    const attached = resourceIn(templates, stack, first.NetworkInterfaceId);
    const shown: NetworkInterfaces =
      attached?.type === NETWORK_INTERFACE
        ? networkOf(templates, attached)
        : {
            groups: { stack, value: first.GroupSet },
            subnets: { stack, value: first.SubnetId },
            publicAddress: publicAddressIn(first.AssociatePublicIpAddress),
          };
    return {
      ...shown,
      ...(fixed && { publicAddress: true }),
      ...(others.length > 0 && { doubt: severalInterfaces(instance) }),
    };
  }
  if (groups === undefined && launchTemplatesOf(templates, instance).length > 0) {
    const shown = ofInstances(templates, instance, { stack, value: subnet });
    return { ...shown, ...(fixed && { publicAddress: true }) };
  }
  return { groups: { stack, value: groups }, subnets: { stack, value: subnet }, publicAddress: fixed || 'subnet' };
}

function ofContainers({ stack, label, properties }: Resource): NetworkInterfaces {
  const { AwsvpcConfiguration: configuration } = properties.NetworkConfiguration ?? {};
  const { SecurityGroups: groups, Subnets: subnets, AssignPublicIp: address } = configuration ?? {};
  return {
    groups: { stack, value: groups },
    subnets: { stack, value: subnets },
    publicAddress: address === 'ENABLED' ? true : ['DISABLED', undefined].includes(address) ? false : 'unknown',
    ...(configuration === undefined && {
      doubt: `${label} has the network interfaces of the instances that its containers run on`,
    }),
  };
}

function ofOthers(templates: Templates, resource: Resource): NetworkInterfaces {
  const { stack, properties } = resource;
  const shape = shapeIn(properties);
  return shape === undefined && launchTemplatesOf(templates, resource).length > 0
    ? { ...ofInstances(templates, resource, { stack, value: properties.Subnets }), publicAddress: 'unknown' }
    : {
        groups: { stack, value: shape?.groups },
        subnets: { stack, value: shape?.subnets ?? subnetsIn(properties) },
        publicAddress: isLoadBalancer(resource) ? false : 'unknown',
      };
}

const GROUPS = /^(vpc)?SecurityGroup(s|Ids?|IdList)$/i;
const SUBNETS = /^(vpc)?Subnet(s|Ids?)$/i;

/** Groups and subnets wherever a resource's properties name them, for example in a `VpcConfig`. */
function shapeIn(value: unknown, depth = 5): { groups: unknown; subnets: unknown } | undefined {
  if (typeof value !== 'object' || value === null || depth === 0) {
    return undefined;
  }
  const groups = Object.entries(value).find(([key]) => GROUPS.test(key))?.[1];
  if (groups !== undefined) {
    return { groups, subnets: subnetsIn(value) };
  }
  for (const part of Object.values(value)) {
    const found = shapeIn(part, depth - 1);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

function subnetsIn(value: object): unknown {
  const { SubnetMappings: mappings, ...others } = value as Record<string, any>;
  return (
    Object.entries(others).find(([key]) => SUBNETS.test(key))?.[1] ??
    (Array.isArray(mappings) ? mappings.map(({ SubnetId: id }) => id) : undefined)
  );
}

function publicAddressIn(value: unknown): PublicAddress {
  return value === undefined ? 'subnet' : typeof value === 'boolean' ? value : 'unknown';
}

function severalInterfaces({ label }: Resource): string {
  return `${label} has several network interfaces, of which the first is looked at`;
}
