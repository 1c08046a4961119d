import { type Change, found, PARAMETER } from './foreign-app';

describe('routes to another VPC', () => {
  /** The function in a VPC of its own, with routes by their ids. */
  const apart =
    (routes: Record<string, object>): Change =>
    ({ net, app }) => {
      const route = (table: string, properties: object) => ({
        Type: 'AWS::EC2::Route',
        Properties: { RouteTableId: { Ref: table }, VpcPeeringConnectionId: { Ref: 'Peering' }, ...properties },
      });
      Object.assign(net, {
        Other: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '10.9.0.0/16' } },
        Far: { Type: 'AWS::EC2::Subnet', Properties: { CidrBlock: '10.9.1.0/24', VpcId: { Ref: 'Other' } } },
        FarTable: { Type: 'AWS::EC2::RouteTable', Properties: { VpcId: { Ref: 'Other' } } },
        FarTableOf: {
          Type: 'AWS::EC2::SubnetRouteTableAssociation',
          Properties: { SubnetId: { Ref: 'Far' }, RouteTableId: { Ref: 'FarTable' } },
        },
        Peering: {
          Type: 'AWS::EC2::VPCPeeringConnection',
          Properties: { VpcId: { Ref: 'Other' }, PeerVpcId: { Ref: 'Vpc' } },
        },
        There: route('FarTable', { DestinationCidrBlock: '10.0.0.0/16' }),
        Back: route('DataTable', { DestinationCidrBlock: '10.9.1.0/24' }),
      });
      for (const [id, properties] of Object.entries(routes)) {
        const { Properties } = net[id] ?? route('FarTable', {});
        net[id] = route('FarTable', { ...Properties, ...properties });
      }
      app.Function.Properties.VpcConfig.SubnetIds = [{ 'Fn::ImportValue': 'net:Far' }];
    };

  test.each<[string, Record<string, object>, string | undefined]>([
    ['both ways', {}, undefined],
    [
      'a way there for one subnet of two',
      { There: { DestinationCidrBlock: '10.0.21.0/24' } },
      'net/FarTable has no route to net/Vpc for all of 10.0.22.0/24',
    ],
    [
      'a way back to elsewhere',
      { Back: { DestinationCidrBlock: '10.9.2.0/24' } },
      'net/DataTable has no route to net/Other for all of 10.9.1.0/24',
    ],
    [
      'a longer prefix that leads elsewhere',
      {
        Longer: {
          DestinationCidrBlock: '10.0.21.0/24',
          VpcPeeringConnectionId: undefined,
          NatGatewayId: { Ref: 'Nat' },
        },
      },
      'net/FarTable has no route to net/Vpc for all of 10.0.21.0/24',
    ],
  ])('%s', (_, routes, expected) => {
    const [text, ...others] = found(apart(routes));

    expect(others).toEqual([]);
    expect(text?.split(' on tcp 6379: ')[1]).toBe(expected);
  });

  test.each<[string, Record<string, object>, string]>([
    [
      'a transit gateway',
      { There: { VpcPeeringConnectionId: undefined, TransitGatewayId: 'tgw-1' } },
      'what net/There leads to tgw-1 is known to a deploy only',
    ],
    [
      'a peering connection that is not here',
      { There: { VpcPeeringConnectionId: 'pcx-1' } },
      'what net/There leads to pcx-1 is known to a deploy only',
    ],
    [
      'a destination of a parameter',
      { There: { DestinationCidrBlock: PARAMETER } },
      'what net/There leads to net/Peering is known to a deploy only',
    ],
  ])('unknown: %s', (_, routes, why) => {
    expect(found(apart(routes))).toEqual([
      `informational reachability-unknown at Function: it is not known whether app/Function can reach app/Cache on tcp 6379: ${why}`,
    ]);
  });
});
