import { type Change, entry, found, from, group, PARAMETER, tcp } from './foreign-app';

describe('services of AWS', () => {
  const secrets = (state: string, text: string) =>
    state === 'closed'
      ? `error service-unreachable at Service: nothing lets app/Service reach Secrets Manager: ${text}`
      : `informational reachability-unknown at Service: it is not known whether app/Service can reach Secrets Manager: ${text}`;
  const endpoint =
    (properties: object = {}): Change =>
    ({ net, app }) => {
      delete net.ToNat;
      app.EndpointGroup = {
        Type: 'AWS::EC2::SecurityGroup',
        Properties: { SecurityGroupIngress: [tcp(443, from('ServiceGroup'))] },
      };
      app.Endpoint = {
        Type: 'AWS::EC2::VPCEndpoint',
        Properties: {
          VpcId: { 'Fn::ImportValue': 'net:Vpc' },
          VpcEndpointType: 'Interface',
          PrivateDnsEnabled: true,
          ServiceName: { 'Fn::Join': ['', ['com.amazonaws.', { Ref: 'AWS::Region' }, '.secretsmanager']] },
          SecurityGroupIds: [group('EndpointGroup')],
          SubnetIds: [{ 'Fn::ImportValue': 'net:App2' }],
          ...properties,
        },
      };
    };
  /** An ACL of the subnet that the NAT gateway is in. */
  const natAcl =
    (entries: Record<string, object>): Change =>
    ({ net }) => {
      net.Acl = { Type: 'AWS::EC2::NetworkAcl', Properties: { VpcId: { Ref: 'Vpc' } } };
      net.AclOf = {
        Type: 'AWS::EC2::SubnetNetworkAclAssociation',
        Properties: { SubnetId: { Ref: 'Public1' }, NetworkAclId: { Ref: 'Acl' } },
      };
      Object.assign(net, entries);
    };
  const NO_WAY =
    'net/AppTable of net/App1 has no route to a NAT gateway or an internet gateway, and net/Vpc has no endpoint of Secrets Manager';

  test.each<[string, Change | Change[], string[]]>([
    ['by an endpoint', endpoint(), []],
    [
      'by no way at all',
      ({ net }) => {
        delete net.ToNat;
      },
      [secrets('closed', NO_WAY)],
    ],
    [
      'by an endpoint of another service',
      endpoint({ ServiceName: 'com.amazonaws.us-east-1.logs' }),
      [secrets('closed', NO_WAY)],
    ],
    ['by an endpoint without its name', endpoint({ PrivateDnsEnabled: undefined }), [secrets('closed', NO_WAY)]],
    ['by an endpoint of another VPC', endpoint({ VpcId: 'vpc-1' }), [secrets('closed', NO_WAY)]],
    [
      'by an endpoint of a VPC that only a deploy knows',
      endpoint({ VpcId: PARAMETER }),
      [secrets('unknown', 'which service app/Endpoint leads to, and where from, is known to a deploy only')],
    ],
    [
      'by an endpoint that does not let it in, although there is a NAT gateway',
      ({ net, app }) => {
        const { ToNat } = net;
        endpoint()({ net, app });
        net.ToNat = ToNat;
        app.EndpointGroup.Properties.SecurityGroupIngress = [];
      },
      [
        secrets(
          'closed',
          'its name leads to the endpoint app/Endpoint, and no rule lets app/Service reach app/Endpoint on tcp 443: the security group app/EndpointGroup has no ingress from app/ServiceGroup',
        ),
      ],
    ],
    [
      'past security groups that let nothing out',
      ({ app }) => {
        app.ServiceGroup.Properties.SecurityGroupEgress = [
          tcp(5_432, { DestinationSecurityGroupId: group('DatabaseGroup') }),
        ];
      },
      [secrets('closed', 'the security group app/ServiceGroup has no egress on tcp 443 to Secrets Manager')],
    ],
    [
      'by the internet gateway, with no address of the internet',
      ({ net }) => {
        net.ToNat.Properties = { ...net.ToNat.Properties, NatGatewayId: undefined, GatewayId: { Ref: 'Internet' } };
      },
      [
        secrets(
          'closed',
          'net/App1 leads to an internet gateway, and app/Service has no address of the internet there',
        ),
      ],
    ],
    [
      'by the internet gateway, with one',
      ({ net, app }) => {
        net.ToNat.Properties = { ...net.ToNat.Properties, NatGatewayId: undefined, GatewayId: { Ref: 'Internet' } };
        app.Service.Properties.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp = 'ENABLED';
      },
      [],
    ],
    [
      'by a NAT gateway that leads nowhere',
      ({ net }) => {
        delete net.ToInternet;
      },
      [secrets('closed', 'net/PublicTable, of the NAT gateway net/Nat, has no route to an internet gateway')],
    ],
    [
      'by a private NAT gateway',
      ({ net }) => {
        net.Nat.Properties.ConnectivityType = 'private';
      },
      [secrets('closed', 'the NAT gateway net/Nat is a private one')],
    ],
    [
      'past the network ACL of the NAT gateway',
      natAcl({
        In: entry('Acl', 1, false),
        Out443: entry('Acl', 1, true, { Protocol: 6, PortRange: { From: 443, To: 443 } }),
      }),
      [secrets('closed', 'net/Acl does not let tcp 32768-60999 out to 10.0.11.0/24')],
    ],
    [
      'past the network ACL of the NAT gateway, from a part of the subnets',
      natAcl({
        In: entry('Acl', 2, false),
        Deny: entry('Acl', 1, false, { RuleAction: 'deny', CidrBlock: '10.0.12.128/25' }),
        Out: entry('Acl', 1, true),
      }),
      [secrets('closed', 'net/Acl does not let tcp 443 in from 10.0.12.0/24')],
    ],
    [
      'past the network ACL of the NAT gateway, to the internet',
      natAcl({ In: entry('Acl', 1, false), Out: entry('Acl', 1, true, { CidrBlock: '10.0.0.0/16' }) }),
      [secrets('closed', 'net/Acl does not let tcp 443 out to 0.0.0.0/0')],
    ],
    [
      'past its own network ACL',
      ({ net }) => {
        const acl = { 'Fn::GetAtt': ['Vpc', 'DefaultNetworkAcl'] };
        net.Deny = entry(acl, 1, true, { RuleAction: 'deny', Protocol: 6, PortRange: { From: 443, To: 443 } });
        natAcl({ In: entry('Acl', 1, false), Out: entry('Acl', 1, true) })({ net, app: {} });
      },
      [secrets('closed', 'the default network ACL of net/Vpc does not let tcp 443 out to 0.0.0.0/0')],
    ],
    [
      'by a transit gateway',
      ({ net }) => {
        net.ToNat.Properties = { ...net.ToNat.Properties, NatGatewayId: undefined, TransitGatewayId: 'tgw-1' };
      },
      [secrets('unknown', 'what net/ToNat leads to tgw-1 is known to a deploy only')],
    ],
    [
      'by a NAT gateway that is not here',
      ({ net }) => {
        net.ToNat.Properties.NatGatewayId = 'nat-1';
      },
      [secrets('unknown', 'the NAT gateway nat-1 is not in the templates')],
    ],
    [
      'not at all, since CloudFormation puts the secret in',
      ({ net, app }) => {
        delete net.ToNat;
        app.Task.Properties.ContainerDefinitions[0].Secrets = [];
        app.Task.Properties.ContainerDefinitions[0].Environment.push({
          Name: 'PASSWORD',
          Value: {
            'Fn::Join': [
              '',
              [
                '{{resolve:secretsmanager:',
                { 'Fn::GetAtt': ['Database', 'MasterUserSecret.SecretArn'] },
                ':SecretString:password::}}',
              ],
            ],
          },
        });
      },
      [],
    ],
  ])('%s', (_, change, expected) => {
    expect(found(change)).toEqual(expected);
  });
});
