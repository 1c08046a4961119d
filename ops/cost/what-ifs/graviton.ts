import { withSource } from '../databases';
import type { StackTemplate } from '../estimate';
import { list, object, type Resource, type Template, text } from '../template';
import { type ChangedResource, type ChangedStacks, changedResources } from './changed-stacks';

/** Families of x86 processors, and the family of Graviton processors with as much memory for each. */
const GRAVITON: Readonly<Record<string, string>> = {
  t3: 't4g',
  t3a: 't4g',
  m5: 'm7g',
  m5a: 'm7g',
  m6i: 'm7g',
  m6a: 'm7g',
  m7i: 'm7g',
  m7a: 'm7g',
  c5: 'c7g',
  c5a: 'c7g',
  c6i: 'c7g',
  c6a: 'c7g',
  c7i: 'c7g',
  c7a: 'c7g',
  r5: 'r7g',
  r5a: 'r7g',
  r6i: 'r7g',
  r6a: 'r7g',
  r7i: 'r7g',
  r7a: 'r7g',
};

/**
 * Sizes that the Graviton families have.
 *
 * @see https://docs.aws.amazon.com/ec2/latest/instancetypes/gp.html
 */
const SIZES = /^(nano|micro|small|medium|large|xlarge|2xlarge|4xlarge|8xlarge|12xlarge|16xlarge)$/;

/** Engines that RDS has on Graviton. */
const DATABASE_ENGINES = new Set(['postgres', 'mysql', 'mariadb', 'aurora-postgresql', 'aurora-mysql']);

const CHANGES: Readonly<Record<string, (resource: Resource, template: Template) => ChangedResource | undefined>> = {
  'AWS::ElastiCache::ReplicationGroup': (resource) => typeOf(resource, 'CacheNodeType'),
  'AWS::ElastiCache::CacheCluster': (resource) => typeOf(resource, 'CacheNodeType'),
  'AWS::RDS::DBInstance': (resource, template) =>
    DATABASE_ENGINES.has(text(withSource(resource, template).Engine) ?? '')
      ? typeOf(resource, 'DBInstanceClass')
      : undefined,
  'AWS::EC2::LaunchTemplate': (resource) => {
    const data = object(resource.Properties?.LaunchTemplateData);
    const to = gravitonType(data.InstanceType);
    return to === undefined
      ? undefined
      : { properties: { LaunchTemplateData: { ...data, InstanceType: to } }, what: arrow(data.InstanceType, to) };
  },
  'AWS::AutoScaling::AutoScalingGroup': (resource) => {
    const policy = object(resource.Properties?.MixedInstancesPolicy);
    const launch = object(policy.LaunchTemplate);
    const overrides = (list(launch.Overrides) ?? []).map(object);
    const changed = overrides.flatMap(({ InstanceType }) => gravitonType(InstanceType) ?? []);
    if (changed.length === 0) {
      return undefined;
    }
    const types = new Set<unknown>();
    const Overrides = overrides
      .map((override) => ({ ...override, InstanceType: gravitonType(override.InstanceType) ?? override.InstanceType }))
      // Two x86 types may have the same one of Graviton, and a group has every type once.
      .filter(({ InstanceType }) => !types.has(InstanceType) && types.add(InstanceType));
    const names = (of: ReadonlyArray<{ readonly InstanceType?: unknown }>) =>
      of.map(({ InstanceType }) => text(InstanceType) ?? 'some type').join(', ');
    return {
      properties: { MixedInstancesPolicy: { ...policy, LaunchTemplate: { ...launch, Overrides } } },
      what: arrow(names(overrides), names(Overrides)),
    };
  },
};

/** Stacks with Graviton processors wherever a resource has x86 ones and a Graviton type of the same size exists. */
export function withGraviton(stacks: readonly StackTemplate[]): ChangedStacks {
  return changedResources(stacks, (resource, template) => CHANGES[resource.Type]?.(resource, template));
}

function typeOf(resource: Resource, property: string): ChangedResource | undefined {
  const type = resource.Properties?.[property];
  const to = gravitonType(type);
  return to === undefined ? undefined : { properties: { [property]: to }, what: arrow(type, to) };
}

/** The Graviton type of the same size, for example `db.m7g.large` of `db.m5.large`. */
function gravitonType(type: unknown): string | undefined {
  const [, service = '', family = '', size = ''] =
    /^((?:cache|db)\.)?([a-z0-9]+)\.([a-z0-9]+)$/.exec(text(type) ?? '') ?? [];
  const graviton = GRAVITON[family];
  return graviton === undefined || !SIZES.test(size) ? undefined : `${service}${graviton}.${size}`;
}

function arrow(from: unknown, to: string): string {
  return `${from} → ${to}`;
}
