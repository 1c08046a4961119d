// Stacks of construct packages that others wrote and published on npm, each used as its README shows.
import {
  AccessControl,
  CacheEngine,
  IamUser,
  NoPasswordUser,
  PasswordUser,
  ServerlessCache,
  UserEngine,
  UserGroup,
} from '@aws-cdk/aws-elasticache-alpha';
import * as solutions from '@aws-solutions-constructs/core';
import {
  DummyTaskDefinition,
  EcsDeploymentGroup,
  EcsService,
} from '@cloudcomponents/cdk-blue-green-container-deployment';
import {
  Ec2RunnerProvider,
  EcsRunnerProvider,
  FargateRunnerProvider,
  GitHubRunners,
} from '@cloudsnorkel/cdk-github-runners';
import { FallbackPolicy } from '@wheatstalk/fargate-spot-fallback';
import { Duration, SecretValue, Size, type Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as events from 'aws-cdk-lib/aws-events';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { FckNatInstanceProvider } from 'cdk-fck-nat';
import { KeyCloak, KeycloakVersion } from 'cdk-keycloak';
import { MemoryDB, RedisDB } from 'cdk-redisdb';
import { TailscaleBastion } from 'cdk-tailscale-bastion';
import { BastionHost } from 'eoapi-cdk';

// @aws-solutions-constructs/core prints each override of its defaults otherwise.
process.env.overrideWarningsEnabled = 'false';
// What they use of CDK that is deprecated is not ours to mend.
process.env.JSII_DEPRECATED = 'quiet';

const ZONES = ['us-east-1a', 'us-east-1b'];
const SUBNETS: ec2.SubnetConfiguration[] = [
  { name: 'public', subnetType: ec2.SubnetType.PUBLIC, cidrMask: 24 },
  { name: 'private', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 22 },
  { name: 'isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED, cidrMask: 24 },
];
const CERTIFICATE = 'arn:aws:acm:us-east-1:111122223333:certificate/00000000-0000-4000-8000-000000000000';

function vpcOf(stack: Stack): ec2.Vpc {
  return new ec2.Vpc(stack, 'Vpc', { availabilityZones: ZONES, natGateways: 1, subnetConfiguration: SUBNETS });
}

/** By the package's name and the use that is made of it. */
export const FOREIGN_STACKS: Readonly<Record<string, (stack: Stack) => void>> = {
  'cdk-redisdb/default': (stack) => {
    new RedisDB(stack, 'redisdb-repl-group', { nodes: 1, nodeType: 'cache.m6g.large', engineVersion: '6.2' });
  },
  'cdk-redisdb/autoscaled': (stack) => {
    new RedisDB(stack, 'redisdb-repl-group', {
      existingVpc: vpcOf(stack),
      nodes: 1,
      replicas: 2,
      nodeType: 'cache.m6g.large',
      memoryAutoscalingTarget: 60,
    });
  },
  'cdk-redisdb/existing-group': (stack) => {
    const vpc = vpcOf(stack);
    const existingSecurityGroup = new ec2.SecurityGroup(stack, 'elasticache-sg', {
      vpc,
      description: 'SecurityGroup associated with the ElastiCache Redis Cluster',
      allowAllOutbound: false,
    });
    new RedisDB(stack, 'redisdb-repl-group', {
      nodes: 1,
      nodeType: 'cache.m6g.large',
      nodesCpuAutoscalingTarget: 50,
      existingVpc: vpc,
      existingSecurityGroup,
    });
  },
  'cdk-redisdb/memorydb': (stack) => {
    new MemoryDB(stack, 'memorydb-repl-group', {
      existingVpc: vpcOf(stack),
      nodes: 1,
      nodeType: 'db.t4g.small',
      engineVersion: '6.2',
    });
  },
  'aws-elasticache-alpha/default': (stack) => {
    new ServerlessCache(stack, 'ServerlessCache', { vpc: vpcOf(stack) });
  },
  'aws-elasticache-alpha/users': (stack) => {
    const vpc = vpcOf(stack);
    const fallback = new NoPasswordUser(stack, 'NoPasswordUser', {
      userId: 'default',
      accessControl: AccessControl.fromAccessString('on ~* +@all'),
    });
    const iam = new IamUser(stack, 'IamUser', {
      engine: UserEngine.VALKEY,
      userId: 'my-user',
      accessControl: AccessControl.fromAccessString('on ~* +@all'),
    });
    const password = new PasswordUser(stack, 'PasswordUser', {
      engine: UserEngine.VALKEY,
      userId: 'password-user',
      accessControl: AccessControl.fromAccessString('on ~app:* +@read +@write'),
      passwords: [SecretValue.secretsManager('cache-password')],
    });
    const userGroup = new UserGroup(stack, 'UserGroup', {
      engine: UserEngine.VALKEY,
      users: [fallback, iam, password],
    });
    const cache = new ServerlessCache(stack, 'ServerlessCache', {
      engine: CacheEngine.VALKEY_LATEST,
      vpc,
      userGroup,
      cacheUsageLimits: {
        dataStorageMinimumSize: Size.gibibytes(2),
        dataStorageMaximumSize: Size.gibibytes(3),
        requestRateLimitMinimum: 1000,
        requestRateLimitMaximum: 10000,
      },
      backup: {
        backupRetentionLimit: 6,
        backupTime: events.Schedule.cron({ hour: '9', minute: '0' }),
      },
    });
    const reader = new lambda.Function(stack, 'Reader', {
      code: lambda.Code.fromInline('exports.handler = async () => {}'),
      handler: 'index.handler',
      runtime: lambda.Runtime.NODEJS_22_X,
      vpc,
    });
    cache.connections.allowDefaultPortFrom(reader);
    cache.grantConnect(reader);
    iam.grantConnect(reader);
  },
  'aws-elasticache-alpha/memcached': (stack) => {
    new ServerlessCache(stack, 'ServerlessCache', { vpc: vpcOf(stack), engine: CacheEngine.MEMCACHED_LATEST });
  },
  'aws-solutions-constructs/lambda-memcached': (stack) => {
    const vpc = solutions.buildVpc(stack, {
      defaultVpcProps: solutions.DefaultIsolatedVpcProps(),
    });
    const cachePort = solutions.getCachePort();
    const group = solutions.CreateSelfReferencingSecurityGroup(stack, 'LambdaToCache', vpc, cachePort);
    const cache = solutions.obtainMemcachedCluster(stack, 'LambdaToCache', {
      cachePort,
      cacheSecurityGroupId: group.securityGroupId,
      vpc,
    });
    const handler = solutions.buildLambdaFunction(stack, {
      lambdaFunctionProps: {
        code: lambda.Code.fromInline('exports.handler = async () => {}'),
        handler: 'index.handler',
        runtime: lambda.Runtime.NODEJS_22_X,
        securityGroups: [group],
      },
      vpc,
    });
    handler.addEnvironment(
      'CACHE_ENDPOINT',
      `${cache.attrConfigurationEndpointAddress}:${cache.attrConfigurationEndpointPort}`,
    );
  },
  'cdk-keycloak/cluster': (stack) => {
    new KeyCloak(stack, 'KeyCloak', {
      vpc: vpcOf(stack),
      hostname: 'keycloak.example.com',
      certificateArn: CERTIFICATE,
      keycloakVersion: KeycloakVersion.V22_0_4,
    });
  },
  'cdk-keycloak/serverless': (stack) => {
    new KeyCloak(stack, 'KeyCloak', {
      vpc: vpcOf(stack),
      hostname: 'keycloak.example.com',
      certificateArn: CERTIFICATE,
      keycloakVersion: KeycloakVersion.V22_0_4,
      auroraServerlessV2: true,
      nodeCount: 2,
      autoScaleTask: { min: 2, max: 10, targetCpuUtilization: 60 },
    });
  },
  'cdk-keycloak/single': (stack) => {
    new KeyCloak(stack, 'KeyCloak', {
      vpc: vpcOf(stack),
      hostname: 'keycloak.example.com',
      certificateArn: CERTIFICATE,
      keycloakVersion: KeycloakVersion.V22_0_4,
      singleDbInstance: true,
      bastion: true,
    });
  },
  'eoapi-cdk/bastion': (stack) => {
    const vpc = vpcOf(stack);
    const db = new rds.DatabaseInstance(stack, 'Db', {
      engine: rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_16 }),
      vpc,
    });
    new BastionHost(stack, 'bastion-host', {
      vpc,
      db,
      ipv4Allowlist: ['192.0.2.1/32'],
      userData: ec2.UserData.forLinux(),
    });
  },
  'cdk-fck-nat/vpc': (stack) => {
    const provider = new FckNatInstanceProvider({
      instanceType: ec2.InstanceType.of(ec2.InstanceClass.T4G, ec2.InstanceSize.MICRO),
      machineImage: ec2.MachineImage.genericLinux({ 'us-east-1': 'ami-0123456789abcdef0' }),
      enableCloudWatch: true,
    });
    const vpc = new ec2.Vpc(stack, 'Vpc', {
      availabilityZones: ZONES,
      natGatewayProvider: provider,
      subnetConfiguration: SUBNETS,
    });
    provider.securityGroup.addIngressRule(ec2.Peer.ipv4(vpc.vpcCidrBlock), ec2.Port.allTraffic());
  },
  'cdk-github-runners/providers': (stack) => {
    const vpc = vpcOf(stack);
    new GitHubRunners(stack, 'runners', {
      providers: [
        new EcsRunnerProvider(stack, 'ecs', { vpc, labels: ['ecs'] }),
        new FargateRunnerProvider(stack, 'fargate', { vpc, labels: ['fargate'] }),
        new Ec2RunnerProvider(stack, 'ec2', { vpc, labels: ['ec2'] }),
      ],
    });
  },
  'blue-green-container-deployment/service': (stack) => {
    const vpc = vpcOf(stack);
    const cluster = new ecs.Cluster(stack, 'Cluster', { vpc, clusterName: 'blue-green-cluster' });
    const loadBalancer = new elbv2.ApplicationLoadBalancer(stack, 'LoadBalancer', { vpc, internetFacing: true });
    const prodTrafficListener = loadBalancer.addListener('ProfListener', { port: 80 });
    const testTrafficListener = loadBalancer.addListener('TestListener', {
      port: 8080,
      protocol: elbv2.ApplicationProtocol.HTTP,
    });
    const target = (id: string, port: number) =>
      new elbv2.ApplicationTargetGroup(stack, id, {
        port,
        protocol: elbv2.ApplicationProtocol.HTTP,
        targetType: elbv2.TargetType.IP,
        vpc,
      });
    const prodTargetGroup = target('ProdTargetGroup', 80);
    const testTargetGroup = target('TestTargetGroup', 8080);
    prodTrafficListener.addTargetGroups('AddProdTg', { targetGroups: [prodTargetGroup] });
    testTrafficListener.addTargetGroups('AddTestTg', { targetGroups: [testTargetGroup] });
    const service = new EcsService(stack, 'EcsService', {
      cluster,
      serviceName: 'blue-green-service',
      desiredCount: 2,
      taskDefinition: new DummyTaskDefinition(stack, 'DummyTaskDefinition', { image: 'nginx', family: 'blue-green' }),
      prodTargetGroup,
      testTargetGroup,
    });
    service.connections.allowFrom(loadBalancer, ec2.Port.tcp(80));
    service.connections.allowFrom(loadBalancer, ec2.Port.tcp(8080));
    new EcsDeploymentGroup(stack, 'DeploymentGroup', {
      applicationName: 'blue-green-application',
      deploymentGroupName: 'blue-green-deployment-group',
      ecsServices: [service],
      targetGroups: [prodTargetGroup, testTargetGroup],
      prodTrafficListener,
      testTrafficListener,
      terminationWaitTime: Duration.minutes(100),
    });
  },
  'fargate-spot-fallback/service': (stack) => {
    const vpc = vpcOf(stack);
    const cluster = new ecs.Cluster(stack, 'Cluster', { vpc, enableFargateCapacityProviders: true });
    const taskDefinition = new ecs.FargateTaskDefinition(stack, 'Primary');
    taskDefinition.addContainer('web', {
      image: ecs.ContainerImage.fromRegistry('nginx:1'),
      portMappings: [{ containerPort: 80 }],
    });
    const primaryService = new ecs.FargateService(stack, 'PrimaryService', {
      cluster,
      taskDefinition,
      capacityProviderStrategies: [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }],
      desiredCount: 10,
    });
    const fallbackService = new ecs.FargateService(stack, 'FallbackService', {
      cluster,
      taskDefinition,
      capacityProviderStrategies: [{ capacityProvider: 'FARGATE', weight: 1 }],
      desiredCount: 0,
    });
    new FallbackPolicy(stack, 'FallbackPolicy', { primaryService, fallbackService });
    new elbv2.ApplicationLoadBalancer(stack, 'LoadBalancer', { vpc, internetFacing: true })
      .addListener('Http', { port: 80 })
      .addTargets('Web', { port: 80, targets: [primaryService, fallbackService] });
  },
  'aws-solutions-constructs/alb-lambda': (stack) => {
    const vpc = solutions.buildVpc(stack, {
      defaultVpcProps: solutions.DefaultPublicPrivateVpcProps(),
      constructVpcProps: { enableDnsHostnames: true, enableDnsSupport: true },
    });
    const balancer = solutions.ObtainAlb(stack, 'alb', { vpc, publicApi: true });
    const listener = solutions.AddListener(stack, 'alb', balancer, { certificates: [{ certificateArn: CERTIFICATE }] });
    const handler = solutions.buildLambdaFunction(stack, {
      lambdaFunctionProps: {
        code: lambda.Code.fromInline('exports.handler = async () => {}'),
        handler: 'index.handler',
        runtime: lambda.Runtime.NODEJS_22_X,
      },
      vpc,
    });
    solutions.AddLambdaTarget(stack, 'targets', listener, handler);
  },
  'cdk-tailscale-bastion/bastion': (stack) => {
    new TailscaleBastion(stack, 'Sample-Bastion', {
      vpc: vpcOf(stack),
      tailscaleCredentials: {
        secretsManager: {
          secret: secretsmanager.Secret.fromSecretNameV2(stack, 'ApiSecrets', 'tailscale'),
          key: 'AUTH_KEY',
        },
      },
    });
  },
};
