import { addIngress, type Change, found, HELD_BY_NOBODY, tcp } from './foreign-app';

describe('what is not known is never guessed', () => {
  const cacheUnknown = (why: string) =>
    `informational reachability-unknown at Function: it is not known whether app/Function can reach app/Cache on tcp 6379: ${why}`;

  test.each<[string, Change, string[]]>([
    [
      'subnets of a client',
      ({ app }) => {
        app.Function.Properties.VpcConfig.SubnetIds = ['subnet-1', 'subnet-2'];
      },
      [cacheUnknown('the network ACL of subnet-1 is not in the templates')],
    ],
    [
      'a security group of a client',
      ({ app }) => {
        app.Function.Properties.VpcConfig.SecurityGroupIds = ['sg-1'];
        app.CacheGroup.Properties.SecurityGroupIngress = [tcp(6_379, { SourceSecurityGroupId: 'sg-1' })];
      },
      [cacheUnknown('the rules of sg-1, a security group of app/Function, are not in the templates')],
    ],
    [
      'a security group of a cache',
      ({ app }) => {
        app.Cache.Properties.SecurityGroupIds = ['sg-1'];
      },
      [
        cacheUnknown('the rules of sg-1, a security group of app/Cache, are not in the templates'),
        'informational reachability-unknown at Cache: it is not known who else can reach app/Cache on tcp 6379: whoever the rules of sg-1 let in, which are not in the templates',
      ],
    ],
    [
      'a group of somebody else',
      addIngress('CacheGroup', tcp(6_379, { SourceSecurityGroupId: 'sg-9' })),
      [
        'informational reachability-unknown at CacheGroup: app/CacheGroup lets whoever has the security group sg-9 reach app/Cache on tcp 6379: it is not known who that is',
      ],
    ],
    [
      'a port',
      ({ app }) => {
        delete app.Database.Properties.Port;
      },
      [
        'informational reachability-unknown at Service: it is not known whether app/Service can reach app/Database: the port of app/Database is known to a deploy only',
      ],
    ],
    [
      'the interfaces of containers on instances',
      ({ app }) => {
        app.Service.Properties = { TaskDefinition: { Ref: 'Task' } };
      },
      [
        'informational reachability-unknown at Service: it is not known whether app/Service can reach app/Database on tcp 5432: app/Service has the network interfaces of the instances that its containers run on',
        'informational reachability-unknown at Service: it is not known whether app/Service can reach Secrets Manager: app/Service has the network interfaces of the instances that its containers run on',
        'informational reachability-unknown at ServiceToDatabase: app/ServiceToDatabase lets whoever has the security group app/ServiceGroup reach app/Database on tcp 5432: nothing in the templates has it',
      ],
    ],
    [
      'a rule with a condition',
      ({ app }) => {
        app.ServiceToDatabase.Condition = 'Sometimes';
      },
      [
        'informational reachability-unknown at Service: it is not known whether app/Service can reach app/Database on tcp 5432: what app/ServiceToDatabase lets through is known to a deploy only',
      ],
    ],
  ])('%s', (_, change, expected) => {
    expect(found(change)).toEqual(expected);
  });

  test('what is surely closed is told nevertheless', () => {
    const change: Change = ({ app }) => {
      app.Function.Properties.VpcConfig = { SecurityGroupIds: ['sg-1'], SubnetIds: ['subnet-1'] };
    };

    expect(found(change)).toEqual([
      'error cache-unreachable at Function: no rule lets app/Function reach app/Cache on tcp 6379: the security group app/CacheGroup has no ingress from sg-1',
      HELD_BY_NOBODY,
    ]);
  });
});
