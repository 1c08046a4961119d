import { createHash } from 'node:crypto';
import type { Resource, Templates } from '../../assembly/templates';
import { nameOf } from '../cache-plans';
import { arn } from '../control/names';
import { loadBalancingOf } from '../fleet-plan';
import type { Plan } from '../plan';

/** Longest names that AWS gives. */
const LONGEST = { cacheGroup: 255, database: 63, autoScalingGroup: 255, loadBalancer: 32 };

/**
 * What each resource that runs here is known by at its own service, by its id in the assembly: what CloudFormation calls
 * the physical id.
 */
export function physicalIds(plan: Plan, region: string): ReadonlyMap<string, string> {
  const { templates, fleet } = plan.source;
  const caches = [...plan.replicationGroups, ...plan.memcachedClusters, ...plan.serverlessCaches];
  const groups = [
    ...templates.all('AWS::ElastiCache::ParameterGroup'),
    ...templates.all('AWS::ElastiCache::SubnetGroup'),
  ];
  const { targetGroup, loadBalancer } = fleet === undefined ? {} : loadBalancingOf(templates, fleet);
  return new Map([
    ...caches.map(({ id, name }): [string, string] => [id, name]),
    ...groups.map((group): [string, string] => [
      group.id,
      group.type === 'AWS::ElastiCache::SubnetGroup'
        ? subnetGroupName(templates, group)
        : parameterGroupName(templates, group),
    ]),
    ...plan.databases
      .flatMap(({ id }) => databaseResource(templates, id))
      .map((database): [string, string] => [database.id, databaseName(templates, database)]),
    ...(fleet === undefined ? [] : [[fleet.id, fleetName(templates, fleet)] as const]),
    ...(targetGroup === undefined ? [] : [[targetGroup.id, targetGroupArn(templates, targetGroup, region)] as const]),
    ...(loadBalancer === undefined
      ? []
      : [[loadBalancer.id, loadBalancerArn(templates, loadBalancer, region)] as const]),
  ]);
}

export function parameterGroupName(templates: Templates, group: Resource): string {
  return nameOf(templates, group, 'CacheParameterGroupName', LONGEST.cacheGroup);
}

export function subnetGroupName(templates: Templates, group: Resource): string {
  return nameOf(templates, group, 'CacheSubnetGroupName', LONGEST.cacheGroup);
}

/** The resource of a database that runs. */
export function databaseResource(templates: Templates, id: string): Resource[] {
  return templates.all('AWS::RDS::DBInstance').filter((resource) => resource.id === id);
}

export function databaseName(templates: Templates, database: Resource): string {
  return nameOf(templates, database, 'DBInstanceIdentifier', LONGEST.database);
}

export function fleetName(templates: Templates, fleet: Resource): string {
  return nameOf(templates, fleet, 'AutoScalingGroupName', LONGEST.autoScalingGroup);
}

export function loadBalancerName(templates: Templates, resource: Resource): string {
  return nameOf(templates, resource, 'Name', LONGEST.loadBalancer);
}

export function loadBalancerArn(templates: Templates, loadBalancer: Resource, region: string): string {
  const name = loadBalancerName(templates, loadBalancer);
  return arn('elasticloadbalancing', region, `loadbalancer/app/${name}/${hexOf(loadBalancer.id, 16)}`);
}

export function targetGroupArn(templates: Templates, targetGroup: Resource, region: string): string {
  const name = loadBalancerName(templates, targetGroup);
  return arn('elasticloadbalancing', region, `targetgroup/${name}/${hexOf(targetGroup.id, 16)}`);
}

export function listenerArn(loadBalancer: string, listener: Resource): string {
  return `${loadBalancer.replace(':loadbalancer/', ':listener/')}/${hexOf(listener.id, 16)}`;
}

/** Hexadecimal digits that AWS would make at random, the same at every start. */
export function hexOf(id: string, length: number): string {
  return createHash('sha256').update(id).digest('hex').slice(0, length);
}
