import { join } from 'node:path';
import { Assembly, type AssemblyEnvironment, type TemplateResource } from '../../../assembly/assembly';
import { reachabilityFindings, reachabilityReports, whoCanTable } from '../../../lib/checks/reachability';
import { PROJECT } from '../../engines/folders';
import { NO_EGRESS } from './foreign-app';

const environments = new Assembly(join(PROJECT, 'cdk.out')).environments.map(
  (environment) => [environment.name, environment] as const,
);

/** An environment where a resource is another, or none. */
function changed(
  environment: AssemblyEnvironment,
  change: (resource: TemplateResource, id: string) => TemplateResource | undefined,
): AssemblyEnvironment {
  const stacks = environment.stacks.map((stack) => ({
    ...stack,
    resources: Object.fromEntries(
      Object.entries(stack.resources).flatMap(([id, resource]) => {
        const other = change(resource, id);
        return other === undefined ? [] : [[id, other]];
      }),
    ),
  }));
  return { ...environment, stacks };
}

/** What is found, without the ends of logical ids. */
function found(environment: AssemblyEnvironment): string[] {
  return reachabilityFindings([environment]).map(
    ({ severity, rule, metadata }) => `${severity} ${rule}: ${metadata?.from} > ${metadata?.to}`,
  );
}

const without =
  (description: string) =>
  (resource: TemplateResource): TemplateResource | undefined =>
    resource.Properties?.Description === description ? undefined : resource;

test('are three', () => {
  expect(environments.map(([name]) => name)).toEqual(['dev', 'staging', 'prod']);
});

test.each(environments)('%s: everything is reached by whom it is for, and by nobody else', (_, environment) => {
  expect(reachabilityFindings([environment])).toEqual([]);
});

test.each(environments)('%s: who can', (name, environment) => {
  const rows = whoCanTable(reachabilityReports([environment]))
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| --'))
    .map((line) =>
      line
        .split('|')
        .map((cell) => cell.trim())
        .slice(1, -2)
        .join(' '),
    );

  expect(rows.map((row) => row.replaceAll(`${name}/`, ''))).toEqual([
    'who role reaches state',
    'service/Service/Fleet/Group/ASG consumer data/Database:5432 can',
    'service/Service/Fleet/Deploymain/Handler consumer data/Database:5432 can',
    'service/Service/Fleet/Group/ASG consumer data/Objects/Cache:11211 can',
    'service/Service/Fleet/Group/ASG consumer data/Sessions/Cache:6379 can',
    'service/Service/Fleet/Group/ASG consumer S3:443 can',
    'service/Service/Fleet/Group/ASG consumer CloudWatch Logs:443 can',
    'service/Service/Fleet/Group/ASG consumer CloudWatch:443 can',
    'service/Service/Fleet/Deploymain/Handler consumer Secrets Manager:443 can',
  ]);
});

const FLEET = 'service/Service/Fleet/Group/ASG';
const STEP = 'service/Service/Fleet/Deploymain/Handler';
const SERVICES = ['S3', 'CloudWatch Logs', 'CloudWatch'];

describe.each(environments)('%s', (name, environment) => {
  const error = (rule: string, from: string, to: string) => `error ${rule}: ${name}/${from} > ${to}`;
  const target = (path: string) => `${name}/data/${path}`;

  test.each<[string, string, string, string]>([
    ['Fleet uses cache objects', 'cache-unreachable', FLEET, 'Objects/Cache'],
    ['Fleet uses cache sessions', 'cache-unreachable', FLEET, 'Sessions/Cache'],
    ['Fleet uses database main', 'database-unreachable', FLEET, 'Database'],
    ['Migrations', 'database-unreachable', STEP, 'Database'],
  ])('without the rule "%s"', (description, rule, from, to) => {
    expect(found(changed(environment, without(description)))).toEqual([error(rule, from, target(to))]);
  });

  test('the load balancer reaches no data, and it is no finding that it does not', () => {
    expect(found(changed(environment, without('Load balancer to target')))).toEqual([]);
  });

  test.each<[RegExp, string[]]>([
    [
      /^ServiceFleetSecurityGroup[0-9A-F]{8}$/,
      [
        error('database-unreachable', FLEET, target('Database')),
        error('cache-unreachable', FLEET, target('Objects/Cache')),
        error('cache-unreachable', FLEET, target('Sessions/Cache')),
        ...SERVICES.map((service) => error('service-unreachable', FLEET, service)),
      ],
    ],
    [
      /^ServiceFleetDeploymainHandlerSecurityGroup[0-9A-F]{8}$/,
      [error('database-unreachable', STEP, target('Database')), error('service-unreachable', STEP, 'Secrets Manager')],
    ],
  ])('where %s lets nothing out', (group, expected) => {
    const closed = changed(environment, (resource, id) =>
      group.test(id)
        ? { ...resource, Properties: { ...resource.Properties, SecurityGroupEgress: [NO_EGRESS] } }
        : resource,
    );

    expect(found(closed)).toEqual(expected);
  });

  test('without NAT gateways, CloudWatch and the secret are lost, and S3 has its endpoint', () => {
    const isolated = changed(environment, (resource) =>
      resource.Properties?.NatGatewayId === undefined ? resource : undefined,
    );

    expect(found(isolated)).toEqual([
      error('service-unreachable', FLEET, 'CloudWatch Logs'),
      error('service-unreachable', FLEET, 'CloudWatch'),
      error('service-unreachable', STEP, 'Secrets Manager'),
    ]);
  });

  test('without the endpoint of S3, the NAT gateways lead there', () => {
    const plain = changed(environment, ({ Type, ...resource }) =>
      Type === 'AWS::EC2::VPCEndpoint' ? undefined : { Type, ...resource },
    );

    expect(found(plain)).toEqual([]);
  });
});
