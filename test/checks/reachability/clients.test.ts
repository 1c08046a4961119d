import { type Change, entry, found, from, group, tcp } from './foreign-app';

const resource = (type: string, Properties: object, more: object = {}) => ({
  Type: `AWS::${type}`,
  Properties,
  ...more,
});
const subnet = (id: string) => ({ 'Fn::ImportValue': `net:${id}` });
const HOST = { 'Fn::GetAtt': ['Cache', 'PrimaryEndPoint.Address'] };

/** The cache lets a group in that nothing has yet; the resource has it and holds the endpoint. */
const client =
  (resources: Record<string, object>): Change =>
  ({ app }) => {
    app.Group = resource('EC2::SecurityGroup', { VpcId: subnet('Vpc') });
    app.CacheGroup.Properties.SecurityGroupIngress.push(tcp(6_379, from('Group')));
    Object.assign(app, resources);
  };
const closing: Change = ({ app }) => {
  app.CacheGroup.Properties.SecurityGroupIngress.pop();
};

describe('clients of every kind', () => {
  const groups = [group('Group')];
  const data = { UserData: HOST };

  test.each<[string, Record<string, object>]>([
    [
      'an Auto Scaling group with a launch template',
      {
        Client: resource('AutoScaling::AutoScalingGroup', {
          LaunchTemplate: { LaunchTemplateId: { Ref: 'Template' } },
          VPCZoneIdentifier: [subnet('App1')],
        }),
        Template: resource('EC2::LaunchTemplate', { LaunchTemplateData: { SecurityGroupIds: groups, ...data } }),
      },
    ],
    [
      'one with mixed instances',
      {
        Client: resource('AutoScaling::AutoScalingGroup', {
          MixedInstancesPolicy: {
            LaunchTemplate: { LaunchTemplateSpecification: { LaunchTemplateId: { Ref: 'Template' } } },
          },
          VPCZoneIdentifier: [subnet('App1')],
        }),
        Template: resource('EC2::LaunchTemplate', {
          LaunchTemplateData: { NetworkInterfaces: [{ Groups: groups }], ...data },
        }),
      },
    ],
    [
      'one with a launch configuration',
      {
        Client: resource('AutoScaling::AutoScalingGroup', {
          LaunchConfigurationName: { Ref: 'Configuration' },
          VPCZoneIdentifier: [subnet('App1')],
        }),
        Configuration: resource('AutoScaling::LaunchConfiguration', { SecurityGroups: groups, ...data }),
      },
    ],
    [
      'an instance',
      { Client: resource('EC2::Instance', { SecurityGroupIds: groups, SubnetId: subnet('App1'), ...data }) },
    ],
    [
      'an instance with network interfaces',
      {
        Client: resource('EC2::Instance', {
          NetworkInterfaces: [{ DeviceIndex: '0', GroupSet: groups, SubnetId: subnet('App1') }],
          ...data,
        }),
      },
    ],
    [
      'an instance with a network interface that stands by itself',
      {
        Client: resource('EC2::Instance', {
          NetworkInterfaces: [{ NetworkInterfaceId: { Ref: 'Interface' } }],
          ...data,
        }),
        Interface: resource('EC2::NetworkInterface', { GroupSet: groups, SubnetId: subnet('App1') }),
      },
    ],
    [
      'an instance with a launch template',
      {
        Client: resource('EC2::Instance', {
          LaunchTemplate: { LaunchTemplateId: { Ref: 'Template' } },
          SubnetId: subnet('App1'),
        }),
        Template: resource('EC2::LaunchTemplate', { LaunchTemplateData: { SecurityGroupIds: groups, ...data } }),
      },
    ],
    [
      'a project of CodeBuild',
      {
        Client: resource('CodeBuild::Project', {
          VpcConfig: { SecurityGroupIds: groups, Subnets: [subnet('App1')] },
          Environment: { EnvironmentVariables: [{ Name: 'HOST', Value: HOST }] },
        }),
      },
    ],
    [
      'a job of Glue',
      {
        Client: resource('Glue::Connection', {
          ConnectionInput: {
            PhysicalConnectionRequirements: { SecurityGroupIdList: groups, SubnetId: subnet('App1') },
            ConnectionProperties: { HOST },
          },
        }),
      },
    ],
    [
      'a function whose subnets are elements of a list that crossed stacks',
      {
        Client: resource('Lambda::Function', {
          VpcConfig: {
            SecurityGroupIds: groups,
            SubnetIds: [
              { 'Fn::Select': [0, { 'Fn::Split': [',', { 'Fn::Join': [',', [subnet('App1'), subnet('App2')]] }] }] },
            ],
          },
          Environment: { Variables: { HOST } },
        }),
      },
    ],
  ])('%s', (_, resources) => {
    expect(found(client(resources))).toEqual([]);
    expect(found([client(resources), closing])).toEqual([
      'error cache-unreachable at Client: no rule lets app/Client reach app/Cache on tcp 6379: ' +
        'the security group app/CacheGroup has no ingress from app/Group',
    ]);
  });

  test('what answers only is no client', () => {
    const resources = {
      Endpoint: resource('EC2::VPCEndpoint', { SecurityGroupIds: groups, SubnetIds: [subnet('App1')] }),
      Mount: resource('EFS::MountTarget', { SecurityGroups: groups, SubnetId: subnet('App1') }),
      Interfaced: resource('CloudFormation::CustomResource', { SecurityGroupIds: groups }),
    };

    expect(found(client(resources))).toEqual([
      expect.stringContaining('lets whoever has the security group app/Group reach app/Cache on tcp 6379: nothing'),
    ]);
  });

  test('a load balancer stands in the construct of a consumer, and is none', () => {
    const path = (name: string) => ({ Metadata: { 'aws:cdk:path': name } });
    const change = client({
      Balancer: resource(
        'ElasticLoadBalancingV2::LoadBalancer',
        { SecurityGroups: [group('BastionGroup')], Subnets: [subnet('Public1')] },
        path('app/Web/Balancer/Resource'),
      ),
      Client: resource(
        'EC2::Instance',
        { SecurityGroupIds: groups, SubnetId: subnet('App1') },
        path('app/Web/Instance'),
      ),
    });

    expect(found(change, { consumers: ['app/Web', 'Function', 'Service'] })).toEqual([
      expect.stringMatching(/^error database-unreachable at Client/),
    ]);
    expect(found(change, { consumers: ['app/Web/Balancer', 'Function', 'Service'], allowed: ['Client'] })).toEqual([
      expect.stringMatching(/^error cache-unreachable at Balancer/),
      expect.stringMatching(/^error database-unreachable at Balancer/),
    ]);
  });
});

describe('a proxy of a database', () => {
  const proxied: Change = ({ app }) => {
    app.ProxyGroup = resource('EC2::SecurityGroup', {
      VpcId: subnet('Vpc'),
      SecurityGroupIngress: [tcp(5_432, from('ServiceGroup'))],
    });
    app.Proxy = resource('RDS::DBProxy', {
      EngineFamily: 'POSTGRESQL',
      VpcSecurityGroupIds: [group('ProxyGroup')],
      VpcSubnetIds: [subnet('App1'), subnet('App2')],
      Auth: [{ SecretArn: { 'Fn::GetAtt': ['Database', 'MasterUserSecret.SecretArn'] } }],
    });
    app.ProxyTargets = resource('RDS::DBProxyTargetGroup', {
      DBProxyName: { Ref: 'Proxy' },
      DBClusterIdentifiers: [{ Ref: 'Database' }],
    });
    app.Task.Properties.ContainerDefinitions = [
      { Environment: [{ Name: 'HOST', Value: { 'Fn::GetAtt': ['Proxy', 'Endpoint'] } }] },
    ];
    app.ServiceToDatabase.Properties.SourceSecurityGroupId = group('ProxyGroup');
  };

  test('is reached, and reaches it', () => {
    expect(found(proxied)).toEqual([]);
  });

  test('is not let in', () => {
    const closed: Change = ({ app }) => {
      app.ServiceToDatabase.Properties.SourceSecurityGroupId = group('BastionGroup');
    };

    expect(found([proxied, closed])).toEqual([
      expect.stringMatching(
        /^error database-unreachable at Proxy: no rule lets app\/Proxy reach app\/Database on tcp 5432/,
      ),
      expect.stringMatching(/^warning unexpected-access at Database: app\/Bastion can reach app\/Database/),
    ]);
  });

  test('needs no way to the secret, which AWS fetches', () => {
    const isolated: Change = ({ net }) => {
      delete net.ToNat;
    };

    expect(found([proxied, isolated])).toEqual([]);
  });
});

describe('who is a consumer', () => {
  test('not who holds something else of a cache', () => {
    const change: Change = ({ app }) => {
      app.Bastion.Properties.UserData = { 'Fn::Sub': 'watch ${Cache}' };
    };

    expect(found(change)).toEqual([]);
  });

  test('who holds the secret of a database', () => {
    const change: Change = ({ app }) => {
      app.Secret = resource('SecretsManager::Secret', {});
      app.Attachment = resource('SecretsManager::SecretTargetAttachment', {
        SecretId: { Ref: 'Secret' },
        TargetId: { Ref: 'Database' },
      });
      app.Bastion.Properties.UserData = { 'Fn::Sub': 'secret ${Secret}' };
    };
    const attached: Change = ({ app }) => {
      app.Bastion.Properties.UserData = { 'Fn::Sub': 'secret ${Attachment}' };
    };

    for (const changes of [[change], [change, attached]]) {
      expect(found(changes)).toEqual([expect.stringMatching(/^error database-unreachable at Bastion/)]);
    }
  });

  test('whom a binding names, also as a container', () => {
    const change: Change = ({ app }) => {
      app.Task.Properties.ContainerDefinitions[0].Environment = [
        {
          Name: 'CACHE_BINDINGS',
          Value: {
            'Fn::Join': [
              '',
              ['{"version":1,"caches":{"sessions":{"host":"', HOST, '","auth":{"type":"secret","arn":"x"}}}}'],
            ],
          },
        },
      ];
      app.Task.Properties.ContainerDefinitions[0].Secrets = [];
      app.CacheGroup.Properties.SecurityGroupIngress.push(tcp(6_379, from('ServiceGroup')));
      app.CacheGroup.Properties.SecurityGroupIngress.push(tcp(6_379, from('BastionGroup')));
    };
    const isolated: Change = ({ net }) => {
      delete net.ToNat;
    };

    // Of a binding it is certain who is meant.
    expect(found([change, isolated])).toEqual([
      expect.stringMatching(/^error unexpected-access at Cache: app\/Bastion/),
      expect.stringMatching(/^error service-unreachable at Service: nothing lets app\/Service reach Secrets Manager/),
    ]);
  });
});

describe('addresses', () => {
  test('that are cut out of those of the VPC', () => {
    const change = (index: number): Change[] => [
      ({ net }) => {
        const block = { 'Fn::Cidr': [{ 'Fn::GetAtt': ['Vpc', 'CidrBlock'] }, 16, 8] };
        net.App1.Properties.CidrBlock = { 'Fn::Select': [index, block] };
      },
      ({ app }) => {
        app.Function.Properties.VpcConfig.SubnetIds = [subnet('App1')];
        app.CacheGroup.Properties.SecurityGroupIngress = [tcp(6_379, { CidrIp: '10.0.3.0/24' })];
      },
    ];
    const errors = (index: number) => found(change(index)).filter((text) => text.includes('at Function'));

    expect(errors(3)).toEqual([]);
    expect(errors(4)).toEqual([expect.stringMatching(/ or from all of 10\.0\.4\.0\/24$/)]);
  });

  test('of IPv6 are not meant by those of IPv4 that are allowed', () => {
    const change: Change = ({ app }) => {
      app.Cache.Properties.NetworkType = 'dual_stack';
      app.CacheGroup.Properties.SecurityGroupIngress.push(tcp(6_379, { CidrIpv6: '::/0' }));
    };

    expect(found(change, { allowed: ['0.0.0.0/0', 'Bastion', 'Service'] })).toEqual([
      expect.stringMatching(/^error unexpected-access at CacheGroup: .*any address of ::\/0/),
    ]);
  });

  test('that are not known, where rules and network ACLs have none in common', () => {
    const apart =
      (CidrBlock: string): Change =>
      ({ net, app }) => {
        net.Acl = resource('EC2::NetworkAcl', { VpcId: { Ref: 'Vpc' } });
        net.AclOf = resource('EC2::SubnetNetworkAclAssociation', {
          SubnetId: { Ref: 'Data1' },
          NetworkAclId: { Ref: 'Acl' },
        });
        net.In = entry('Acl', 1, false, { CidrBlock });
        net.Out = entry('Acl', 1, true);
        app.CacheSubnets.Properties.SubnetIds = [subnet('Data1')];
        app.Function.Properties.VpcConfig.SubnetIds = ['subnet-1'];
        app.CacheGroup.Properties.SecurityGroupIngress = [tcp(6_379, { CidrIp: '10.0.100.0/24' })];
      };
    const ofFunction = (cidr: string) =>
      found(apart(cidr))
        .filter((text) => text.includes('at Function'))
        .map((text) => text.split(' ')[0]);

    expect(ofFunction('10.0.200.0/24')).toEqual(['error']);
    expect(ofFunction('10.0.0.0/16')).toEqual(['informational']);
  });
});

describe('what is not known of others', () => {
  const bastion = (why: string) =>
    `informational reachability-unknown at Bastion: it is not known whether app/Bastion can reach app/Cache on tcp 6379: ${why}`;
  const lets =
    (peer: object): Change =>
    ({ app }) => {
      app.CacheGroup.Properties.SecurityGroupIngress.push(tcp(6_379, peer));
    };

  test('which of several network interfaces it uses', () => {
    const several: Change = ({ app }) => {
      app.Bastion.Properties = {
        NetworkInterfaces: ['App1', 'App2'].map((id) => ({ GroupSet: [group('BastionGroup')], SubnetId: subnet(id) })),
      };
    };

    expect(found([several, lets(from('BastionGroup'))])).toEqual([
      bastion('app/Bastion has several network interfaces, of which the first is looked at'),
    ]);
  });

  test('whether a group that is let in is its default one', () => {
    const plain: Change = ({ app }) => {
      delete app.Bastion.Properties.SecurityGroupIds;
    };

    expect(found(plain)).toEqual([]);
    expect(found([plain, lets({ SourceSecurityGroupId: 'sg-1' })])).toEqual([
      bastion('the templates name no security group of app/Bastion'),
      expect.stringContaining('lets whoever has the security group sg-1'),
    ]);
  });

  test('whose group a rule is of', () => {
    const change: Change = ({ app }) => {
      app.Rule = resource('EC2::SecurityGroupIngress', {
        GroupId: { Ref: 'Parameter' },
        ...tcp(5_432, from('BastionGroup')),
      });
    };

    expect(found(change)).toEqual([
      'informational reachability-unknown at Bastion: it is not known whether app/Bastion can reach app/Database on tcp 5432: what app/Rule lets through is known to a deploy only',
    ]);
  });

  test('where the subnet of a consumer leads', () => {
    const change: Change = ({ app }) => {
      app.Service.Properties.NetworkConfiguration.AwsvpcConfiguration.Subnets = ['subnet-1'];
    };

    expect(found(change)).toContain(
      'informational reachability-unknown at Service: it is not known whether app/Service can reach Secrets Manager: the network ACL of subnet-1 is not in the templates',
    );
  });

  test('where the route table of a consumer leads', () => {
    const change: Change = ({ net }) => {
      net.AppTable1.Properties.RouteTableId = 'rtb-1';
    };

    expect(found(change)).toContain(
      'informational reachability-unknown at Service: it is not known whether app/Service can reach Secrets Manager: the routes of net/App1 are not in the templates',
    );
  });
});
