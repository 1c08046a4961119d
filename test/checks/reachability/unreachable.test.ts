import { reachabilityFindings } from '../../../lib/checks/reachability';
import { type Change, foreignApp, found, group, HELD_BY_NOBODY, nothing, tcp } from './foreign-app';

test('an app that is as it should be', () => {
  expect(found(nothing)).toEqual([]);
});

describe('what consumers do not reach', () => {
  test.each<[string, Change | Change[], string, ...string[]]>([
    [
      'a function on a cache',
      ({ app }) => {
        app.CacheGroup.Properties.SecurityGroupIngress = [];
      },
      'error cache-unreachable at Function: no rule lets app/Function reach app/Cache on tcp 6379: ' +
        'the security group app/CacheGroup has no ingress from app/FunctionGroup',
    ],
    [
      'a service of containers on a cluster',
      ({ app }) => {
        delete app.ServiceToDatabase;
      },
      'error database-unreachable at Service: no rule lets app/Service reach app/Database on tcp 5432: ' +
        'the security group app/DatabaseGroup has no ingress from app/ServiceGroup',
    ],
    [
      'a client that lets nothing out to it',
      ({ app }) => {
        app.FunctionGroup.Properties.SecurityGroupEgress = [tcp(443, { CidrIp: '0.0.0.0/0' })];
      },
      'error cache-unreachable at Function: no rule lets app/Function reach app/Cache on tcp 6379: ' +
        'the security group app/FunctionGroup has no egress to app/CacheGroup',
    ],
    [
      'a function in no VPC',
      ({ app }) => {
        delete app.Function.Properties.VpcConfig;
      },
      'error cache-unreachable at Function: nothing lets app/Function reach app/Cache on tcp 6379: the function is in no VPC',
      HELD_BY_NOBODY,
    ],
    [
      'a client in another VPC',
      ({ net, app }) => {
        net.Other = { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '10.9.0.0/16' } };
        net.Far = { Type: 'AWS::EC2::Subnet', Properties: { CidrBlock: '10.9.1.0/24', VpcId: { Ref: 'Other' } } };
        app.Function.Properties.VpcConfig.SubnetIds = [{ 'Fn::ImportValue': 'net:Far' }];
      },
      'error cache-unreachable at Function: no rule lets app/Function reach app/Cache on tcp 6379: ' +
        'the main route table of net/Other has no route to net/Vpc for all of 10.0.21.0/24, 10.0.22.0/24, ' +
        'and net/DataTable has no route to net/Other for all of 10.9.1.0/24',
    ],
    [
      'an endpoint that came by a parameter of Systems Manager',
      ({ app }) => {
        app.Parameter = {
          Type: 'AWS::SSM::Parameter',
          Properties: { Value: { 'Fn::GetAtt': ['Cache', 'PrimaryEndPoint.Address'] } },
        };
        app.Function.Properties.Environment.Variables = { HOST: { Ref: 'Parameter' } };
        app.CacheGroup.Properties.SecurityGroupIngress = [];
      },
      'error cache-unreachable at Function: no rule lets app/Function reach app/Cache on tcp 6379: ' +
        'the security group app/CacheGroup has no ingress from app/FunctionGroup',
    ],
    [
      'an instance, by its user data',
      [
        ({ app }) => {
          app.Bastion.Properties.UserData = { 'Fn::Base64': { 'Fn::Sub': 'host=${Cache.PrimaryEndPoint.Address}' } };
        },
      ],
      'error cache-unreachable at Bastion: no rule lets app/Bastion reach app/Cache on tcp 6379: ' +
        'the security group app/CacheGroup has no ingress from app/BastionGroup',
    ],
    [
      'an Auto Scaling group with a launch configuration',
      ({ app }) => {
        app.Configuration = {
          Type: 'AWS::AutoScaling::LaunchConfiguration',
          Properties: {
            SecurityGroups: [group('BastionGroup')],
            UserData: { 'Fn::GetAtt': ['Cache', 'ReaderEndPoint.Address'] },
          },
        };
        app.Fleet = {
          Type: 'AWS::AutoScaling::AutoScalingGroup',
          Properties: {
            LaunchConfigurationName: { Ref: 'Configuration' },
            VPCZoneIdentifier: [{ 'Fn::ImportValue': 'net:App1' }],
          },
        };
      },
      'error cache-unreachable at Fleet: no rule lets app/Fleet reach app/Cache on tcp 6379: ' +
        'the security group app/CacheGroup has no ingress from app/BastionGroup',
    ],
  ])('%s', (_, change, ...expected) => {
    expect(found(change)).toEqual(expected);
  });

  test('the second port of a serverless cache is a warning', () => {
    const serverless: Change = ({ app }) => {
      app.Cache = {
        Type: 'AWS::ElastiCache::ServerlessCache',
        Properties: {
          Engine: 'valkey',
          SecurityGroupIds: [group('CacheGroup')],
          SubnetIds: [{ 'Fn::ImportValue': 'net:Data1' }],
        },
      };
      app.Function.Properties.Environment.Variables.CACHE_HOST = { 'Fn::GetAtt': ['Cache', 'Endpoint.Address'] };
    };
    const both: Change = ({ app }) => {
      app.CacheGroup.Properties.SecurityGroupIngress = [];
    };

    expect(found(serverless).map((text) => text.split(',')[0])).toEqual([
      expect.stringMatching(/^warning cache-unreachable at Function: .* on tcp 6380:/),
    ]);
    expect(found([serverless, both]).map((text) => text.split(' ')[0])).toEqual(['error', 'error']);
  });

  test('the fix is a line of an app', () => {
    const fixes = (change: Change) => reachabilityFindings([foreignApp(change)]).map(({ fix }) => fix);

    expect(
      fixes(({ app }) => {
        app.CacheGroup.Properties.SecurityGroupIngress = [];
        delete app.ServiceToDatabase;
      }),
    ).toEqual([
      '`cache.connections.allowDefaultPortFrom(handler)`',
      '`databaseSecurityGroup.addIngressRule(clientSecurityGroup, ec2.Port.tcp(5432))`',
    ]);
  });
});
