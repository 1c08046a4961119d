import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseBinding } from '../../../runtime/binding';
import { pythonTools } from '../../engines/python';
import type { DeployedStack } from './deployed-stack';
import { ASSETS, type Deployment } from './deployment';
import { differences } from './expected';
import { ec2Rules } from './rules';

/** Tests of one environment as the services have it. @param deployment called when they run */
export function checkEnvironment(name: string, deployment: () => Deployment): void {
  const production = name === 'prod';
  let network: DeployedStack;
  let data: DeployedStack;
  let service: DeployedStack;

  beforeAll(() => {
    ({ network, data, service } = deployment().of(name));
  });

  const subnets = (part: string) =>
    network
      .wanted('AWS::EC2::Subnet')
      .filter(({ id }) => id.includes(part))
      .map((subnet) => subnet.name);

  test('has the outputs of its templates, which name what exists', async () => {
    for (const stack of [network, data, service]) {
      const wanted = Object.entries<any>(stack.template.Outputs ?? {});
      const values = Object.fromEntries(wanted.map(([key, { Value }]) => [key, stack.expected(Value)]));
      expect(differences(values, stack.outputs, stack.name)).toEqual([]);
    }
    const { DNSName } = await deployment().loadBalancer(name);
    const { Endpoint } = await deployment().database(name);
    const fleet = service.only('AWS::AutoScaling::AutoScalingGroup').name;
    expect(service.outputs).toMatchObject({
      Address: `${production ? 'https' : 'http'}://${DNSName}`,
      FleetName: fleet,
    });
    expect(data.outputs).toMatchObject({
      DatabaseEndpoint: Endpoint.Address,
      ObjectsEndpoint: expect.stringContaining(data.only('AWS::ElastiCache::CacheCluster').name),
      SessionsEndpoint: expect.stringContaining(data.only('AWS::ElastiCache::ReplicationGroup').name),
    });
  });

  test('gives its instances the user data of the template, which bash can parse and EC2 has room for', async () => {
    const { LaunchTemplateData } = service.only('AWS::EC2::LaunchTemplate').properties;

    const script = await deployment().userData(name);

    expect(differences(LaunchTemplateData.UserData, Buffer.from(script).toString('base64'))).toEqual([]);
    expect(script).toMatch(/^#!\/bin\/bash\n/);
    execFileSync('bash', ['-n'], { input: script });
    expect(Buffer.byteLength(script)).toBeLessThan(16_384);
    expect(script).not.toMatch(/password/i);
  });

  test('tells its instances of its own caches and database, to be entered without a stored secret', async () => {
    const database = await deployment().database(name);
    const script = await deployment().userData(name);

    const [, document] = /<<'END_OF_BINDING'\n(.*)\nEND_OF_BINDING\n/.exec(script) as unknown as [string, string];

    const cacheName = data.only('AWS::ElastiCache::ReplicationGroup').name;
    const user = data.only('AWS::ElastiCache::User').properties.UserId;
    expect(parseBinding(document, 'of the user data')).toEqual({
      version: 1,
      caches: {
        objects: {
          engine: 'memcached',
          mode: 'discovery',
          host: data.outputs.ObjectsEndpoint,
          port: 11_211,
          tls: true,
          auth: { type: 'none' },
        },
        sessions: {
          engine: 'valkey',
          mode: 'primary',
          host: data.outputs.SessionsEndpoint,
          readerHost: expect.stringContaining(cacheName),
          port: 6_379,
          tls: true,
          auth: { type: 'iam', user, cacheName, region: 'us-east-1', serverless: false },
        },
      },
      databases: {
        main: {
          engine: 'postgres',
          host: database.Endpoint.Address,
          port: database.Endpoint.Port,
          name: database.DBName,
          user: 'app',
          tls: true,
          ca: '/opt/app/rds.pem',
          auth: { type: 'iam', region: 'us-east-1' },
        },
      },
      metricsNamespace: service.name,
    });
  });

  test('has its instances fetch an archive that was published and holds what they start', async () => {
    const script = await deployment().userData(name);
    const [, bucket, key] = /s3:\/\/([^/]+)\/([0-9a-f]{64}\.zip)/.exec(script) as unknown as [string, string, string];
    const archive = join(deployment().folder, `${name}.zip`);

    const { Body } = await deployment().aws.call('s3', 'get_object', { Bucket: bucket, Key: key });
    writeFileSync(archive, Buffer.from(Body, 'hex'));

    const { python } = await pythonTools();
    const listing = execFileSync(python, ['-m', 'zipfile', '-l', archive], { encoding: 'utf8' });
    const files = listing.split('\n').map((line) => line.split(' ')[0]);
    expect(bucket).toBe(ASSETS);
    expect(files).toEqual(expect.arrayContaining(['server.js', 'deploy.js', 'start.sh', 'drain.sh', 'rds.pem']));
    expect(script).toContain("APP_ENTRY='server.js'");
    expect(script).toContain('sh /opt/app/start.sh');
  });

  test('runs as many instances, of such machines, in such subnets and from such a template as it was asked to', async () => {
    const { name: group, properties } = service.only('AWS::AutoScaling::AutoScalingGroup');

    const parameters = { AutoScalingGroupNames: [group] };
    const answer = await deployment().aws.call('autoscaling', 'describe_auto_scaling_groups', parameters);

    const [actual] = answer.AutoScalingGroups;

    expect(properties.DesiredCapacity).toBeUndefined();
    expect(actual).toMatchObject({
      MinSize: Number(properties.MinSize),
      MaxSize: Number(properties.MaxSize),
      DesiredCapacity: Number(properties.MinSize),
      HealthCheckGracePeriod: properties.HealthCheckGracePeriod,
      TargetGroupARNs: [service.only('AWS::ElasticLoadBalancingV2::TargetGroup').name],
      VPCZoneIdentifier: subnets('ServiceSubnet').join(','),
    });
    const states = actual.Instances.map(({ LifecycleState }: any) => LifecycleState);
    expect(states).toEqual(Array(Number(properties.MinSize)).fill('InService'));
    const mixed = actual.MixedInstancesPolicy?.LaunchTemplate;
    const { LaunchTemplateId, Version } = mixed?.LaunchTemplateSpecification ?? actual.LaunchTemplate;
    expect([LaunchTemplateId, Version]).toEqual([service.only('AWS::EC2::LaunchTemplate').name, '1']);
    expect(mixed?.Overrides).toEqual(properties.MixedInstancesPolicy?.LaunchTemplate.Overrides);
    expect(mixed !== undefined).toBe(production);
  });

  test('has a deploy step of that archive, which may read the master login that RDS made, and no other secret', async () => {
    const database = await deployment().database(name);
    const secret = database.MasterUserSecret.SecretArn;
    const [step] = service
      .wanted('AWS::Lambda::Function')
      .filter(({ properties }) => properties.Environment?.Variables.CACHE_DEPLOY_STEP !== undefined);

    const { Configuration } = await deployment().aws.call('lambda', 'get_function', { FunctionName: step?.name });

    const { CACHE_BINDINGS, CACHE_DEPLOY_STEP } = Configuration.Environment.Variables;
    expect(await deployment().userData(name)).toContain(`s3://${ASSETS}/${step?.properties.Code.S3Key}`);
    expect(Configuration.Handler).toBe('deploy.handler');
    expect(JSON.parse(CACHE_DEPLOY_STEP)).toEqual({ database: 'main', role: { user: 'app', auth: { type: 'iam' } } });
    expect(parseBinding(CACHE_BINDINGS, 'of the deploy step').databases.main).toMatchObject({
      host: database.Endpoint.Address,
      port: database.Endpoint.Port,
      user: database.MasterUsername,
      auth: { type: 'secret', arn: secret, region: 'us-east-1' },
    });
    const statements = deployment()
      .record.made(service.name)
      .flatMap(({ properties }) => properties.PolicyDocument?.Statement ?? [])
      .filter(({ Action }) => [Action].flat().includes('secretsmanager:GetSecretValue'));
    expect(statements.map(({ Resource }) => Resource)).toEqual([secret]);
  });

  test('lets nobody reach the database and the caches but the fleet, and to the database the deploy step', async () => {
    const group = (stack: DeployedStack, part: string) =>
      stack.wanted('AWS::EC2::SecurityGroup').find(({ id }) => id.includes(part))?.name ?? part;
    const fleet = group(service, 'ServiceFleetSecurityGroup');
    const [database, objects, sessions] = ['Database', 'Objects', 'Sessions'].map((part) => group(data, part));

    const groups = await deployment().securityGroups(database as string, objects as string, sessions as string);

    const reached = groups.flatMap(ec2Rules).filter((rule) => rule.startsWith('in '));
    expect(reached.sort()).toEqual(
      [
        `in ${database} tcp 5432-5432 ${fleet}`,
        `in ${database} tcp 5432-5432 ${group(service, 'Handler')}`,
        `in ${objects} tcp 11211-11211 ${fleet}`,
        `in ${sessions} tcp 6379-6379 ${fleet}`,
      ].sort(),
    );
  });

  test('routes the data’s subnets nowhere, and the instances’ out by a NAT gateway of its own', async () => {
    const { RouteTables } = await deployment().aws.call('ec2', 'describe_route_tables');
    const ways = (part: string) =>
      subnets(part).map((subnet) =>
        RouteTables.filter(({ Associations }: any) => Associations.some(({ SubnetId }: any) => SubnetId === subnet))
          .flatMap(({ Routes }: any) => Routes)
          .filter(({ DestinationCidrBlock }: any) => DestinationCidrBlock === '0.0.0.0/0')
          .map(({ NatGatewayId, GatewayId }: any) => NatGatewayId ?? GatewayId),
      );
    const gateways = network.wanted('AWS::EC2::NatGateway').map((gateway) => [gateway.name]);
    const internet = [network.only('AWS::EC2::InternetGateway').name];

    expect(ways('DataSubnet')).toEqual(Array(production ? 3 : 2).fill([]));
    // One for all zones in dev, one a zone in prod.
    expect(ways('ServiceSubnet')).toEqual(production ? gateways : [gateways[0], gateways[0]]);
    expect(ways('PublicSubnet')).toEqual(Array(production ? 3 : 2).fill(internet));
  });

  test('listens, forwards and checks the instances’ health as the template says', async () => {
    const { properties } = service.only('AWS::ElasticLoadBalancingV2::LoadBalancer');
    const targets = service.only('AWS::ElasticLoadBalancingV2::TargetGroup');
    const listener = ({ Port, Protocol, SslPolicy, Certificates, DefaultActions }: any) => ({
      Port,
      Protocol,
      certificates: (Certificates ?? []).map(({ CertificateArn }: any) => CertificateArn),
      SslPolicy: SslPolicy ?? '',
      actions: DefaultActions.map(({ Type, TargetGroupArn, RedirectConfig }: any) => [
        Type,
        TargetGroupArn ?? RedirectConfig.Protocol,
      ]),
    });

    const balancer = await deployment().loadBalancer(name);
    const { LoadBalancerArn } = balancer;
    const { Listeners } = await deployment().aws.call('elbv2', 'describe_listeners', { LoadBalancerArn });
    const byArn = { TargetGroupArns: [targets.name] };
    const [group] = (await deployment().aws.call('elbv2', 'describe_target_groups', byArn)).TargetGroups;

    const { Scheme, Type, SecurityGroups } = properties;
    const { Port, Protocol, HealthCheckPath, HealthCheckIntervalSeconds, HealthCheckTimeoutSeconds } =
      targets.properties;
    const { HealthyThresholdCount, UnhealthyThresholdCount } = targets.properties;
    expect(balancer).toMatchObject({ Scheme, Type, SecurityGroups });
    expect(balancer.AvailabilityZones.map(({ SubnetId }: any) => SubnetId)).toEqual(subnets('PublicSubnet'));
    expect(Listeners.map(listener)).toEqual(
      service.wanted('AWS::ElasticLoadBalancingV2::Listener').map((wanted) => listener(wanted.properties)),
    );
    expect(group).toMatchObject({ Port, Protocol, HealthCheckIntervalSeconds, HealthCheckTimeoutSeconds });
    expect(group).toMatchObject({ HealthCheckPath, HealthyThresholdCount, UnhealthyThresholdCount });
    expect(group.LoadBalancerArns).toEqual([LoadBalancerArn]);
  });

  test('has a load balancer and targets with the attributes of the template', async () => {
    const balancer = service.only('AWS::ElasticLoadBalancingV2::LoadBalancer');
    const targets = service.only('AWS::ElasticLoadBalancingV2::TargetGroup');

    const ofBalancer = { LoadBalancerArn: balancer.name };
    const ofTargets = { TargetGroupArn: targets.name };
    const [{ Attributes: attributes }, { Attributes: targetAttributes }] = await Promise.all([
      deployment().aws.call('elbv2', 'describe_load_balancer_attributes', ofBalancer),
      deployment().aws.call('elbv2', 'describe_target_group_attributes', ofTargets),
    ]);

    expect(attributes).toEqual(expect.arrayContaining(balancer.properties.LoadBalancerAttributes));
    expect(targetAttributes).toEqual(expect.arrayContaining(targets.properties.TargetGroupAttributes));
    expect(attributes).toContainEqual({ Key: 'deletion_protection.enabled', Value: String(production) });
  });

  test('has a database in RDS as the template says', async () => {
    const { properties } = data.only('AWS::RDS::DBInstance');

    const database = await deployment().database(name);

    const { DBInstanceClass, Engine, EngineVersion, DBName, MasterUsername, StorageType, MultiAZ } = properties;
    const { BackupRetentionPeriod, MaxAllocatedStorage, MonitoringInterval, CACertificateIdentifier } = properties;
    expect(database).toMatchObject({ DBInstanceClass, Engine, EngineVersion, DBName, MasterUsername });
    expect(database).toMatchObject({ StorageType, MultiAZ, BackupRetentionPeriod, MaxAllocatedStorage });
    expect(database).toMatchObject({ MonitoringInterval, CACertificateIdentifier });
    expect(database).toMatchObject({
      AllocatedStorage: Number(properties.AllocatedStorage),
      StorageEncrypted: true,
      PubliclyAccessible: false,
      IAMDatabaseAuthenticationEnabled: true,
      CopyTagsToSnapshot: true,
      DeletionProtection: production,
      EnabledCloudwatchLogsExports: properties.EnableCloudwatchLogsExports,
      DBParameterGroups: [expect.objectContaining({ DBParameterGroupName: properties.DBParameterGroupName })],
      VpcSecurityGroups: properties.VPCSecurityGroups.map((id: string) =>
        expect.objectContaining({ VpcSecurityGroupId: id }),
      ),
    });
    const placed = database.DBSubnetGroup.Subnets.map(({ SubnetIdentifier }: any) => SubnetIdentifier);
    expect(placed).toEqual(subnets('DataSubnet'));
  });

  test('carries the tags of the environment on all that was given tags, in EC2 and RDS too', async () => {
    const wanted = [
      { Key: 'environment', Value: name },
      { Key: 'disposable', Value: String(!production) },
    ];
    const tagged = [network, data, service]
      .flatMap((stack) => deployment().record.made(stack.name))
      .flatMap(({ id, properties }) => (Array.isArray(properties.Tags) ? [{ id, tags: properties.Tags }] : []));

    const vpcIds = { VpcIds: [network.only('AWS::EC2::VPC').name] };
    const vpc = await deployment().aws.call('ec2', 'describe_vpcs', vpcIds);

    expect(tagged.length).toBeGreaterThan(40);
    for (const { id, tags } of tagged) {
      expect([id, tags]).toEqual([id, expect.arrayContaining(wanted.map((tag) => expect.objectContaining(tag)))]);
    }
    expect(vpc.Vpcs[0].Tags).toEqual(expect.arrayContaining(wanted));
    expect((await deployment().database(name)).TagList).toEqual(expect.arrayContaining(wanted));
  });
}
