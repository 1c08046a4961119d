import { Stack, type StackProps } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Application, CacheDashboard, CachedWebService } from 'cdk-elasticache';
import type { Construct } from 'constructs';

/** A whole service: fleet, caches and database, in a VPC that exists and under a name that exists. */
export class GuestBookStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps) {
    super(scope, id, props);

    // What exists.
    const vpc = ec2.Vpc.fromVpcAttributes(this, 'Vpc', {
      vpcId: 'vpc-0a1b2c3d4e5f60718',
      availabilityZones: ['eu-central-1a', 'eu-central-1b'],
      publicSubnetIds: ['subnet-0a1b2c3d4e5f60701', 'subnet-0a1b2c3d4e5f60702'],
      publicSubnetRouteTableIds: ['rtb-0a1b2c3d4e5f60701', 'rtb-0a1b2c3d4e5f60702'],
      privateSubnetIds: ['subnet-0a1b2c3d4e5f60711', 'subnet-0a1b2c3d4e5f60712'],
      privateSubnetRouteTableIds: ['rtb-0a1b2c3d4e5f60711', 'rtb-0a1b2c3d4e5f60712'],
      isolatedSubnetIds: ['subnet-0a1b2c3d4e5f60721', 'subnet-0a1b2c3d4e5f60722'],
      isolatedSubnetRouteTableIds: ['rtb-0a1b2c3d4e5f60721', 'rtb-0a1b2c3d4e5f60722'],
    });
    const certificate = acm.Certificate.fromCertificateArn(
      this,
      'Certificate',
      'arn:aws:acm:eu-central-1:111122223333:certificate/0a1b2c3d-0000-4000-8000-000000000000',
    );
    const hostedZone = route53.HostedZone.fromHostedZoneAttributes(this, 'Zone', {
      hostedZoneId: 'Z0123456789ABCDEFGHIJ',
      zoneName: 'example.com',
    });

    // What is new.
    const cookieSecret = new secretsmanager.Secret(this, 'CookieSecret');
    const service = new CachedWebService(this, 'Service', {
      vpc,
      application: Application.fromDirectory('dist/service', {
        environment: { COOKIE_SECRET_ARN: cookieSecret.secretArn },
      }),
      certificate,
      domainName: 'guests.example.com',
      hostedZone,
      minCapacity: 2,
      maxCapacity: 6,
    });
    cookieSecret.grantRead(service.fleet);
    const operators = new SnsAction(new sns.Topic(this, 'Operators', { enforceSSL: true }));
    service.fleet.addAlarms(operators);
    service.objects.addAlarms({ actions: [operators] });
    service.sessions.addAlarms({ actions: [operators] });
    new CacheDashboard(this, 'Dashboard', {
      caches: { objects: service.objects, sessions: service.sessions },
      inFrontOfDatabase: ['objects'],
      database: service.database,
      fleet: service.fleet,
    });
  }
}
