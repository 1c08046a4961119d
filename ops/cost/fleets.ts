import type { Pricing, ResourceLines } from './resource-lines';
import { flag, list, object, type Resource, referenced, type Template, text, wholeNumber } from './template';

/** Metrics that EC2 charges for an instance with detailed monitoring. The price's source counts as many. */
const DETAILED_METRICS = 7;

/** What gp3 includes (https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html). */
const GP3_INCLUDES = { Iops: 3000, Throughput: 125 } as const;

/** What fleets of instances cost. */
export const FLEETS: Readonly<Record<string, Pricing>> = {
  'AWS::AutoScaling::AutoScalingGroup': (resource, lines, template) => {
    const { DesiredCapacity, MinSize, LaunchTemplate, MixedInstancesPolicy } = resource.Properties ?? {};
    const size = wholeNumber(DesiredCapacity ?? MinSize);
    const mixed = object(object(MixedInstancesPolicy).LaunchTemplate);
    const data = launchTemplate(template, LaunchTemplate ?? mixed.LaunchTemplateSpecification);
    if (data === undefined) {
      lines.unknown('instances of the fleet', 'its launch template is not in the same template');
      return;
    }
    instances(object(MixedInstancesPolicy), data, size, lines);
    volumes(data, size, lines);
    const detailed = flag(object(data.Monitoring).Enabled);
    if (detailed !== false) {
      const metrics = size === undefined || detailed === undefined ? undefined : size * DETAILED_METRICS;
      lines.units('detailed monitoring of the instances', 'ec2/detailed-monitoring', metrics);
    }
    const addresses = (list(data.NetworkInterfaces) ?? [{ AssociatePublicIpAddress: {} }]).map((network) =>
      flag(object(network).AssociatePublicIpAddress),
    );
    if (addresses.some((address) => address !== false)) {
      lines.hours('public IPv4 addresses of the instances', 'public-ipv4', addresses.every(Boolean) ? size : undefined);
    }
  },
};

function launchTemplate(template: Template, specification: unknown): Readonly<Record<string, unknown>> | undefined {
  const found: Resource | undefined = referenced(template, object(specification).LaunchTemplateId);
  return found?.Type === 'AWS::EC2::LaunchTemplate' ? object(found.Properties?.LaunchTemplateData) : undefined;
}

function instances(
  policy: Readonly<Record<string, unknown>>,
  data: Readonly<Record<string, unknown>>,
  size: number | undefined,
  lines: ResourceLines,
): void {
  const type = onDemandType(policy, data);
  const spot = spotInstances(policy, size);
  const onDemand = size === undefined || spot === undefined ? undefined : size - spot;
  if (onDemand !== 0) {
    const ec2 = type === undefined ? undefined : `ec2/${type}`;
    lines.hours(`${onDemand ?? 'some'} × ${type ?? 'instance of some type'}`, ec2, onDemand);
  }
  if (spot !== 0) {
    const taken = spotTypes(policy, data) ?? ['of some type'];
    lines.unknown(`${spot ?? 'some'} × Spot instance, ${taken.join(' or ')}`, 'a Spot price changes from hour to hour');
  }
}

/** The type of the instances that are not Spot; nothing if several may be taken or the template does not say. */
function onDemandType(
  policy: Readonly<Record<string, unknown>>,
  data: Readonly<Record<string, unknown>>,
): string | undefined {
  const types = instanceTypes(policy, data);
  const first = text(types[0]);
  // AWS takes the order of the list unless the group says otherwise (or asks by requirements, without types).
  const strategy = object(policy.InstancesDistribution).OnDemandAllocationStrategy ?? 'prioritized';
  const prioritized = text(strategy) === 'prioritized';
  return prioritized || types.every((type) => type === first) ? first : undefined;
}

/** Types that a Spot instance may have; nothing if the template does not say. */
function spotTypes(
  policy: Readonly<Record<string, unknown>>,
  data: Readonly<Record<string, unknown>>,
): string[] | undefined {
  const types = instanceTypes(policy, data).map((type) => text(type));
  return types.every((type) => type !== undefined) ? types : undefined;
}

/** What the instances' types are, each a text or a value that the template does not say. */
function instanceTypes(
  policy: Readonly<Record<string, unknown>>,
  data: Readonly<Record<string, unknown>>,
): readonly unknown[] {
  const overrides = (list(object(policy.LaunchTemplate).Overrides) ?? [{ InstanceType: {} }]).map(
    (override) => object(override).InstanceType ?? {},
  );
  return overrides.length === 0 ? [data.InstanceType] : overrides;
}

function spotInstances(policy: Readonly<Record<string, unknown>>, size: number | undefined): number | undefined {
  const { OnDemandBaseCapacity, OnDemandPercentageAboveBaseCapacity } = object(policy.InstancesDistribution);
  const base = wholeNumber(OnDemandBaseCapacity, 0);
  const percentage = wholeNumber(OnDemandPercentageAboveBaseCapacity, 100);
  if (percentage === 100) {
    return 0;
  }
  if (size === undefined || base === undefined || percentage === undefined) {
    return undefined;
  }
  const aboveBase = Math.max(0, size - base);
  return aboveBase - Math.ceil((aboveBase * percentage) / 100);
}

function volumes(data: Readonly<Record<string, unknown>>, size: number | undefined, lines: ResourceLines): void {
  const mappings = list(data.BlockDeviceMappings) ?? [];
  if (mappings.length === 0) {
    lines.unknown('volumes of the instances', 'the image decides their size');
  }
  for (const mapping of mappings) {
    const ebs = object(object(mapping).Ebs);
    const [kind, gigabytes] = [text(ebs.VolumeType), wholeNumber(ebs.VolumeSize)];
    const all = size === undefined || gigabytes === undefined ? undefined : size * gigabytes;
    lines.units(`volumes of the instances, ${kind ?? 'some kind'}`, kind && `ebs/${kind}`, all);
    for (const [property, included] of Object.entries(GP3_INCLUDES)) {
      if ((wholeNumber(ebs[property], 0) ?? Number.POSITIVE_INFINITY) > included) {
        lines.unknown(`volumes of the instances, ${property} beyond ${included}`, 'its price is not in the list');
      }
    }
  }
}
