import * as fc from 'fast-check';
import type { AssemblyStack, TemplateResource } from '../../../assembly/assembly';

/**
 * Random networks: two VPCs of sixteen addresses and four subnets each, with network ACLs, route tables, a peering
 * connection, security groups, a client and a cache. What only a deploy knows stands in all places where it may.
 */
export interface RandomNetwork {
  readonly client: End & { readonly kind: 'function' | 'fleet' };
  readonly target: End;
  /** By number: made, or imported by an id. */
  readonly groups: readonly ('made' | 'imported')[];
  readonly groupRules: readonly GroupRule[];
  /** Of every ACL its entries; the last two are the default ones of the VPCs. */
  readonly acls: ReadonlyArray<readonly AclEntry[]>;
  /** The ACL of each subnet of both VPCs; `default` where none is associated. */
  readonly aclOf: readonly (number | 'default' | 'imported')[];
  /** Of every route table its routes: two of the first VPC, two of the second. */
  readonly tables: ReadonlyArray<readonly RandomRoute[]>;
  /** Which of its VPC's two tables each subnet has; `main` where none is associated. */
  readonly tableOf: readonly (0 | 1 | 'main')[];
}

export interface End {
  readonly vpc: 0 | 1;
  /** Subnets of the VPC by number, or one that is not in the templates. */
  readonly subnets: readonly (number | 'imported')[];
  readonly groups: readonly number[];
}

/** A block of a VPC's addresses, or all addresses there are, or one that only a deploy knows. */
export type Cidr = { readonly vpc: 0 | 1; readonly first: number; readonly bits: number } | 'everywhere' | 'parameter';

export interface GroupRule {
  readonly direction: 'ingress' | 'egress';
  readonly owner: number;
  readonly peer: { readonly group: number } | { readonly cidr: Cidr };
  readonly port: number | 'parameter';
  readonly isConditional: boolean;
}

export interface AclEntry {
  readonly number: number;
  readonly egress: boolean;
  readonly action: 'allow' | 'deny' | 'parameter';
  readonly protocol: number | 'parameter';
  readonly ports: readonly [number | 'parameter', number];
  readonly cidr: Cidr;
  readonly isConditional: boolean;
}

export interface RandomRoute {
  readonly to: Cidr;
  readonly by: 'peering' | 'another peering' | 'imported peering' | 'nat' | 'internet' | 'transit' | 'interface';
  readonly isConditional: boolean;
}

export const PORT = 6_379;
/** Subnets of a VPC, of four addresses each. */
export const SUBNETS = 4;
const GROUPS = 4;

const rarely = <T>(often: fc.Arbitrary<T>, ...seldom: T[]): fc.Arbitrary<T> =>
  fc.oneof({ weight: 20, arbitrary: often }, { weight: 1, arbitrary: fc.constantFrom(...seldom) });
const anyVpc = fc.constantFrom<(0 | 1)[]>(0, 1);
const anyBlock: fc.Arbitrary<Cidr> = fc
  .tuple(anyVpc, fc.nat({ max: 15 }), fc.constantFrom(28, 28, 29, 30))
  .map(([vpc, address, bits]) => ({ vpc, first: address - (address % 2 ** (32 - bits)), bits }));
const anyCidr = rarely<Cidr>(
  fc.oneof({ weight: 1, arbitrary: anyBlock }, { weight: 1, arbitrary: fc.constant<Cidr>('everywhere') }),
  'parameter',
);
const conditional = rarely(fc.constant(false), true);

const anyEntry = (number: number): fc.Arbitrary<AclEntry> =>
  fc.record({
    number: fc.constant(number),
    egress: fc.boolean(),
    action: rarely<AclEntry['action']>(fc.constantFrom<AclEntry['action'][]>('allow', 'allow', 'deny'), 'parameter'),
    protocol: rarely<AclEntry['protocol']>(fc.constantFrom<AclEntry['protocol'][]>(-1, 6, 6, 17), 'parameter'),
    ports: fc.constantFrom<AclEntry['ports'][]>(
      [0, 65_535],
      [1_024, 65_535],
      [32_768, 60_999],
      [PORT, PORT],
      [49_152, 65_535],
      [1_024, 49_151],
      [50_000, 50_000],
      ['parameter', 65_535],
    ),
    cidr: anyCidr,
    isConditional: conditional,
  });

/** Often everything is let through in the end, so that what stands before it decides. */
const anyAcl: fc.Arbitrary<readonly AclEntry[]> = fc
  .tuple(
    fc.uniqueArray(fc.integer({ min: 1, max: 90 }), { maxLength: 3 }),
    fc.constantFrom<(readonly boolean[])[]>([true, false], [true, false], [true, false], [true], [false], []),
  )
  .chain(([numbers, opened]) =>
    fc.tuple(...numbers.map(anyEntry)).map((entries) => [
      ...entries,
      ...opened.map(
        (egress): AclEntry => ({
          number: egress ? 95 : 96,
          egress,
          action: 'allow',
          protocol: -1,
          ports: [0, 65_535],
          cidr: 'everywhere',
          isConditional: false,
        }),
      ),
    ]),
  );
/** Of the default ACL: AWS's own entries follow. */
const anyDefaultAcl = fc.oneof(
  { weight: 3, arbitrary: fc.constant<readonly AclEntry[]>([]) },
  {
    weight: 1,
    arbitrary: fc
      .uniqueArray(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 2 })
      .chain((numbers) => fc.tuple(...numbers.map(anyEntry))),
  },
);

const cidrKey = (cidr: Cidr) => JSON.stringify(cidr);

/** Routes of a table of a VPC: into the VPC itself only by what may stand in the way there. */
const anyTable = (vpc: 0 | 1): fc.Arbitrary<readonly RandomRoute[]> => {
  const outside = fc.record<RandomRoute>({
    to: fc.oneof(
      { weight: 3, arbitrary: fc.constant<Cidr>({ vpc: vpc === 0 ? 1 : 0, first: 0, bits: 28 }) },
      { weight: 1, arbitrary: anyBlock.filter((block) => typeof block === 'object' && block.vpc !== vpc) },
      { weight: 1, arbitrary: fc.constantFrom<Cidr[]>('everywhere', 'everywhere', 'parameter') },
    ),
    by: fc.oneof(
      { weight: 6, arbitrary: fc.constant<RandomRoute['by']>('peering') },
      {
        weight: 4,
        arbitrary: fc.constantFrom<RandomRoute['by'][]>(
          'another peering',
          'imported peering',
          'nat',
          'internet',
          'transit',
        ),
      },
    ),
    isConditional: conditional,
  });
  const detour = fc.record<RandomRoute>({
    to: anyBlock.filter((block) => typeof block === 'object' && block.vpc === vpc),
    by: fc.constantFrom<RandomRoute['by'][]>('interface', 'nat'),
    isConditional: conditional,
  });
  return fc
    .tuple(
      fc.array(outside, { maxLength: 3 }),
      rarely(fc.constant<RandomRoute[]>([]), [], []).chain(() =>
        fc.oneof(
          { weight: 12, arbitrary: fc.constant<RandomRoute[]>([]) },
          { weight: 1, arbitrary: fc.array(detour, { minLength: 1, maxLength: 1 }) },
        ),
      ),
    )
    .map(([outsides, detours]) => [
      ...new Map([...outsides, ...detours].map((route) => [cidrKey(route.to), route])).values(),
    ]);
};

export const anyNetwork: fc.Arbitrary<RandomNetwork> = fc
  .record({
    vpcs: fc.constantFrom<(readonly [0 | 1, 0 | 1])[]>([0, 0], [0, 0], [1, 1], [0, 1], [1, 0]),
    kind: fc.constantFrom<('function' | 'fleet')[]>('function', 'fleet'),
  })
  .chain(({ vpcs: [from, to], kind }) => {
    // A group is of one VPC.
    const groupsFor = (vpc: 0 | 1, isClient: boolean) =>
      rarely<number[]>(
        fc.uniqueArray(
          fc.nat({ max: GROUPS - 1 }).filter((group) => from === to || group % 2 === (isClient ? 0 : 1)),
          { minLength: 1, maxLength: 2 },
        ),
        [],
      ).map((groups): End => ({ vpc, groups, subnets: [] }));
    const subnets = fc.uniqueArray(rarely<number | 'imported'>(fc.nat({ max: SUBNETS - 1 }), 'imported'), {
      minLength: 1,
      maxLength: 2,
    });
    const end = (vpc: 0 | 1, isClient: boolean): fc.Arbitrary<End> =>
      fc.tuple(groupsFor(vpc, isClient), subnets).map(([own, list]) => ({ ...own, subnets: list }));
    const network = fc.record({
      isHelped: fc.boolean(),
      client: end(from, true).map((own) => ({ ...own, kind })),
      target: end(to, false),
      groups: fc.array(rarely<'made' | 'imported'>(fc.constant('made'), 'imported'), {
        minLength: GROUPS,
        maxLength: GROUPS,
      }),
      groupRules: fc.array(
        fc.record<GroupRule>({
          direction: fc.constantFrom('ingress', 'ingress', 'egress'),
          owner: fc.nat({ max: GROUPS - 1 }),
          peer: fc.oneof(
            fc.record({ group: fc.nat({ max: GROUPS - 1 }) }),
            fc.record({ cidr: anyCidr }),
          ) as fc.Arbitrary<GroupRule['peer']>,
          port: rarely<number | 'parameter'>(fc.constantFrom(PORT, PORT, PORT, 6_380), 'parameter'),
          isConditional: conditional,
        }),
        { minLength: 2, maxLength: 12 },
      ),
      acls: fc.tuple(anyAcl, anyAcl, anyDefaultAcl, anyDefaultAcl),
      aclOf: fc.array(
        fc.oneof(
          { weight: 3, arbitrary: fc.constant<number | 'default' | 'imported'>('default') },
          { weight: 3, arbitrary: fc.nat({ max: 1 }) },
          { weight: 1, arbitrary: fc.constantFrom<(number | 'default' | 'imported')[]>(0, 1, 'imported') },
        ),
        { minLength: 2 * SUBNETS, maxLength: 2 * SUBNETS },
      ),
      tables: fc.tuple(anyTable(0), anyTable(0), anyTable(1), anyTable(1)),
      tableOf: fc.array(fc.constantFrom<(0 | 1 | 'main')[]>(0, 0, 1, 'main'), {
        minLength: 2 * SUBNETS,
        maxLength: 2 * SUBNETS,
      }),
    });
    return network.map(({ isHelped, ...random }) => (isHelped ? helped(random as RandomNetwork) : random));
  }) as fc.Arbitrary<RandomNetwork>;

/** The same with a rule on each side, so that it is the rest which decides. */
function helped(network: RandomNetwork): RandomNetwork {
  const { client, target } = network;
  const [from, to] = [client.groups[0], target.groups[0]];
  const rule = { port: PORT, isConditional: false } as const;
  return from === undefined || to === undefined
    ? network
    : {
        ...network,
        groupRules: [
          { ...rule, direction: 'egress', owner: from, peer: { group: to } },
          { ...rule, direction: 'ingress', owner: to, peer: { group: from } },
          ...network.groupRules,
        ],
      };
}

const PARAMETER = { Ref: 'Parameter' };

function cidrText(cidr: Cidr): unknown {
  return cidr === 'parameter'
    ? PARAMETER
    : cidr === 'everywhere'
      ? '0.0.0.0/0'
      : `10.${cidr.vpc}.0.${cidr.first}/${cidr.bits}`;
}

/** The templates of a network, over two stacks. */
export function stacksOf(network: RandomNetwork): AssemblyStack[] {
  const { client, target, groups, groupRules, acls, aclOf, tables, tableOf } = network;
  const net: Record<string, TemplateResource> = {};
  const app: Record<string, TemplateResource> = {};
  const outputs: Record<string, { Value: unknown; Export: { Name: string } }> = {};
  const put = (id: string, type: string, Properties: object, isConditional = false) => {
    net[id] = { Type: `AWS::${type}`, Properties, ...(isConditional ? { Condition: 'Sometimes' } : {}) };
    outputs[id] = { Value: { Ref: id }, Export: { Name: `net:${id}` } };
  };
  const here = (id: string) => ({ Ref: id });
  const there = (id: string) => ({ 'Fn::ImportValue': `net:${id}` });
  for (const vpc of [0, 1, 2]) {
    put(`Vpc${vpc}`, 'EC2::VPC', { CidrBlock: `10.${vpc}.0.0/28` });
  }
  put('Peering', 'EC2::VPCPeeringConnection', { VpcId: here('Vpc0'), PeerVpcId: here('Vpc1') });
  put('AnotherPeering', 'EC2::VPCPeeringConnection', { VpcId: here('Vpc0'), PeerVpcId: here('Vpc2') });
  put('Internet', 'EC2::InternetGateway', {});
  put('Nat', 'EC2::NatGateway', { SubnetId: here('Subnet0') });
  for (const [index, entries] of acls.entries()) {
    const isDefault = index >= acls.length - 2;
    const vpc = isDefault ? index - (acls.length - 2) : 0;
    if (!isDefault) {
      put(`Acl${index}`, 'EC2::NetworkAcl', { VpcId: here('Vpc0') });
    }
    for (const [place, { number, egress, action, protocol, ports, cidr, isConditional }] of entries.entries()) {
      const properties = {
        NetworkAclId: isDefault ? { 'Fn::GetAtt': [`Vpc${vpc}`, 'DefaultNetworkAcl'] } : here(`Acl${index}`),
        RuleNumber: number,
        Egress: egress,
        RuleAction: action === 'parameter' ? PARAMETER : action,
        Protocol: protocol === 'parameter' ? PARAMETER : protocol,
        PortRange: { From: ports[0] === 'parameter' ? PARAMETER : ports[0], To: ports[1] },
        CidrBlock: cidrText(cidr),
      };
      put(`Entry${index}x${place}`, 'EC2::NetworkAclEntry', properties, isConditional);
    }
  }
  for (const [index, routes] of tables.entries()) {
    put(`Table${index}`, 'EC2::RouteTable', { VpcId: here(`Vpc${index < 2 ? 0 : 1}`) });
    for (const [place, { to, by, isConditional }] of routes.entries()) {
      const way = {
        peering: { VpcPeeringConnectionId: here('Peering') },
        'another peering': { VpcPeeringConnectionId: here('AnotherPeering') },
        'imported peering': { VpcPeeringConnectionId: 'pcx-1' },
        nat: { NatGatewayId: here('Nat') },
        internet: { GatewayId: here('Internet') },
        transit: { TransitGatewayId: 'tgw-1' },
        interface: { NetworkInterfaceId: 'eni-1' },
      }[by];
      const properties = { RouteTableId: here(`Table${index}`), DestinationCidrBlock: cidrText(to), ...way };
      put(`Route${index}x${place}`, 'EC2::Route', properties, isConditional);
    }
  }
  for (let index = 0; index < 2 * SUBNETS; index += 1) {
    const vpc = Math.floor(index / SUBNETS);
    const CidrBlock = `10.${vpc}.0.${(index % SUBNETS) * 4}/30`;
    put(`Subnet${index}`, 'EC2::Subnet', { VpcId: here(`Vpc${vpc}`), CidrBlock });
    const acl = aclOf[index];
    if (acl !== 'default') {
      const NetworkAclId = acl === 'imported' ? 'acl-1' : here(`Acl${acl}`);
      put(`AclOf${index}`, 'EC2::SubnetNetworkAclAssociation', { SubnetId: here(`Subnet${index}`), NetworkAclId });
    }
    const table = tableOf[index];
    if (table !== 'main') {
      const RouteTableId = here(`Table${vpc * 2 + (table as number)}`);
      put(`TableOf${index}`, 'EC2::SubnetRouteTableAssociation', { SubnetId: here(`Subnet${index}`), RouteTableId });
    }
  }
  const isApart = client.vpc !== target.vpc;
  for (const [index, kind] of groups.entries()) {
    if (kind === 'made') {
      const vpc = !isApart || index % 2 === 0 ? client.vpc : target.vpc;
      put(`Group${index}`, 'EC2::SecurityGroup', { VpcId: here(`Vpc${vpc}`) });
    }
  }
  const groupIn = (place: (id: string) => object, index: number) =>
    groups[index] === 'made' ? place(`Group${index}`) : `sg-${index}`;
  for (const [index, { direction, owner, peer, port, isConditional }] of groupRules.entries()) {
    const end = direction === 'ingress' ? 'Source' : 'Destination';
    const properties = {
      GroupId: groupIn(here, owner),
      IpProtocol: 'tcp',
      FromPort: port === 'parameter' ? PARAMETER : port,
      ToPort: port === 'parameter' ? PARAMETER : port,
      ...('group' in peer ? { [`${end}SecurityGroupId`]: groupIn(here, peer.group) } : { CidrIp: cidrText(peer.cidr) }),
    };
    put(
      `Rule${index}`,
      `EC2::SecurityGroup${direction === 'ingress' ? 'Ingress' : 'Egress'}`,
      properties,
      isConditional,
    );
  }
  const subnetsOf = ({ vpc, subnets }: End) =>
    subnets.map((subnet) => (subnet === 'imported' ? 'subnet-1' : there(`Subnet${vpc * SUBNETS + subnet}`)));
  const groupsOf = (end: End) => end.groups.map((index) => groupIn(there, index));
  const own = (id: string, type: string, Properties: object) => {
    app[id] = { Type: `AWS::${type}`, Properties };
  };
  own('CacheSubnets', 'ElastiCache::SubnetGroup', { SubnetIds: subnetsOf(target) });
  own('Cache', 'ElastiCache::ReplicationGroup', {
    Engine: 'valkey',
    SecurityGroupIds: groupsOf(target),
    CacheSubnetGroupName: here('CacheSubnets'),
  });
  if (client.kind === 'function') {
    const VpcConfig = { SecurityGroupIds: groupsOf(client), SubnetIds: subnetsOf(client) };
    own('Client', 'Lambda::Function', { VpcConfig });
  } else {
    own('Template', 'EC2::LaunchTemplate', { LaunchTemplateData: { SecurityGroupIds: groupsOf(client) } });
    const LaunchTemplate = { LaunchTemplateId: here('Template') };
    own('Client', 'AutoScaling::AutoScalingGroup', { LaunchTemplate, VPCZoneIdentifier: subnetsOf(client) });
  }
  const stack = (id: string, resources: AssemblyStack['resources'], exported: AssemblyStack['outputs']) => ({
    id,
    path: id,
    name: id,
    templateFile: `${id}.template.json`,
    resources,
    outputs: exported,
  });
  return [stack('net', net, outputs), stack('app', app, {})];
}
