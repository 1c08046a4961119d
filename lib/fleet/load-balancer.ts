import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import type * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';

/** Days that access logs are kept. */
const LOG_DAYS = 90;

/** What stands in front of a fleet. */
export interface FrontOptions {
  readonly vpc: ec2.IVpc;
  readonly targets: elbv2.ApplicationTargetGroup;
  readonly certificate: acm.ICertificate | undefined;
  readonly allowFrom: string[] | undefined;
  readonly deletionProtection: boolean;
  readonly accessLogs: s3.IBucket;
}

/** Where a load balancer writes who asked for what. */
export function createAccessLogs(scope: Construct): s3.Bucket {
  const bucket = new s3.Bucket(scope, 'AccessLogs', {
    // Security Hub S3.1, .5, .8.
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    // The only encryption that a load balancer can write with.
    encryption: s3.BucketEncryption.S3_MANAGED,
    objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
    lifecycleRules: [{ expiration: Duration.days(LOG_DAYS) }],
    removalPolicy: RemovalPolicy.RETAIN,
  });
  Validations.of(bucket).acknowledge({
    id: 'AwsSolutions-S1',
    reason: 'it holds access logs itself; logs of who reads logs would need a bucket of their own, without end',
  });
  return bucket;
}

/** A load balancer with one listener that forwards to the targets. */
export function createLoadBalancer(scope: Construct, options: FrontOptions): elbv2.ApplicationLoadBalancer {
  const loadBalancer = new elbv2.ApplicationLoadBalancer(scope, 'LoadBalancer', {
    vpc: options.vpc,
    internetFacing: true,
    vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC },
    // Security Hub ELB.4, .6 and .12.
    dropInvalidHeaderFields: true,
    deletionProtection: options.deletionProtection,
    desyncMitigationMode: elbv2.DesyncMitigationMode.STRICTEST,
    idleTimeout: Duration.seconds(60),
  });
  // Security Hub ELB.5.
  loadBalancer.logAccessLogs(options.accessLogs);

  const { certificate } = options;
  const listener = loadBalancer.addListener('Listener', {
    open: false,
    defaultTargetGroups: [options.targets],
    ...(certificate === undefined
      ? { protocol: elbv2.ApplicationProtocol.HTTP, port: 80 }
      : {
          protocol: elbv2.ApplicationProtocol.HTTPS,
          port: 443,
          certificates: [certificate],
          sslPolicy: elbv2.SslPolicy.RECOMMENDED_TLS,
        }),
  });
  for (const range of options.allowFrom ?? (certificate === undefined ? [] : ['0.0.0.0/0'])) {
    listener.connections.allowDefaultPortFrom(peer(range), `Visitors from ${range}`);
  }
  return loadBalancer;
}

function peer(range: string): ec2.IPeer {
  return range.includes(':') ? ec2.Peer.ipv6(range) : ec2.Peer.ipv4(range);
}
