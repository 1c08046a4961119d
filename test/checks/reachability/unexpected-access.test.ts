import type { ReachabilityOptions } from '../../../assembly/reachability';
import { addIngress, type Change, dataAcl, entry, found, from, group, tcp } from './foreign-app';

describe('who else reaches it', () => {
  const bastion = (severity: string, how = '') =>
    `${severity} unexpected-access at Cache: app/Bastion can reach app/Cache on tcp 6379${how}: `;
  const lets = 'app/CacheGroup lets in app/';

  test.each<[string, Change | Change[], ReachabilityOptions, string[]]>([
    [
      'another resource, where the consumers were inferred',
      addIngress('CacheGroup', tcp(6_379, from('BastionGroup'))),
      {},
      [`${bastion('warning')}${lets}BastionGroup`],
    ],
    [
      'another resource, where the consumers are given',
      addIngress('CacheGroup', tcp(6_379, from('BastionGroup'))),
      { consumers: ['Function', 'app/Service'] },
      [`${bastion('error')}${lets}BastionGroup`],
    ],
    [
      'a resource that has a group of the consumers',
      ({ app }) => {
        app.Bastion.Properties.SecurityGroupIds = [group('FunctionGroup')];
      },
      { consumers: ['Function', 'app/Service'] },
      [`${bastion('warning', ', with a security group that its consumers have as well')}${lets}FunctionGroup`],
    ],
    [
      'a resource that is allowed',
      addIngress('CacheGroup', tcp(6_379, from('BastionGroup'))),
      { allowed: ['Bastion'] },
      [],
    ],
    ['a resource on another port', addIngress('CacheGroup', tcp(6_380, from('BastionGroup'))), {}, []],
    [
      'all addresses',
      addIngress('CacheGroup', tcp(6_379, { CidrIp: '0.0.0.0/0' })),
      {},
      [
        'error unexpected-access at CacheGroup: app/CacheGroup lets any address of 0.0.0.0/0 reach app/Cache on tcp 6379: more than what is to reach it has',
      ],
    ],
    [
      'the addresses of the VPC, by a rule of its own',
      ({ app }) => {
        app.Open = {
          Type: 'AWS::EC2::SecurityGroupIngress',
          Properties: { GroupId: group('DatabaseGroup'), ...tcp(5_432, { CidrIp: '10.0.0.0/16' }) },
        };
      },
      {},
      [
        'error unexpected-access at Open: app/Open lets any address of 10.0.0.0/16 reach app/Database on tcp 5432: more than what is to reach it has',
      ],
    ],
    [
      'addresses that are allowed',
      addIngress('CacheGroup', tcp(6_379, { CidrIp: '10.8.0.0/24' })),
      { allowed: ['10.8.0.0/16'] },
      [
        'warning unexpected-access at CacheGroup: app/CacheGroup lets any address of 10.8.0.0/24 reach app/Cache on tcp 6379: those of its consumers, whoever else has them',
      ],
    ],
    [
      'all addresses of IPv6, which the cache has none of',
      addIngress('CacheGroup', tcp(6_379, { CidrIpv6: '::/0' })),
      {},
      [],
    ],
    [
      'all addresses of IPv6, which the cache has',
      [
        addIngress('CacheGroup', tcp(6_379, { CidrIpv6: '::/0' })),
        ({ app }) => {
          app.Cache.Properties.NetworkType = 'dual_stack';
        },
      ],
      { allowed: ['Bastion', 'Service'] },
      [
        'error unexpected-access at CacheGroup: app/CacheGroup lets any address of ::/0 reach app/Cache on tcp 6379: more than what is to reach it has',
      ],
    ],
  ])('%s', (_, change, options, expected) => {
    expect(found(change, options)).toEqual(expected);
  });

  test('the subnets of the consumers, in which something else is', () => {
    const change: Change = ({ app }) => {
      app.CacheGroup.Properties.SecurityGroupIngress = ['10.0.11.0/24', '10.0.12.0/24'].map((CidrIp) =>
        tcp(6_379, { CidrIp }),
      );
    };

    expect(found(change)).toEqual([
      expect.stringMatching(/^warning unexpected-access at Cache: app\/Service can reach app\/Cache/),
      expect.stringContaining(bastion('warning', ', from an address that is let in with those of its consumers')),
      expect.stringMatching(/^warning unexpected-access at CacheGroup: .* 10\.0\.11\.0\/24/),
      expect.stringMatching(/^warning unexpected-access at CacheGroup: .* 10\.0\.12\.0\/24/),
    ]);
  });

  test('one subnet of two is enough', () => {
    const change: Change[] = [
      addIngress('CacheGroup', tcp(6_379, from('BastionGroup'))),
      dataAcl({ In: entry('Acl', 2, false), Out: entry('Acl', 2, true) }),
      ({ net, app }) => {
        delete net.AclOf2;
        net.Deny = entry('Acl', 1, false, { RuleAction: 'deny', CidrBlock: '10.0.11.0/24' });
        app.Function.Properties.VpcConfig.SubnetIds = [{ 'Fn::ImportValue': 'net:App2' }];
        app.Service.Properties.NetworkConfiguration.AwsvpcConfiguration.Subnets = [{ 'Fn::ImportValue': 'net:App2' }];
      },
    ];

    expect(found(change)).toEqual([`${bastion('warning')}${lets}BastionGroup`]);
    expect(
      found([
        ...change,
        ({ net }) => {
          net.AclOf2 = {
            Type: 'AWS::EC2::SubnetNetworkAclAssociation',
            Properties: { SubnetId: { Ref: 'Data2' }, NetworkAclId: { Ref: 'Acl' } },
          };
        },
      ]),
    ).toEqual([]);
  });
});

describe('where nobody refers to a cache', () => {
  const unreferred: Change = ({ app }) => {
    delete app.Function.Properties.Environment;
  };

  test('it is enough that something reaches it', () => {
    expect(found(unreferred)).toEqual([]);
  });

  test('it is told where nothing does', () => {
    const closed: Change = ({ app }) => {
      app.CacheGroup.Properties.SecurityGroupIngress = [];
    };

    expect(found([unreferred, closed])).toEqual([
      expect.stringMatching(
        /^warning cache-unreachable at Cache: nothing in the templates can reach app\/Cache: for example, no rule lets app\/Function reach/,
      ),
    ]);
  });

  test('addresses of what may be meant are not beyond it', () => {
    const addresses: Change = ({ app }) => {
      app.CacheGroup.Properties.SecurityGroupIngress = [tcp(6_379, { CidrIp: '10.0.11.0/24' })];
    };

    expect(found([unreferred, addresses])).toEqual([
      expect.stringMatching(/^warning unexpected-access at CacheGroup: .* 10\.0\.11\.0\/24/),
    ]);
  });

  test('an app without anything else says nothing', () => {
    const alone: Change = ({ app }) => {
      for (const id of ['Function', 'Service', 'Bastion', 'Task']) {
        delete app[id];
      }
      app.CacheGroup.Properties.SecurityGroupIngress = [];
      delete app.ServiceToDatabase;
    };

    expect(found(alone)).toEqual([]);
  });
});
