import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as rds from 'aws-cdk-lib/aws-rds';
import { Database, DatabaseCache } from 'cdk-elasticache';
import type { Construct } from 'constructs';

/** A cache in front of a database that exists, in a VPC that exists, for a function and a container. */
export class FilmStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps) {
    super(scope, id, props);

    // What exists. `ec2.Vpc.fromLookup` would find the VPC's parts itself, with credentials.
    const vpc = ec2.Vpc.fromVpcAttributes(this, 'Vpc', {
      vpcId: 'vpc-0a1b2c3d4e5f60718',
      availabilityZones: ['eu-central-1a', 'eu-central-1b'],
      privateSubnetIds: ['subnet-0a1b2c3d4e5f60711', 'subnet-0a1b2c3d4e5f60712'],
      privateSubnetRouteTableIds: ['rtb-0a1b2c3d4e5f60711', 'rtb-0a1b2c3d4e5f60712'],
    });
    const instance = rds.DatabaseInstance.fromDatabaseInstanceAttributes(this, 'Instance', {
      instanceIdentifier: 'films',
      instanceEndpointAddress: 'films.c1a2b3c4d5e6.eu-central-1.rds.amazonaws.com',
      port: 5432,
      // Which the permission to sign in names; `aws rds describe-db-instances` shows it.
      instanceResourceId: 'db-ABCDEFGHIJKLMNOPQRSTUVWXYZ',
      engine: rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_17 }),
      securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(this, 'InstanceGroup', 'sg-0a1b2c3d4e5f60718')],
    });

    // What is new.
    const cache = new DatabaseCache(this, 'Cache', {
      vpc,
      database: Database.fromDatabaseInstance(this, 'Database', {
        instance,
        vpc,
        databaseName: 'films',
        applicationUser: 'films_reader',
      }),
    });
    cache.cache.addAlarms();

    const film = new lambda.Function(this, 'Film', {
      vpc,
      runtime: lambda.Runtime.NODEJS_22_X,
      architecture: lambda.Architecture.ARM_64,
      code: lambda.Code.fromAsset('dist/function'),
      handler: 'film.handler',
      timeout: Duration.seconds(10),
    });
    cache.useFromFunction(film);

    const task = new ecs.FargateTaskDefinition(this, 'Task', { cpu: 256, memoryLimitMiB: 512 });
    const repository = ecr.Repository.fromRepositoryName(this, 'Repository', 'film-catalogue');
    const container = task.addContainer('Catalogue', {
      // Its image has RDS's certificates in /app, as `rds.pem`.
      image: ecs.ContainerImage.fromEcrRepository(repository, '1.4.2'),
      logging: ecs.LogDrivers.awsLogs({ streamPrefix: 'catalogue' }),
    });
    const service = new ecs.FargateService(this, 'Catalogue', {
      cluster: new ecs.Cluster(this, 'Cluster', { vpc }),
      taskDefinition: task,
      desiredCount: 2,
      minHealthyPercent: 100,
      circuitBreaker: { rollback: true },
    });
    cache.useFromContainer(service, container, '/app');
  }
}
