/** An engine, and the kind of resource that it is provisioned as. */
export type Cache =
  | 'valkey'
  | 'redis'
  | 'memcached'
  | 'serverless valkey'
  | 'serverless redis'
  | 'serverless memcached';

export const CACHES: readonly Cache[] = [
  'valkey',
  'redis',
  'memcached',
  'serverless valkey',
  'serverless redis',
  'serverless memcached',
];

export interface Template {
  readonly Parameters?: Record<string, any>;
  readonly Resources: Record<string, any>;
}

const resource = (type: string, properties: object, others: object = {}) => ({
  Type: `AWS::${type}`,
  Properties: properties,
  ...others,
});
const policies = { DeletionPolicy: 'Snapshot', UpdateReplacePolicy: 'Snapshot' };
const groupOf = (id: string) => [{ 'Fn::GetAtt': [id, 'GroupId'] }];
const SUBNETS = [{ 'Fn::ImportValue': 'SubnetA' }, { 'Fn::ImportValue': 'SubnetB' }];
const LOG = {
  DestinationType: 'cloudwatch-logs',
  DestinationDetails: { CloudWatchLogsDetails: { LogGroup: { Ref: 'Logs' } } },
  LogFormat: 'json',
};

/** The resource of a cache in which every control is on. */
function hardenedCache(cache: Cache): object {
  const [serverless, engine] = cache.startsWith('serverless ') ? [true, cache.slice(11)] : [false, cache];
  if (serverless) {
    return resource('ElastiCache::ServerlessCache', {
      ServerlessCacheName: 'films',
      Engine: engine,
      MajorEngineVersion: { valkey: '8', redis: '7', memcached: '1.6' }[engine],
      KmsKeyId: { 'Fn::GetAtt': ['Key', 'Arn'] },
      SubnetIds: SUBNETS,
      SecurityGroupIds: groupOf('CacheSecurityGroup'),
      SnapshotRetentionLimit: 15,
      CacheUsageLimits: { DataStorage: { Maximum: 10, Unit: 'GB' }, ECPUPerSecond: { Maximum: 5_000 } },
      ...(engine === 'memcached' ? {} : { UserGroupId: { Ref: 'Users' } }),
    });
  }
  const shared = {
    Engine: engine,
    CacheNodeType: 'cache.r7g.large',
    CacheSubnetGroupName: { Ref: 'CacheSubnets' },
    TransitEncryptionEnabled: true,
    AutoMinorVersionUpgrade: true,
  };
  return engine === 'memcached'
    ? resource('ElastiCache::CacheCluster', {
        ...shared,
        EngineVersion: '1.6.22',
        NumCacheNodes: 2,
        AZMode: 'cross-az',
        PreferredAvailabilityZones: ['us-east-1a', 'us-east-1b'],
        Port: 21211,
        VpcSecurityGroupIds: groupOf('CacheSecurityGroup'),
        CacheParameterGroupName: { Ref: 'CacheParameters' },
      })
    : resource(
        'ElastiCache::ReplicationGroup',
        {
          ...shared,
          ReplicationGroupDescription: 'sessions',
          EngineVersion: { valkey: '8.1', redis: '7.1' }[engine],
          NumCacheClusters: 3,
          AutomaticFailoverEnabled: true,
          MultiAZEnabled: true,
          TransitEncryptionMode: 'required',
          AtRestEncryptionEnabled: true,
          KmsKeyId: { Ref: 'Key' },
          UserGroupIds: [{ Ref: 'Users' }],
          SecurityGroupIds: groupOf('CacheSecurityGroup'),
          Port: 26379,
          SnapshotRetentionLimit: 15,
          CacheParameterGroupName: { Ref: 'CacheParameters' },
          LogDeliveryConfigurations: [
            { ...LOG, LogType: 'slow-log' },
            { ...LOG, LogType: 'engine-log' },
          ],
        },
        policies,
      );
}

/** A template with a cache and what is around it, in which every control is on. */
export function hardened(cache: Cache): Template {
  const engine = cache.split(' ').at(-1) as string;
  const family = { valkey: 'valkey8', redis: 'redis7', memcached: 'memcached1.6' }[engine];
  const vpc = { 'Fn::ImportValue': 'Vpc' };
  const users =
    engine === 'memcached'
      ? {}
      : {
          Nobody: resource('ElastiCache::User', {
            UserId: 'nobody',
            UserName: 'default',
            Engine: engine,
            AccessString: 'off ~* -@all',
            AuthenticationMode: { Type: 'password', Passwords: ['{{resolve:secretsmanager:nobody}}'] },
          }),
          Web: resource('ElastiCache::User', {
            UserId: 'web',
            UserName: 'web',
            Engine: engine,
            AccessString: 'on ~app:* -@all +@read +@write +@connection',
            AuthenticationMode: { Type: 'iam' },
          }),
          Users: resource('ElastiCache::UserGroup', {
            UserGroupId: 'users',
            Engine: engine,
            UserIds: [{ Ref: 'Nobody' }, { Ref: 'Web' }],
          }),
        };
  return {
    Parameters: {
      Unknown: { Type: 'String' },
      UnknownNumber: { Type: 'Number' },
      UnknownList: { Type: 'CommaDelimitedList' },
    },
    Resources: {
      Key: resource('KMS::Key', { EnableKeyRotation: true, KeyPolicy: { Version: '2012-10-17', Statement: [] } }),
      Logs: resource('Logs::LogGroup', { RetentionInDays: 30, KmsKeyId: { 'Fn::GetAtt': ['Key', 'Arn'] } }),
      Cache: hardenedCache(cache),
      CacheSubnets: resource('ElastiCache::SubnetGroup', { Description: 'data', SubnetIds: SUBNETS }),
      CacheParameters: resource('ElastiCache::ParameterGroup', {
        CacheParameterGroupFamily: family,
        Description: 'parameters',
        Properties:
          engine === 'memcached'
            ? { max_item_size: '1048576' }
            : { 'reserved-memory-percent': '25', 'tcp-keepalive': '300', 'slowlog-log-slower-than': '10000' },
      }),
      ...users,
      CacheAlarm: resource('CloudWatch::Alarm', {
        Namespace: 'AWS/ElastiCache',
        MetricName: 'Evictions',
        Dimensions: [{ Name: 'CacheClusterId', Value: { Ref: 'Cache' } }],
        ComparisonOperator: 'GreaterThanThreshold',
        EvaluationPeriods: 1,
        Period: 60,
        Statistic: 'Sum',
        Threshold: 0,
        AlarmActions: [{ 'Fn::ImportValue': 'Alarms' }],
      }),
      CacheSecurityGroup: resource('EC2::SecurityGroup', {
        GroupDescription: 'nodes',
        VpcId: vpc,
        SecurityGroupIngress: [
          {
            IpProtocol: 'tcp',
            FromPort: 26379,
            ToPort: 26379,
            SourceSecurityGroupId: { 'Fn::GetAtt': ['FleetSecurityGroup', 'GroupId'] },
            Description: 'the fleet',
          },
        ],
        SecurityGroupEgress: [{ IpProtocol: 'icmp', FromPort: 252, ToPort: 86, CidrIp: '255.255.255.255/32' }],
      }),
      FleetSecurityGroup: resource('EC2::SecurityGroup', { GroupDescription: 'instances', VpcId: vpc }),
      FleetIngress: resource('EC2::SecurityGroupIngress', {
        GroupId: { 'Fn::GetAtt': ['FleetSecurityGroup', 'GroupId'] },
        IpProtocol: 'tcp',
        FromPort: 8080,
        ToPort: 8080,
        SourceSecurityGroupId: { 'Fn::ImportValue': 'BalancerSecurityGroup' },
        Description: 'the load balancer',
      }),
      Database: resource(
        'RDS::DBInstance',
        {
          Engine: 'postgres',
          EngineVersion: '17.6',
          DBInstanceClass: 'db.t4g.medium',
          AllocatedStorage: '20',
          Port: '25432',
          MasterUsername: 'owner',
          MasterUserPassword: '{{resolve:secretsmanager:database:SecretString:password}}',
          StorageEncrypted: true,
          KmsKeyId: { 'Fn::GetAtt': ['Key', 'Arn'] },
          PubliclyAccessible: false,
          MultiAZ: true,
          DBSubnetGroupName: { 'Fn::ImportValue': 'DatabaseSubnets' },
          VPCSecurityGroups: groupOf('CacheSecurityGroup'),
          DBParameterGroupName: { Ref: 'DatabaseParameters' },
          DeletionProtection: true,
          BackupRetentionPeriod: 15,
          AutoMinorVersionUpgrade: true,
          EnableIAMDatabaseAuthentication: true,
          EnableCloudwatchLogsExports: ['postgresql'],
          MonitoringInterval: 60,
          MonitoringRoleArn: { 'Fn::ImportValue': 'MonitoringRole' },
          CopyTagsToSnapshot: true,
        },
        policies,
      ),
      DatabaseParameters: resource('RDS::DBParameterGroup', {
        Description: 'parameters',
        Family: 'postgres17',
        Parameters: { 'rds.force_ssl': '1' },
      }),
      MySqlParameters: resource('RDS::DBParameterGroup', {
        Description: 'parameters',
        Family: 'mysql8.4',
        Parameters: { require_secure_transport: 'ON' },
      }),
      LaunchTemplate: resource('EC2::LaunchTemplate', {
        LaunchTemplateData: {
          ImageId: 'ami-01234567890123456',
          MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
          NetworkInterfaces: [
            { DeviceIndex: 0, AssociatePublicIpAddress: false, Groups: groupOf('FleetSecurityGroup') },
          ],
          BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { Encrypted: true, VolumeType: 'gp3' } }],
        },
      }),
      Fleet: resource('AutoScaling::AutoScalingGroup', {
        MinSize: '2',
        MaxSize: '4',
        VPCZoneIdentifier: SUBNETS,
        TargetGroupARNs: [{ 'Fn::ImportValue': 'Targets' }],
        HealthCheckType: 'ELB',
        HealthCheckGracePeriod: 300,
        MixedInstancesPolicy: {
          LaunchTemplate: {
            LaunchTemplateSpecification: { LaunchTemplateId: { Ref: 'LaunchTemplate' }, Version: '1' },
            Overrides: [{ InstanceType: 'm7g.medium' }, { InstanceType: 'm7gd.medium' }],
          },
        },
      }),
      Balancer: resource('ElasticLoadBalancingV2::LoadBalancer', {
        Type: 'application',
        Scheme: 'internet-facing',
        Subnets: SUBNETS,
        SecurityGroups: [{ 'Fn::ImportValue': 'BalancerSecurityGroup' }],
        LoadBalancerAttributes: [
          { Key: 'deletion_protection.enabled', Value: 'true' },
          { Key: 'routing.http.drop_invalid_header_fields.enabled', Value: 'true' },
          { Key: 'routing.http.desync_mitigation_mode', Value: 'strictest' },
          { Key: 'access_logs.s3.enabled', Value: 'true' },
          { Key: 'access_logs.s3.bucket', Value: { 'Fn::ImportValue': 'AccessLogs' } },
        ],
      }),
      Http: resource('ElasticLoadBalancingV2::Listener', {
        LoadBalancerArn: { Ref: 'Balancer' },
        Port: 80,
        Protocol: 'HTTP',
        DefaultActions: [
          { Type: 'redirect', RedirectConfig: { Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' } },
        ],
      }),
      Https: resource('ElasticLoadBalancingV2::Listener', {
        LoadBalancerArn: { Ref: 'Balancer' },
        Port: 443,
        Protocol: 'HTTPS',
        SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
        Certificates: [{ CertificateArn: { 'Fn::ImportValue': 'Certificate' } }],
        DefaultActions: [{ Type: 'forward', TargetGroupArn: { 'Fn::ImportValue': 'Targets' } }],
      }),
    },
  };
}
