import { join } from 'node:path';
import { App, Stack, Stage } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as fc from 'fast-check';
import { Assembly, type AssemblyEnvironment, type TemplateResource } from '../../assembly/assembly';
import { type Connection, connectionsOf, connectionsOfFleet } from '../../assembly/reachability';
import { type Resource, Templates } from '../../assembly/templates';
import cdkJson from '../../cdk.json';
import {
  Application,
  CacheNodeType,
  ClientSecurityGroup,
  Database,
  MemcachedCluster,
  ReplicationGroup,
  ServerlessCache,
  WebFleet,
  type WebFleetProps,
} from '../../lib';
import { writeAssembly, writtenFleet } from '../assembly/write-assembly';
import { judgeRandomNetworks } from '../checks/reachability/disagreements';
import { PROJECT } from '../engines/folders';
import { applicationDirectory, vpcIn } from '../lib/stacks';

// The templates are read here, not judged.
process.env.CDK_VALIDATION = 'false';

/** CDK's rule for a group that lets nothing out: it is there so that EC2 does not add its own. */
const NO_EGRESS = { CidrIp: '255.255.255.255/32', IpProtocol: 'icmp', FromPort: 252, ToPort: 86 };

const FLEET = 'AWS::AutoScaling::AutoScalingGroup';
const CACHE = 'AWS::ElastiCache::ReplicationGroup';

/** A connection in short, for example `AutoScalingGroup > CacheCluster:11211 open`. */
function short({ from, to, port, state }: Connection): string {
  const [source, target] = [from, to].map(({ type }) => type.split('::').at(-1));
  return `${source} > ${target}:${port} ${state}`;
}

/** What a connection says besides its state. */
function told(connection: Connection): string {
  return connection.state === 'closed' ? connection.missing : connection.state === 'unknown' ? connection.why : '';
}

function fleetOf(templates: Templates): Resource {
  return templates.all(FLEET)[0] as Resource;
}

describe('the environments of this project', () => {
  const assembly = new Assembly(join(PROJECT, 'cdk.out'));
  const environments = assembly.environments.map((environment) => [environment.name, environment] as const);
  const PAIRS = [
    'LoadBalancer > AutoScalingGroup:8080',
    'AutoScalingGroup > CacheCluster:11211',
    'AutoScalingGroup > ReplicationGroup:6379',
    'AutoScalingGroup > DBInstance:5432',
    'Function > DBInstance:5432',
  ];

  /** The connections where a resource is another, or none. */
  function connectionsWith(
    environment: AssemblyEnvironment,
    change: (resource: TemplateResource, id: string) => TemplateResource | undefined,
  ): Connection[] {
    const stacks = environment.stacks.map((stack) => ({
      ...stack,
      resources: Object.fromEntries(
        Object.entries(stack.resources).flatMap(([id, resource]) => {
          const changed = change(resource, id);
          return changed === undefined ? [] : [[id, changed]];
        }),
      ),
    }));
    const templates = new Templates({ name: environment.name, stacks });
    return connectionsOfFleet(templates, fleetOf(templates));
  }

  /** Which pairs are not open, each with what is told. */
  function lost(connections: readonly Connection[]): Array<[string, string]> {
    return connections
      .filter(({ state }) => state !== 'open')
      .map((connection) => [short(connection), told(connection)]);
  }

  test('are three', () => {
    expect(environments.map(([name]) => name)).toEqual(['dev', 'staging', 'prod']);
  });

  test.each(environments)('%s: every pair is open', (_, environment) => {
    expect(
      connectionsWith(environment, (resource) => resource)
        .map(short)
        .sort(),
    ).toEqual(PAIRS.map((pair) => `${pair} open`).sort());
  });

  // By what the rules describe themselves as: the pair, and both security groups.
  const INGRESS: Array<[string, string, RegExp]> = [
    [
      'Load balancer to target',
      'LoadBalancer > AutoScalingGroup:8080',
      /service\/ServiceFleetSecurityGroup\w+ has no ingress from \w+\/service\/ServiceFleetLoadBalancerSecurityGroup\w+;/,
    ],
    [
      'Fleet uses cache objects',
      'AutoScalingGroup > CacheCluster:11211',
      /data\/ObjectsCacheSecurityGroup\w+ has no ingress from \w+\/service\/ServiceFleetSecurityGroup\w+; `fleet\.useCache\('objects', cache\)`/,
    ],
    [
      'Fleet uses cache sessions',
      'AutoScalingGroup > ReplicationGroup:6379',
      /data\/SessionsCacheSecurityGroup\w+ has no ingress from \w+\/service\/ServiceFleetSecurityGroup\w+; `fleet\.useCache\('sessions', cache\)`/,
    ],
    [
      'Fleet uses database main',
      'AutoScalingGroup > DBInstance:5432',
      /data\/DatabaseSecurityGroup\w+ has no ingress from \w+\/service\/ServiceFleetSecurityGroup\w+; `fleet\.useDatabase\('main', database\)`/,
    ],
    [
      'Migrations',
      'Function > DBInstance:5432',
      /data\/DatabaseSecurityGroup\w+ has no ingress from \w+\/service\/ServiceFleetDeploymainHandlerSecurityGroup\w+; `database\.connections/,
    ],
  ];

  test.each(
    environments.flatMap(([name, environment]) =>
      INGRESS.map(([description, pair, message]) => ({ name, environment, description, pair, message })),
    ),
  )('$name without the rule "$description"', ({ environment, description, pair, message }) => {
    const connections = connectionsWith(environment, (resource) =>
      resource.Type === 'AWS::EC2::SecurityGroupIngress' && resource.Properties?.Description === description
        ? undefined
        : resource,
    );

    expect(lost(connections)).toEqual([[`${pair} closed`, expect.stringMatching(message)]]);
  });

  test.each(environments)('%s: each stand-alone rule for what comes in is one of those', (_, { stacks }) => {
    const descriptions = stacks.flatMap(({ resources }) =>
      Object.values(resources)
        .filter(({ Type: type }) => type === 'AWS::EC2::SecurityGroupIngress')
        .map(({ Properties: properties }) => properties?.Description),
    );

    expect(descriptions.sort()).toEqual(INGRESS.map(([description]) => description).sort());
  });

  // By the logical ids of the groups.
  const EGRESS: Array<[RegExp, string[]]> = [
    [/^ServiceFleetSecurityGroup[0-9A-F]{8}$/, PAIRS.slice(1, 4)],
    [/^ServiceFleetDeploymainHandlerSecurityGroup[0-9A-F]{8}$/, PAIRS.slice(4)],
    [/^\w+(Cache|Database)SecurityGroup[0-9A-F]{8}$/, []],
  ];

  test.each(
    environments.flatMap(([name, environment]) =>
      EGRESS.map(([group, pairs]) => ({ name, environment, group, pairs })),
    ),
  )('$name where $group lets nothing out', ({ environment, group, pairs }) => {
    const connections = connectionsWith(environment, (resource, id) =>
      group.test(id)
        ? { ...resource, Properties: { ...resource.Properties, SecurityGroupEgress: [NO_EGRESS] } }
        : resource,
    );

    expect(
      lost(connections)
        .map(([pair]) => pair)
        .sort(),
    ).toEqual(pairs.map((pair) => `${pair} closed`).sort());
    for (const [, message] of lost(connections)) {
      expect(message).toMatch(
        /: the security group \w+\/service\/\w+ has no egress to \w+\/data\/\w+SecurityGroup\w+; `/,
      );
    }
  });

  test.each(environments)('%s: the load balancer without its only rule has that of EC2, or none', (_, environment) => {
    const without = (egress: object) =>
      connectionsWith(environment, (resource, id) =>
        resource.Type === 'AWS::EC2::SecurityGroupEgress'
          ? undefined
          : /LoadBalancerSecurityGroup[0-9A-F]{8}$/.test(id)
            ? { ...resource, Properties: { ...resource.Properties, ...egress } }
            : resource,
      );

    expect(lost(without({}))).toEqual([]);
    expect(lost(without({ SecurityGroupEgress: [NO_EGRESS] }))).toEqual([
      [
        'LoadBalancer > AutoScalingGroup:8080 closed',
        expect.stringMatching(
          /service\/ServiceFleetLoadBalancerSecurityGroup\w+ has no egress to \w+\/service\/ServiceFleetSecurityGroup\w+; `fleet\.connections\.allowFrom\(fleet\.loadBalancer, ec2\.Port\.tcp\(8080\)\)` adds it$/,
        ),
      ],
    ]);
  });
});

/** The rule that a network of the table needs, or what is in its place. */
const FROM_FLEET = { SourceSecurityGroupId: { 'Fn::GetAtt': ['FleetGroup', 'GroupId'] } };
const TCP_6379 = { IpProtocol: 'tcp', FromPort: 6_379, ToPort: 6_379 };

const type = (name: string, properties: object = {}) => ({ Type: `AWS::${name}`, Properties: properties });

/**
 * A stack `Net` with a VPC and its subnets, `Data` with a cache, `Mine` with a fleet. Resources of the changes come to
 * those, or in their place.
 */
function connect(changes: { data?: object; mine?: object }, targets = [CACHE], from = FLEET): Connection[] {
  const vpc = { 'Fn::ImportValue': 'Vpc' };
  const subnets = ['A', 'B', 'C', 'D'];
  const exported = (names: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(names).map(([name, Value]) => [name, { Value, Export: { Name: name } }]));
  const assembly = writeAssembly({
    stacks: {
      Net: {
        Resources: {
          Vpc: type('EC2::VPC', { CidrBlock: '10.0.0.0/16' }),
          ...Object.fromEntries(
            subnets.map((name, index) => [
              name,
              type('EC2::Subnet', { CidrBlock: `10.0.${index}.0/24`, VpcId: { Ref: 'Vpc' } }),
            ]),
          ),
        },
        Outputs: exported(Object.fromEntries(['Vpc', ...subnets].map((name) => [name, { Ref: name }]))),
      },
      Data: {
        Resources: {
          CacheGroup: type('EC2::SecurityGroup', { VpcId: vpc }),
          CacheSubnets: type('ElastiCache::SubnetGroup', {
            SubnetIds: [{ 'Fn::ImportValue': 'C' }, { 'Fn::ImportValue': 'D' }],
          }),
          Cache: cache(),
          ...changes.data,
        },
        Outputs: exported({
          CacheGroup: { 'Fn::GetAtt': ['CacheGroup', 'GroupId'] },
          CachePort: { 'Fn::GetAtt': ['Cache', 'PrimaryEndPoint.Port'] },
        }),
      },
      Mine: {
        Resources: {
          FleetGroup: type('EC2::SecurityGroup', { VpcId: vpc }),
          Template: template(),
          Fleet: fleet(),
          ...changes.mine,
        },
        Outputs: exported({ FleetGroup: { 'Fn::GetAtt': ['FleetGroup', 'GroupId'] } }),
      },
    },
  });
  const templates = new Templates(assembly.environments[0] as AssemblyEnvironment);
  return templates.all(from).flatMap((source) =>
    connectionsOf(
      templates,
      source,
      targets.flatMap((target) => templates.all(target)),
    ),
  );
}

function cache(properties: object = {}) {
  return type('ElastiCache::ReplicationGroup', {
    Engine: 'valkey',
    SecurityGroupIds: [{ 'Fn::GetAtt': ['CacheGroup', 'GroupId'] }],
    CacheSubnetGroupName: { Ref: 'CacheSubnets' },
    ...properties,
  });
}

function template(data: object = { SecurityGroupIds: [{ Ref: 'FleetGroup' }] }) {
  return type('EC2::LaunchTemplate', { LaunchTemplateData: data });
}

function fleet(properties: object = {}) {
  return writtenFleet(
    {},
    {
      LaunchTemplate: { LaunchTemplateId: { Ref: 'Template' } },
      VPCZoneIdentifier: [{ 'Fn::ImportValue': 'A' }, { 'Fn::ImportValue': 'B' }],
      ...properties,
    },
  );
}

/** A stand-alone rule of the cache's group, in the fleet's stack. */
function ingress(properties: object) {
  return {
    mine: { In: type('EC2::SecurityGroupIngress', { GroupId: { 'Fn::ImportValue': 'CacheGroup' }, ...properties }) },
  };
}

/** A group of the fleet that lets out only what is said, and a cache that lets the fleet in. */
function egress(...rules: object[]) {
  return {
    mine: {
      ...ingress({ ...TCP_6379, ...FROM_FLEET }).mine,
      FleetGroup: type('EC2::SecurityGroup', { VpcId: { 'Fn::ImportValue': 'Vpc' }, SecurityGroupEgress: rules }),
    },
  };
}

/** A cache's group with a rule in it. */
function inline(rules: unknown, egressRules?: unknown) {
  return {
    CacheGroup: type('EC2::SecurityGroup', { SecurityGroupIngress: rules, SecurityGroupEgress: egressRules }),
  };
}

const FLEETS = { 'Fn::ImportValue': 'FleetGroup' };
const PARAMETER = { Ref: 'Parameter' };
const RULE_UNKNOWN = 'what Mine/In lets through is known to a deploy only';
const NO_INGRESS = 'the security group Data/CacheGroup has no ingress from Mine/FleetGroup';
const NO_WAY_OUT = 'the security group Mine/FleetGroup has no egress to Data/CacheGroup';

describe('what rules let through', () => {
  test.each<[string, Parameters<typeof connect>[0]]>([
    ['a stand-alone rule of another stack', ingress({ ...TCP_6379, ...FROM_FLEET })],
    ['a rule in the group', { data: inline([{ ...TCP_6379, SourceSecurityGroupId: FLEETS }]) }],
    ['a group by its Ref', ingress({ ...TCP_6379, SourceSecurityGroupId: { Ref: 'FleetGroup' } })],
    ['a protocol by its number', ingress({ ...TCP_6379, IpProtocol: '6', ...FROM_FLEET })],
    ['a protocol in capitals', ingress({ ...TCP_6379, IpProtocol: 'TCP', ...FROM_FLEET })],
    ['a protocol by its number, not in quotes', ingress({ ...TCP_6379, IpProtocol: 6, ...FROM_FLEET })],
    ['all protocols', ingress({ IpProtocol: '-1', ...FROM_FLEET })],
    ['all protocols, whatever the ports', ingress({ IpProtocol: -1, FromPort: 1, ToPort: 2, ...FROM_FLEET })],
    ['ports around it', ingress({ IpProtocol: 'tcp', FromPort: 0, ToPort: 65_535, ...FROM_FLEET })],
    ['ports that end with it', ingress({ IpProtocol: 'tcp', FromPort: 6_000, ToPort: 6_379, ...FROM_FLEET })],
    ['ports that begin with it', ingress({ IpProtocol: 'tcp', FromPort: '6379', ToPort: '6400', ...FROM_FLEET })],
    [
      'a port of the endpoint',
      ingress({
        IpProtocol: 'tcp',
        FromPort: { 'Fn::ImportValue': 'CachePort' },
        ToPort: { 'Fn::ImportValue': 'CachePort' },
        ...FROM_FLEET,
      }),
    ],
    ['all addresses', ingress({ ...TCP_6379, CidrIp: '0.0.0.0/0' })],
    ['the addresses of the VPC', ingress({ ...TCP_6379, CidrIp: '10.0.0.0/16' })],
    ['the addresses of the VPC, as it says them', ingress({ ...TCP_6379, CidrIp: { 'Fn::ImportValue': 'Vpc' } })],
    ['the addresses of its subnets', ingress({ ...TCP_6379, CidrIp: '10.0.0.0/23' })],
    ['addresses that begin in the middle', ingress({ ...TCP_6379, CidrIp: '10.0.1.77/23' })],
    [
      'several rules together',
      {
        data: inline(['10.0.0.0/25', '10.0.0.128/25', '10.0.1.0/24'].map((CidrIp) => ({ ...TCP_6379, CidrIp }))),
      },
    ],
    [
      'a prefix list',
      {
        mine: {
          ...ingress({ ...TCP_6379, SourcePrefixListId: { 'Fn::GetAtt': ['List', 'PrefixListId'] } }).mine,
          List: type('EC2::PrefixList', { Entries: [{ Cidr: '10.0.0.0/24' }, { Cidr: '10.0.1.0/24' }] }),
        },
      },
    ],
    [
      'a way out to the group',
      egress({ ...TCP_6379, DestinationSecurityGroupId: { 'Fn::ImportValue': 'CacheGroup' } }),
    ],
    ['a way out to the addresses', egress(NO_EGRESS, { ...TCP_6379, CidrIp: '10.0.2.0/23' })],
    ['an empty list, to which EC2 adds its own', egress()],
    [
      'one of several groups on each side',
      {
        data: {
          Cache: cache({ SecurityGroupIds: [{ Ref: 'CacheGroup' }, { Ref: 'Second' }] }),
          Second: type('EC2::SecurityGroup'),
          CacheGroup: type('EC2::SecurityGroup', {
            SecurityGroupIngress: [{ ...TCP_6379, SourceSecurityGroupId: FLEETS }],
          }),
        },
        mine: {
          Template: template({ SecurityGroupIds: [{ Ref: 'FleetGroup' }, { Ref: 'Second' }] }),
          FleetGroup: type('EC2::SecurityGroup', { SecurityGroupEgress: [NO_EGRESS] }),
          Second: type('EC2::SecurityGroup'),
        },
      },
    ],
    [
      'the network interface of a launch template',
      {
        mine: {
          ...ingress({ ...TCP_6379, ...FROM_FLEET }).mine,
          Template: template({ NetworkInterfaces: [{ DeviceIndex: 0, Groups: [{ Ref: 'FleetGroup' }] }] }),
        },
      },
    ],
    [
      'the launch template of a mixed group',
      {
        mine: {
          ...ingress({ ...TCP_6379, ...FROM_FLEET }).mine,
          Fleet: fleet({
            LaunchTemplate: undefined,
            MixedInstancesPolicy: {
              LaunchTemplate: { LaunchTemplateSpecification: { LaunchTemplateId: { Ref: 'Template' } } },
            },
          }),
        },
      },
    ],
    [
      'an imported group that the templates let in',
      {
        data: {
          Cache: cache({ SecurityGroupIds: ['sg-1'] }),
          In: type('EC2::SecurityGroupIngress', { GroupId: 'sg-1', ...TCP_6379, SourceSecurityGroupId: FLEETS }),
        },
      },
    ],
    [
      'an unknown group beside one that is enough',
      {
        data: {
          Cache: cache({ SecurityGroupIds: [PARAMETER, { Ref: 'CacheGroup' }] }),
          ...inline([{ ...TCP_6379, SourceSecurityGroupId: FLEETS }]),
        },
      },
    ],
  ])('open: %s', (_, changes) => {
    expect(connect(changes).map((connection) => [short(connection), told(connection)])).toEqual([
      ['AutoScalingGroup > ReplicationGroup:6379 open', ''],
    ]);
  });

  test.each<[string, Parameters<typeof connect>[0], string]>([
    ['no rule', {}, NO_INGRESS],
    ['another port', ingress({ IpProtocol: 'tcp', FromPort: 6_380, ToPort: 6_400, ...FROM_FLEET }), NO_INGRESS],
    ['ports before it', ingress({ IpProtocol: 'tcp', FromPort: 1, ToPort: 6_378, ...FROM_FLEET }), NO_INGRESS],
    [
      'ports before it, from an unknown one',
      ingress({ IpProtocol: 'tcp', FromPort: PARAMETER, ToPort: 80, ...FROM_FLEET }),
      NO_INGRESS,
    ],
    ['another protocol', ingress({ ...TCP_6379, IpProtocol: 'udp', ...FROM_FLEET }), NO_INGRESS],
    ['another group', ingress({ ...TCP_6379, SourceSecurityGroupId: { 'Fn::ImportValue': 'CacheGroup' } }), NO_INGRESS],
    ['an imported group', ingress({ ...TCP_6379, SourceSecurityGroupId: 'sg-1' }), NO_INGRESS],
    ['a rule of an imported group', ingress({ GroupId: 'sg-1', ...TCP_6379, ...FROM_FLEET }), NO_INGRESS],
    [
      'a rule for what goes out of the cache',
      { data: inline([], [{ ...TCP_6379, DestinationSecurityGroupId: FLEETS }]) },
      NO_INGRESS,
    ],
    [
      'addresses of one subnet of two',
      ingress({ ...TCP_6379, CidrIp: '10.0.0.0/24' }),
      `${NO_INGRESS} or from all of 10.0.1.0/24`,
    ],
    [
      'a part of the addresses',
      ingress({ ...TCP_6379, CidrIp: '10.0.0.0/25' }),
      `${NO_INGRESS} or from all of 10.0.0.0/24, 10.0.1.0/24`,
    ],
    ['addresses of IPv6', ingress({ ...TCP_6379, CidrIpv6: '::/0' }), NO_INGRESS],
    ["CDK's rule that lets nothing out", egress(NO_EGRESS), NO_WAY_OUT],
    [
      'a way out to elsewhere',
      egress({ ...TCP_6379, CidrIp: '10.0.3.0/24' }),
      `${NO_WAY_OUT} or to all of 10.0.2.0/24`,
    ],
    [
      'a way out of another port',
      egress({ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, CidrIp: '0.0.0.0/0' }),
      NO_WAY_OUT,
    ],
    [
      'a stand-alone way out, which takes that of EC2 away',
      {
        mine: {
          ...ingress({ ...TCP_6379, ...FROM_FLEET }).mine,
          Out: type('EC2::SecurityGroupEgress', {
            GroupId: { Ref: 'FleetGroup' },
            IpProtocol: 'tcp',
            FromPort: 443,
            ToPort: 443,
            CidrIp: '0.0.0.0/0',
          }),
        },
      },
      NO_WAY_OUT,
    ],
    [
      'neither half',
      { mine: { FleetGroup: type('EC2::SecurityGroup', { SecurityGroupEgress: [NO_EGRESS] }) } },
      `${NO_WAY_OUT}, and ${NO_INGRESS}`,
    ],
    [
      'a way out that is not there, and a way in that is not known',
      {
        mine: { FleetGroup: type('EC2::SecurityGroup', { SecurityGroupEgress: [NO_EGRESS] }) },
        data: inline([{ ...TCP_6379, SourceSecurityGroupId: PARAMETER }]),
      },
      NO_WAY_OUT,
    ],
    [
      'none of several groups',
      {
        data: {
          Cache: cache({ SecurityGroupIds: [{ Ref: 'CacheGroup' }, { Ref: 'Second' }] }),
          Second: type('EC2::SecurityGroup'),
        },
        mine: {
          Template: template({ SecurityGroupIds: [{ Ref: 'FleetGroup' }, { Ref: 'Second' }] }),
          Second: type('EC2::SecurityGroup'),
        },
      },
      'the security groups Data/CacheGroup and Data/Second have no ingress from Mine/FleetGroup or Mine/Second',
    ],
  ])('closed: %s', (_, changes, lack) => {
    const [{ state, ...connection }] = connect(changes) as [Extract<Connection, { state: 'closed' }>];

    expect(state).toBe('closed');
    expect(connection.missing).toMatch(/^no rule lets Mine\/Fleet reach Data\/Cache on tcp 6379: /);
    expect(connection.missing.split(': ').slice(1).join(': ').split('; ')[0]).toBe(lack);
  });

  test.each<[string, Parameters<typeof connect>[0], string]>([
    [
      'an imported group of the cache',
      { data: { Cache: cache({ SecurityGroupIds: ['sg-1'] }) } },
      'the rules of sg-1, a security group of Data/Cache, are not in the templates',
    ],
    [
      'an imported group beside one that lets nobody in',
      { data: { Cache: cache({ SecurityGroupIds: [{ Ref: 'CacheGroup' }, 'sg-1'] }) } },
      'the rules of sg-1, a security group of Data/Cache, are not in the templates',
    ],
    [
      'an imported group of the fleet, which the cache lets in',
      {
        mine: {
          ...ingress({ ...TCP_6379, SourceSecurityGroupId: 'sg-1' }).mine,
          Template: template({ SecurityGroupIds: ['sg-1'] }),
        },
      },
      'the rules of sg-1, a security group of Mine/Fleet, are not in the templates',
    ],
    [
      'a group that a parameter names',
      { data: { Cache: cache({ SecurityGroupIds: [PARAMETER] }) } },
      'the rules of {"Ref":"Parameter"}, a security group of Data/Cache, are not in the templates',
    ],
    [
      'a list of groups that a parameter names',
      { data: { Cache: cache({ SecurityGroupIds: PARAMETER }) } },
      'the rules of {"Ref":"Parameter"}, a security group of Data/Cache, are not in the templates',
    ],
    [
      'a group that a deploy chooses',
      { data: { Cache: cache({ SecurityGroupIds: [{ 'Fn::If': ['A', { Ref: 'CacheGroup' }, 'sg-1'] }] }) } },
      'the rules of {"Fn::If":["A",{"Ref":"CacheGroup"},"sg-1"]}, a security group of Data/Cache, are not in the templates',
    ],
    [
      'a group that leads to another resource',
      { data: { Cache: cache({ SecurityGroupIds: [{ 'Fn::ImportValue': 'Vpc' }] }) } },
      'the rules of {"Fn::ImportValue":"Vpc"}, a security group of Data/Cache, are not in the templates',
    ],
    [
      'no group of the cache',
      { data: { Cache: type('ElastiCache::ReplicationGroup', { Engine: 'redis' }) } },
      'the templates name no security group of Data/Cache',
    ],
    [
      'an empty list of groups',
      { data: { Cache: cache({ SecurityGroupIds: [] }) } },
      'the templates name no security group of Data/Cache',
    ],
    [
      'a launch template that is not here',
      { mine: { Fleet: fleet({ LaunchTemplate: { LaunchTemplateId: 'lt-1' } }) } },
      'the templates name no security group of Mine/Fleet',
    ],
    ['a rule from a group of a parameter', ingress({ ...TCP_6379, SourceSecurityGroupId: PARAMETER }), RULE_UNKNOWN],
    ['a rule from addresses of a parameter', ingress({ ...TCP_6379, CidrIp: PARAMETER }), RULE_UNKNOWN],
    ['a rule from a prefix list of AWS', ingress({ ...TCP_6379, SourcePrefixListId: 'pl-1' }), RULE_UNKNOWN],
    [
      'a prefix list with an entry of a parameter',
      {
        mine: {
          ...ingress({ ...TCP_6379, SourcePrefixListId: { Ref: 'List' } }).mine,
          List: type('EC2::PrefixList', { Entries: [{ Cidr: '10.0.0.0/24' }, { Cidr: PARAMETER }] }),
        },
      },
      RULE_UNKNOWN,
    ],
    ['a rule for a port of a parameter', ingress({ ...TCP_6379, FromPort: PARAMETER, ...FROM_FLEET }), RULE_UNKNOWN],
    ['a rule for no port', ingress({ IpProtocol: 'tcp', ...FROM_FLEET }), RULE_UNKNOWN],
    [
      'a rule for a protocol of a parameter',
      ingress({ ...TCP_6379, IpProtocol: PARAMETER, ...FROM_FLEET }),
      RULE_UNKNOWN,
    ],
    ['a rule of a group of a parameter', ingress({ ...TCP_6379, GroupId: PARAMETER, ...FROM_FLEET }), RULE_UNKNOWN],
    [
      'a rule that a deploy chooses',
      { data: inline([{ 'Fn::If': ['A', { ...TCP_6379, CidrIp: '0.0.0.0/0' }, { Ref: 'AWS::NoValue' }] }]) },
      'what Data/CacheGroup lets through is known to a deploy only',
    ],
    [
      'rules that a deploy chooses',
      { data: inline({ 'Fn::If': ['A', [{ ...TCP_6379, CidrIp: '0.0.0.0/0' }], []] }) },
      'what Data/CacheGroup lets through is known to a deploy only',
    ],
    [
      'a rule from addresses, and subnets that are not here',
      {
        mine: {
          ...ingress({ ...TCP_6379, CidrIp: '10.0.0.0/23' }).mine,
          Fleet: fleet({ VPCZoneIdentifier: ['subnet-1', 'subnet-2'] }),
        },
      },
      'the addresses of Mine/Fleet are known to a deploy only',
    ],
    [
      'a rule from the addresses of a VPC that is not here',
      {
        mine: {
          ...ingress({ ...TCP_6379, CidrIp: '10.0.0.0/16' }).mine,
          FleetGroup: type('EC2::SecurityGroup', { VpcId: 'vpc-1' }),
          Fleet: fleet({ VPCZoneIdentifier: ['subnet-1', 'subnet-2'] }),
        },
      },
      'the addresses of Mine/Fleet are known to a deploy only',
    ],
  ])('unknown: %s', (_, changes, why) => {
    expect(connect(changes).map((connection) => [short(connection), told(connection)])).toEqual([
      ['AutoScalingGroup > ReplicationGroup:6379 unknown', why],
    ]);
  });
});

/** A group that everybody may reach, in place of the cache's. */
const OPEN = inline([{ IpProtocol: '-1', CidrIp: '0.0.0.0/0' }]);

describe('caches and databases', () => {
  const groups = [{ Ref: 'CacheGroup' }];
  const database = (properties: object) => type('RDS::DBInstance', { VPCSecurityGroups: groups, ...properties });
  const cluster = (properties: object) =>
    type('ElastiCache::CacheCluster', { VpcSecurityGroupIds: groups, ...properties });
  const serverless = (properties: object) =>
    type('ElastiCache::ServerlessCache', { SecurityGroupIds: groups, ...properties });

  test.each<[string, { Type: string; Properties: object }, Array<number | undefined>]>([
    ['Valkey', cache(), [6_379]],
    ['Redis OSS of another port', cache({ Engine: 'redis', Port: 7_000 }), [7_000]],
    ['a port in quotes', cache({ Port: '7000' }), [7_000]],
    ['Memcached', cluster({ Engine: 'memcached' }), [11_211]],
    ['a single node', cluster({ Engine: 'valkey' }), [6_379]],
    ['serverless Valkey, with its replicas', serverless({ Engine: 'valkey' }), [6_379, 6_380]],
    ['serverless Memcached', serverless({ Engine: 'memcached' }), [11_211, 11_212]],
    ['PostgreSQL', database({ Engine: 'postgres' }), [5_432]],
    ['MySQL', database({ Engine: 'mysql' }), [3_306]],
    ['MariaDB', database({ Engine: 'mariadb' }), [3_306]],
    ['a database of another port', database({ Engine: 'postgres', Port: '6000' }), [6_000]],
  ])('%s: ports', (_, resource, ports) => {
    expect(connect({ data: { ...OPEN, Cache: resource } }, [resource.Type]).map(short)).toEqual(
      ports.map((port) => `AutoScalingGroup > ${resource.Type.split('::')[2]}:${port} open`),
    );
  });

  test.each<[string, { Type: string; Properties: object }]>([
    ['a parameter', cache({ Port: PARAMETER })],
    ['an engine that is not known here', database({ Engine: 'db2-se' })],
    [
      'a source that is not here',
      database({ SourceDBInstanceIdentifier: 'arn:aws:rds:eu-west-1:111122223333:db:one' }),
    ],
    ['a source that is itself', database({ SourceDBInstanceIdentifier: { Ref: 'Cache' } })],
  ])('the port of %s is unknown', (_, resource) => {
    expect(
      connect({ data: { ...OPEN, Cache: resource } }, [resource.Type]).map(({ port, ...connection }) => [
        port,
        told({ port, ...connection } as Connection),
      ]),
    ).toEqual([[undefined, 'the port of Data/Cache is known to a deploy only']]);
  });

  test('a read replica has the port of its source, also of a source that is one', () => {
    const replica = (source: string) =>
      database({ SourceDBInstanceIdentifier: { 'Fn::Join': ['', ['arn:', { Ref: source }]] } });
    const data = {
      ...OPEN,
      First: database({ Engine: 'postgres', Port: '6000' }),
      Second: replica('First'),
      Third: replica('Second'),
    };

    expect(connect({ data }, ['AWS::RDS::DBInstance']).map(({ to, port, state }) => [to.label, port, state])).toEqual([
      ['Data/First', 6_000, 'open'],
      ['Data/Second', 6_000, 'open'],
      ['Data/Third', 6_000, 'open'],
    ]);
  });

  test.each<[string, unknown, unknown, string[]]>([
    ['its endpoint', ['Cache', 'Endpoint.Port'], ['Cache', 'Endpoint.Port'], ['open', 'closed']],
    ['the endpoint of its replicas', 'Cache.ReaderEndpoint.Port', 'Cache.ReaderEndpoint.Port', ['closed', 'open']],
    ['both', ['Cache', 'Endpoint.Port'], ['Cache', 'ReaderEndpoint.Port'], ['open', 'open']],
    ['another attribute', ['Cache', 'Other'], ['Cache', 'Other'], ['unknown', 'unknown']],
  ])('a rule for %s of a serverless cache', (_, from, to, states) => {
    const rule = { IpProtocol: 'tcp', FromPort: { 'Fn::GetAtt': from }, ToPort: { 'Fn::GetAtt': to } };
    const data = { ...inline([{ ...rule, SourceSecurityGroupId: FLEETS }]), Cache: serverless({ Engine: 'valkey' }) };

    expect(connect({ data }, ['AWS::ElastiCache::ServerlessCache']).map(({ state }) => state)).toEqual(states);
  });

  test.each([
    ['ipv4', '::/0', 'closed'],
    ['ipv6', '::/0', 'open'],
    ['ipv6', '2001:db8::/56', 'unknown'],
    ['ipv6', '0.0.0.0/0', 'closed'],
    ['dual_stack', '::/0', 'open'],
    ['dual_stack', '0.0.0.0/0', 'open'],
    ['dual_stack', '2001:db8::/56', 'unknown'],
    ['DUAL', '10.9.0.0/16', 'closed'],
  ])('%s, with a rule from %s: %s', (network, cidr, state) => {
    const peer = cidr.includes(':') ? { CidrIpv6: cidr } : { CidrIp: cidr };
    const data = { ...inline([{ ...TCP_6379, ...peer }]), Cache: cache({ NetworkType: network }) };

    expect(connect({ data }).map((connection) => connection.state)).toEqual([state]);
  });

  test('the subnets of a target are those that a way out must lead to', () => {
    const subnets = [{ 'Fn::ImportValue': 'C' }, { 'Fn::ImportValue': 'D' }];
    const data = {
      ...OPEN,
      Other: type('RDS::DBSubnetGroup', { SubnetIds: subnets }),
      Database: database({ Engine: 'postgres', DBSubnetGroupName: { Ref: 'Other' } }),
      Cluster: cluster({ CacheSubnetGroupName: { Ref: 'CacheSubnets' } }),
      Serverless: serverless({ SubnetIds: subnets }),
    };
    const types = [
      CACHE,
      'AWS::ElastiCache::CacheCluster',
      'AWS::ElastiCache::ServerlessCache',
      'AWS::RDS::DBInstance',
    ];
    const states = (CidrIp: string) => [
      ...new Set(
        connect({ data, ...egress({ IpProtocol: '-1', CidrIp }) }, types).map((connection) =>
          [connection.state, told(connection).match(/ or to all of ([^;]*)/)?.[1]].join(),
        ),
      ),
    ];

    expect(states('10.0.2.0/23')).toEqual(['open,']);
    expect(states('10.0.3.0/24')).toEqual(['closed,10.0.2.0/24']);
  });
});

describe('other sources', () => {
  const step = (VpcConfig: object | undefined) => ({
    data: OPEN,
    mine: {
      ...egress({ IpProtocol: '-1', CidrIp: '10.0.2.0/23' }).mine,
      Step: type('Lambda::Function', { VpcConfig }),
    },
  });

  test.each<[string, object | undefined, string]>([
    ['in the VPC', { SecurityGroupIds: [{ Ref: 'FleetGroup' }] }, 'open'],
    ['in the VPC, with its default group', { SubnetIds: [] }, 'unknown'],
    ['in no VPC', undefined, 'unknown'],
  ])('a function %s', (_, config, state) => {
    expect(connect(step(config), [CACHE], 'AWS::Lambda::Function').map(short)).toEqual([
      `Function > ReplicationGroup:6379 ${state}`,
    ]);
  });

  /** A load balancer that sends to a fleet's target group, whose stack is another. */
  function balanced(targets: object, rules: object[], balancer: object = { Subnets: [{ 'Fn::ImportValue': 'C' }] }) {
    const mine = {
      FleetGroup: type('EC2::SecurityGroup', { SecurityGroupIngress: rules }),
      BalancerGroup: type('EC2::SecurityGroup'),
      Balancer: type('ElasticLoadBalancingV2::LoadBalancer', {
        SecurityGroups: [{ Ref: 'BalancerGroup' }],
        ...balancer,
      }),
      Another: type('ElasticLoadBalancingV2::LoadBalancer', { SecurityGroups: [{ Ref: 'BalancerGroup' }] }),
      Listener: type('ElasticLoadBalancingV2::Listener', {
        LoadBalancerArn: { Ref: 'Balancer' },
        DefaultActions: [{ TargetGroupArn: { Ref: 'Targets' } }],
      }),
      Targets: type('ElasticLoadBalancingV2::TargetGroup', targets),
      Fleet: fleet({ TargetGroupARNs: [{ Ref: 'Targets' }, 'arn:aws:another'] }),
    };
    return { mine };
  }

  const LISTENED = 'AWS::ElasticLoadBalancingV2::LoadBalancer';
  const TO_8080 = { IpProtocol: 'tcp', FromPort: 8_080, ToPort: 8_080 };
  const FROM_BALANCER = { SourceSecurityGroupId: { Ref: 'BalancerGroup' } };

  test.each<[string, ReturnType<typeof balanced>, string[]]>([
    ['lets it in', balanced({ Port: 8_080 }, [{ ...TO_8080, ...FROM_BALANCER }]), ['8080 open']],
    ['lets in its subnets', balanced({ Port: 8_080 }, [{ ...TO_8080, CidrIp: '10.0.2.0/24' }]), ['8080 open']],
    [
      'lets in its subnets, which it maps to addresses',
      balanced({ Port: 8_080 }, [{ ...TO_8080, CidrIp: '10.0.2.0/24' }], {
        SubnetMappings: [{ SubnetId: { 'Fn::ImportValue': 'C' } }],
      }),
      ['8080 open'],
    ],
    ['lets in other subnets', balanced({ Port: 8_080 }, [{ ...TO_8080, CidrIp: '10.0.3.0/24' }]), ['8080 closed']],
    ['does not let it in', balanced({ Port: 8_081 }, [{ ...TO_8080, ...FROM_BALANCER }]), ['8081 closed']],
    [
      'lets it in, but not to ask for the health',
      balanced({ Port: 8_080, HealthCheckPort: '9000' }, [{ ...TO_8080, ...FROM_BALANCER }]),
      ['8080 open', '9000 closed'],
    ],
    [
      'lets it in, also to ask for the health',
      balanced({ Port: 8_080, HealthCheckPort: 'traffic-port' }, [{ ...TO_8080, ...FROM_BALANCER }]),
      ['8080 open'],
    ],
    [
      'lets it in, and to ask for the health at the same port',
      balanced({ Port: 8_080, HealthCheckPort: '8080' }, [{ ...TO_8080, ...FROM_BALANCER }]),
      ['8080 open'],
    ],
    ['has a port that is not known', balanced({ Port: PARAMETER }, []), ['undefined unknown']],
    ['does not know its groups', balanced({ Port: 80 }, [], { SecurityGroups: ['sg-1'] }), ['80 unknown']],
  ])('a load balancer, and a fleet that %s', (_, changes, expected) => {
    expect(
      connect(changes, [FLEET], LISTENED).map(({ from, port, state }) => [from.label, `${port} ${state}`]),
    ).toEqual(expected.map((each) => ['Mine/Balancer', each]));
  });

  test("a load balancer that sends by a listener's rule, and one that sends to others", () => {
    const { mine } = balanced({ Port: 8_080 }, [{ ...TO_8080, ...FROM_BALANCER }]);
    const forwarded = {
      ...mine,
      Listener: type('ElasticLoadBalancingV2::Listener', { LoadBalancerArn: { Ref: 'Balancer' }, DefaultActions: [] }),
      Rule: type('ElasticLoadBalancingV2::ListenerRule', {
        ListenerArn: { Ref: 'Listener' },
        Actions: [{ TargetGroupArn: { Ref: 'Targets' } }],
      }),
    };

    expect(connect({ mine: forwarded }, [FLEET], LISTENED).map(short)).toEqual([
      'LoadBalancer > AutoScalingGroup:8080 open',
    ]);
    expect(connect({ mine: { ...forwarded, Rule: type('Other') } }, [FLEET], LISTENED)).toEqual([]);
  });

  test('what is closed is told in the words of the app', () => {
    const [connection] = connect(balanced({ Port: 8_080 }, []), [FLEET], LISTENED) as [Connection];
    const [step_] = connect(
      {
        data: { Database: type('RDS::DBInstance', { Engine: 'postgres', VPCSecurityGroups: [{ Ref: 'CacheGroup' }] }) },
        mine: { Step: type('Lambda::Function', { VpcConfig: { SecurityGroupIds: [{ Ref: 'FleetGroup' }] } }) },
      },
      ['AWS::RDS::DBInstance'],
      'AWS::Lambda::Function',
    ) as [Connection];

    expect(told(connection)).toBe(
      'no rule lets Mine/Balancer reach Mine/Fleet on tcp 8080: the security group Mine/FleetGroup has no ingress from Mine/BalancerGroup; `fleet.connections.allowFrom(fleet.loadBalancer, ec2.Port.tcp(8080))` adds it',
    );
    expect(told(step_)).toBe(
      'no rule lets Mine/Step reach Data/Database on tcp 5432: the security group Data/CacheGroup has no ingress from Mine/FleetGroup; `database.connections.allowDefaultPortFrom(handler)` adds it',
    );
  });
});

/** A network as the oracle sees it: every address of a VPC by itself. */
interface Network {
  readonly vpcKnown: boolean;
  readonly groups: readonly ('made' | 'imported')[];
  /** Groups by index, and subnets of four addresses each by number, or one that is imported. */
  readonly source: End;
  readonly target: End;
  readonly rules: readonly RandomRule[];
}

interface End {
  readonly groups: readonly number[];
  readonly subnets: readonly (number | 'imported')[];
}

interface RandomRule {
  readonly direction: 'ingress' | 'egress';
  /** A group by its index. */
  readonly owner: number | 'parameter';
  readonly inline: boolean;
  readonly protocol: string | number;
  readonly from: number | 'endpoint' | 'parameter';
  readonly to: number | 'endpoint' | 'parameter';
  readonly peer:
    | { readonly group: number | 'parameter' }
    | { readonly blocks: ReadonlyArray<readonly [first: number, bits: number]>; readonly listed: boolean }
    | { readonly everywhere: 'ipv4' | 'ipv6' };
}

const PORT = 6_379;
/** Addresses of the VPC, 10.0.0.0/28, by their last number; the one after is somewhere else. */
const ADDRESSES = 16;
const ELSEWHERE = ADDRESSES;

const OWNERS = 3;
const anyGroup = fc.nat({ max: OWNERS - 1 });
const rarely = <T>(often: fc.Arbitrary<T>, seldom: T) =>
  fc.oneof({ weight: 12, arbitrary: often }, { weight: 1, arbitrary: fc.constant(seldom) });
const anyBlock = fc
  .tuple(fc.nat({ max: ADDRESSES - 1 }), fc.integer({ min: 28, max: 32 }))
  .map(([address, bits]) => [address - (address % 2 ** (32 - bits)), bits] as const);
const anyEnd: fc.Arbitrary<End> = fc.record({
  groups: fc.oneof(
    { weight: 15, arbitrary: fc.uniqueArray(anyGroup, { minLength: 1, maxLength: 2 }) },
    { weight: 1, arbitrary: fc.constant([]) },
  ),
  subnets: fc.uniqueArray(rarely<number | 'imported'>(fc.nat({ max: 3 }), 'imported'), { minLength: 1, maxLength: 2 }),
});
const anyRule: fc.Arbitrary<RandomRule> = fc.record({
  direction: fc.constantFrom('ingress', 'egress'),
  owner: rarely<number | 'parameter'>(anyGroup, 'parameter'),
  inline: fc.boolean(),
  protocol: fc.oneof(
    { weight: 4, arbitrary: fc.constant<string | number>('tcp') },
    { weight: 1, arbitrary: fc.constantFrom<string | number>('-1', -1, '6', 6, 'udp', 'icmp', '17') },
  ),
  from: rarely<RandomRule['from']>(
    fc.constantFrom<RandomRule['from'][]>(0, PORT - 1, PORT, 'endpoint', PORT + 1),
    'parameter',
  ),
  to: rarely<RandomRule['to']>(fc.constantFrom<RandomRule['to'][]>(PORT - 1, PORT, 'endpoint', 65_535), 'parameter'),
  peer: fc.oneof(
    { weight: 5, arbitrary: fc.record({ group: rarely<number | 'parameter'>(anyGroup, 'parameter') }) },
    {
      weight: 5,
      arbitrary: fc.record({ blocks: fc.array(anyBlock, { minLength: 1, maxLength: 1 }), listed: fc.constant(false) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ blocks: fc.array(anyBlock, { minLength: 1, maxLength: 3 }), listed: fc.constant(true) }),
    },
    { weight: 1, arbitrary: fc.record({ everywhere: fc.constantFrom('ipv4', 'ipv6') }) },
  ) as fc.Arbitrary<RandomRule['peer']>,
});
const anyNetwork: fc.Arbitrary<Network> = fc.record({
  vpcKnown: fc.boolean(),
  groups: fc.array(rarely<'made' | 'imported'>(fc.constant('made'), 'imported'), {
    minLength: OWNERS,
    maxLength: OWNERS,
  }),
  source: anyEnd,
  target: anyEnd,
  rules: fc.array(anyRule, { maxLength: 16 }),
});

/** Asks in the worst and in the best case of all that is not known, address by address. */
function oracle(network: Network): Connection['state'] {
  const connects = (best: boolean) =>
    lets(network, 'egress', network.source, network.target, best) &&
    lets(network, 'ingress', network.target, network.source, best);
  return connects(false) ? 'open' : connects(true) ? 'unknown' : 'closed';
}

function lets(network: Network, direction: RandomRule['direction'], own: End, peer: End, best: boolean): boolean {
  const isUnknown = ({ groups }: End) =>
    groups.length === 0 || groups.some((group) => network.groups[group] === 'imported');
  if (best && (isUnknown(own) || isUnknown(peer))) {
    return true;
  }
  const passes = (address: number) =>
    own.groups.some((group) => hasDefault(network, direction, group)) ||
    network.rules.some((rule) => rule.direction === direction && applies(rule, own, peer, address, best));
  const vpc = Array.from({ length: ADDRESSES }, (_, address) => address);
  return peer.subnets.every((subnet) => {
    if (subnet !== 'imported') {
      return vpc.filter((address) => Math.floor(address / 4) === subnet).every(passes);
    }
    // A VPC is known by a group that the templates make.
    const vpcKnown = network.vpcKnown && peer.groups.some((group) => network.groups[group] === 'made');
    return best ? [...vpc, ELSEWHERE].some(passes) : (vpcKnown ? vpc : [...vpc, ELSEWHERE]).every(passes);
  });
}

function hasDefault({ groups, rules }: Network, direction: RandomRule['direction'], group: number): boolean {
  return (
    direction === 'egress' &&
    groups[group] === 'made' &&
    !rules.some((rule) => rule.direction === 'egress' && rule.owner === group)
  );
}

function applies(rule: RandomRule, own: End, peer: End, address: number, best: boolean): boolean {
  const owned = rule.owner === 'parameter' ? best : own.groups.includes(rule.owner);
  const portOf = (port: RandomRule['from'], unknown: number) =>
    port === 'endpoint' ? PORT : port === 'parameter' ? unknown : port;
  const [lowest, highest] = best ? [PORT, PORT] : [PORT + 1, PORT - 1];
  const ports = portOf(rule.from, lowest) <= PORT && PORT <= portOf(rule.to, highest);
  const protocol = String(rule.protocol);
  if (!owned || !(protocol === '-1' || (['tcp', '6'].includes(protocol) && ports))) {
    return false;
  }
  if ('group' in rule.peer) {
    return rule.peer.group === 'parameter' ? best : peer.groups.includes(rule.peer.group);
  }
  if ('everywhere' in rule.peer) {
    return rule.peer.everywhere === 'ipv4';
  }
  return rule.peer.blocks.some(([first, bits]) => first <= address && address < first + 2 ** (32 - bits));
}

/** The templates of a network, over three stacks. */
function templatesOf({ vpcKnown, groups, source, target, rules }: Network): Templates {
  const resources: Record<string, Record<string, TemplateResource>> = { net: {}, data: {}, service: {} };
  const outputs: Record<string, Record<string, object>> = { net: {}, data: {}, service: {} };
  const homes = ['net', 'data', 'service'];
  const put = (home: string, id: string, resource: TemplateResource, attribute?: string) => {
    (resources[home] as Record<string, TemplateResource>)[id] = resource;
    const value = attribute === undefined ? { Ref: id } : { 'Fn::GetAtt': [id, attribute] };
    (outputs[home] as Record<string, object>)[id] = { Value: value, Export: { Name: `${home}:${id}` } };
    return (here: string) => (here === home ? value : { 'Fn::ImportValue': `${home}:${id}` });
  };
  const vpc = put('net', 'Vpc', type('EC2::VPC', { CidrBlock: '10.0.0.0/28' }));
  const subnets = [0, 4, 8, 12].map((first, index) =>
    put('net', `Subnet${index}`, type('EC2::Subnet', { CidrBlock: `10.0.0.${first}/30` })),
  );
  const made = groups.map((kind, index) => {
    const home = homes[index % 3] as string;
    const VpcId = vpcKnown ? vpc(home) : 'vpc-1';
    const value = put(home, `Group${index}`, type('EC2::SecurityGroup', { VpcId }), 'GroupId');
    return kind === 'made' ? value : () => `sg-${index}`;
  });
  const groupsOf = (end: End, here: string) => end.groups.map((group) => made[group]?.(here));
  const subnetsOf = (end: End, here: string) =>
    end.subnets.map((subnet) => (subnet === 'imported' ? 'subnet-1' : subnets[subnet]?.(here)));
  put('data', 'Subnets', type('ElastiCache::SubnetGroup', { SubnetIds: subnetsOf(target, 'data') }));
  const endpoint = put(
    'data',
    'Cache',
    cache({ SecurityGroupIds: groupsOf(target, 'data'), CacheSubnetGroupName: { Ref: 'Subnets' } }),
    'PrimaryEndPoint.Port',
  );
  put('service', 'Template', template({ SecurityGroupIds: groupsOf(source, 'service') }));
  put('service', 'Fleet', fleet({ VPCZoneIdentifier: subnetsOf(source, 'service') }) as TemplateResource);
  rules.forEach((rule, index) => {
    const { direction, owner, peer } = rule;
    const inlined = rule.inline && owner !== 'parameter' && groups[owner] === 'made';
    const home = homes[(inlined ? owner : index) % 3] as string;
    const end = direction === 'ingress' ? 'Source' : 'Destination';
    const groupOf = (group: number | 'parameter') => (group === 'parameter' ? PARAMETER : made[group]?.(home));
    const portOf = (port: RandomRule['from']) =>
      port === 'parameter' ? PARAMETER : port === 'endpoint' ? endpoint(home) : port;
    const cidrs = 'blocks' in peer ? peer.blocks.map(([first, bits]) => `10.0.0.${first}/${bits}`) : [];
    const properties: Record<string, unknown> = {
      IpProtocol: rule.protocol,
      FromPort: portOf(rule.from),
      ToPort: portOf(rule.to),
      ...('group' in peer
        ? { [`${end}SecurityGroupId`]: groupOf(peer.group) }
        : 'everywhere' in peer
          ? peer.everywhere === 'ipv4'
            ? { CidrIp: '0.0.0.0/0' }
            : { CidrIpv6: '::/0' }
          : peer.listed
            ? {
                [`${end}PrefixListId`]: put(
                  'net',
                  `List${index}`,
                  type('EC2::PrefixList', { Entries: cidrs.map((Cidr) => ({ Cidr })) }),
                  'PrefixListId',
                )(home),
              }
            : { CidrIp: cidrs[0] }),
    };
    const name = direction === 'ingress' ? 'SecurityGroupIngress' : 'SecurityGroupEgress';
    if (inlined) {
      const group = resources[home]?.[`Group${owner}`] as { Properties: Record<string, unknown> };
      group.Properties[name] = [...((group.Properties[name] as unknown[] | undefined) ?? []), properties];
    } else {
      put(home, `Rule${index}`, type(`EC2::${name}`, { GroupId: groupOf(owner), ...properties }));
    }
  });
  return new Templates({
    name: 'random',
    stacks: homes.map((home) => ({
      id: home,
      path: home,
      name: home,
      templateFile: `${home}.template.json`,
      resources: resources[home] ?? {},
      outputs: outputs[home] ?? {},
    })),
  });
}

test('random networks are judged as address by address', () => {
  const seen = { open: 0, closed: 0, unknown: 0 };
  fc.assert(
    fc.property(anyNetwork, (network) => {
      const templates = templatesOf(network);
      const [connection] = connectionsOf(templates, fleetOf(templates), templates.all(CACHE)) as [Connection];
      seen[connection.state] += 1;

      expect(connection.state).toBe(oracle(network));
      if (connection.state === 'closed') {
        const { source, target } = network;
        expect([
          connection.missing.includes(' has no egress ') || connection.missing.includes(' have no egress '),
          /ha(s|ve) no ingress /.test(connection.missing),
        ]).toEqual([!lets(network, 'egress', source, target, true), !lets(network, 'ingress', target, source, true)]);
      }
    }),
    { seed: 20_261_130, numRuns: 2_000 },
  );

  expect(Math.min(...Object.values(seen))).toBeGreaterThan(200);
});

test('random networks with network ACLs and routes are judged as packet by packet', () => {
  const { all, some } = judgeRandomNetworks(20_261_202, 5_000);

  expect(Math.min(...Object.values(all), ...Object.values(some))).toBeGreaterThan(400);
});

describe('the constructs of this package', () => {
  interface Made {
    readonly data: Stack;
    readonly service: Stack;
    readonly vpc: ec2.Vpc;
    readonly fleet: WebFleet;
  }

  /** The templates of a stage `dev` with a fleet that nothing is said of, but what `use` says. */
  function synthesize(
    use: (made: Made) => void,
    {
      references = 'strong',
      props,
    }: { references?: string; props?: (service: Stack, vpc: ec2.Vpc) => Partial<WebFleetProps> } = {},
  ): Templates {
    const app = new App({ context: { ...cdkJson.context, '@aws-cdk/core:defaultCrossStackReferences': references } });
    const stage = new Stage(app, 'dev', { env: { region: 'us-east-1' } });
    const [network, data, service] = ['network', 'data', 'service'].map((id) => new Stack(stage, id)) as [
      Stack,
      Stack,
      Stack,
    ];
    const vpc = vpcIn(network);
    const web = new WebFleet(service, 'Web', {
      vpc,
      application: Application.fromDirectory(applicationDirectory()),
      certificate: acm.Certificate.fromCertificateArn(
        service,
        'Certificate',
        'arn:aws:acm:us-east-1:111122223333:certificate/00000000-0000-4000-8000-000000000000',
      ),
      ...props?.(service, vpc),
    });
    use({ data, service, vpc, fleet: web });
    return new Templates(new Assembly(app.synth().directory).environments[0] as AssemblyEnvironment);
  }

  const NODE = { nodeType: CacheNodeType.R6G_LARGE };
  const TYPES = [CACHE, 'AWS::ElastiCache::CacheCluster', 'AWS::ElastiCache::ServerlessCache', 'AWS::RDS::DBInstance'];

  /** From the fleet to all that holds data, used or not. */
  function toData(templates: Templates): Connection[] {
    return connectionsOf(
      templates,
      fleetOf(templates),
      TYPES.flatMap((name) => templates.all(name)),
    );
  }

  const sessionsIn = ({ data, vpc }: Made) => new ReplicationGroup(data, 'Sessions', { vpc, ...NODE });

  /** What is told of the only cache or database of an app, `open` where nothing is. */
  function toldOf(...made: Parameters<typeof synthesize>): string {
    const [connection, ...others] = toData(synthesize(...made)) as [Connection];
    expect(others).toEqual([]);
    return told(connection) || connection.state;
  }

  test('a fleet without a rule for a cache', () => {
    expect(toldOf((made) => sessionsIn(made))).toBe(
      'no rule lets dev/service/WebGroupASG5FD1935A reach dev/data/Sessions8896A56D on tcp 6379: ' +
        'the security group dev/data/SessionsSecurityGroupDC1B8A75 has no ingress from dev/service/WebSecurityGroupF444D504; ' +
        "`fleet.useCache('name', cache)` or `cache.connections.allowDefaultPortFrom(fleet)` adds it",
    );
  });

  test('a fleet without a rule for a database', () => {
    expect(toldOf(({ data, vpc }) => new Database(data, 'Films', { vpc }))).toMatch(
      /^no rule lets dev\/service\/WebGroupASG\w+ reach dev\/data\/Films\w+ on tcp 5432: the security group dev\/data\/FilmsSecurityGroup\w+ has no ingress from dev\/service\/WebSecurityGroup\w+; `fleet\.useDatabase\('name', database\)` or `database\.connections\.allowDefaultPortFrom\(fleet\)` adds it$/,
    );
  });

  test.each<[string, (made: Made) => void]>([
    ["fleet.useCache('name', cache)", (made) => made.fleet.useCache('name', sessionsIn(made))],
    [
      'cache.connections.allowDefaultPortFrom(fleet)',
      (made) => sessionsIn(made).connections.allowDefaultPortFrom(made.fleet),
    ],
    [
      "fleet.useDatabase('name', database)",
      ({ data, vpc, fleet }) => fleet.useDatabase('name', new Database(data, 'D', { vpc })),
    ],
    [
      'database.connections.allowDefaultPortFrom(fleet)',
      ({ data, vpc, fleet }) => new Database(data, 'D', { vpc }).connections.allowDefaultPortFrom(fleet),
    ],
  ])('%s adds what is missing', (_, use) => {
    expect(toldOf(use)).toBe('open');
  });

  describe('a fleet whose group lets nothing out', () => {
    const props = (service: Stack, vpc: ec2.Vpc) => ({
      securityGroup: new ec2.SecurityGroup(service, 'Closed', { vpc, allowAllOutbound: false }),
    });

    test('and that uses a cache', () => {
      expect(toldOf((made) => made.fleet.useCache('sessions', sessionsIn(made)), { props })).toBe(
        'no rule lets dev/service/WebGroupASG5FD1935A reach dev/data/Sessions8896A56D on tcp 6379: ' +
          'the security group dev/service/ClosedBAF26A78 has no egress to dev/data/SessionsSecurityGroupDC1B8A75; ' +
          '`fleet.connections.allowToDefaultPort(cache)` adds it',
      );
    });

    test('and that uses none', () => {
      expect(toldOf((made) => sessionsIn(made), { props })).toMatch(
        /Closed\w+ has no egress to \S+, and the security group \S+ has no ingress from dev\/service\/Closed\w+; `fleet\.connections\.allowToDefaultPort\(cache\)` adds both$/,
      );
    });

    test.each([true, false])('fleet.connections.allowToDefaultPort(cache) adds what is missing (used: %p)', (used) => {
      const use = (made: Made) => {
        const cache = sessionsIn(made);
        if (used) {
          made.fleet.useCache('sessions', cache);
        }
        made.fleet.connections.allowToDefaultPort(cache);
      };

      expect(toldOf(use, { props })).toBe('open');
    });
  });

  test('a fleet with the group of the clients', () => {
    expect(
      toldOf(
        (made) => {
          const client = made.service.node.findChild('Client') as ClientSecurityGroup;
          client.allowTo(sessionsIn(made));
        },
        {
          props: (service, vpc) => ({
            securityGroup: new ClientSecurityGroup(service, 'Client', { vpc }).securityGroup,
          }),
        },
      ),
    ).toBe('open');
  });

  test.each(['strong', 'weak'])('what a fleet uses is open, with %s references', (references) => {
    const templates = synthesize(
      (made) => {
        const { data, vpc, fleet } = made;
        const database = new Database(data, 'Database', { vpc, readReplicas: 1 });
        fleet.useCache('sessions', sessionsIn(made));
        fleet.useCache('objects', new MemcachedCluster(data, 'Objects', { vpc, ...NODE }));
        fleet.useCache('things', new ServerlessCache(data, 'Things', { vpc }));
        fleet.useDatabase('main', database);
        fleet.useDatabase('reads', database.readReplicas[0] as (typeof database.readReplicas)[number]);
      },
      { references },
    );

    expect(connectionsOfFleet(templates, fleetOf(templates)).map(short)).toEqual([
      'LoadBalancer > AutoScalingGroup:8080 open',
      'AutoScalingGroup > ReplicationGroup:6379 open',
      'AutoScalingGroup > CacheCluster:11211 open',
      'AutoScalingGroup > ServerlessCache:6379 open',
      'AutoScalingGroup > ServerlessCache:6380 open',
      'AutoScalingGroup > DBInstance:5432 open',
      'AutoScalingGroup > DBInstance:5432 open',
      'Function > DBInstance:5432 open',
    ]);
  });

  const imported = (stack: Stack, options?: ec2.SecurityGroupImportOptions) =>
    ec2.SecurityGroup.fromSecurityGroupId(stack, 'Imported', 'sg-0123456789abcdef0', options);

  test.each([
    ['that may be changed', undefined, 'open'],
    [
      'that may not',
      { mutable: false },
      expect.stringMatching(
        /^the rules of sg-0123456789abcdef0, a security group of dev\/data\/Sessions\w+, are not in the templates$/,
      ),
    ],
  ])('a cache with an imported group %s', (_, options, expected) => {
    expect(
      toldOf(({ data, vpc, fleet }) =>
        fleet.useCache(
          'sessions',
          new ReplicationGroup(data, 'Sessions', { vpc, ...NODE, securityGroups: [imported(data, options)] }),
        ),
      ),
    ).toEqual(expected);
  });

  test('a fleet with an imported group', () => {
    expect(
      toldOf((made) => made.fleet.useCache('sessions', sessionsIn(made)), {
        props: (service) => ({ securityGroup: imported(service) }),
      }),
    ).toMatch(
      /^the rules of sg-0123456789abcdef0, a security group of dev\/service\/WebGroupASG\w+, are not in the templates$/,
    );
  });
});
