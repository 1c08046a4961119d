import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { LoadBalancerTarget } from 'aws-cdk-lib/aws-route53-targets';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { acknowledge, acknowledgeControlTower, HIPAA, NIST, PCI } from '../acknowledgements';
import { requireZones, subnetsFor } from '../network/subnets';
import type { WebFleetProps } from './web-fleet-props';

/** Days that access logs are kept. */
const LOG_DAYS = 90;

/** Where a load balancer writes who asked for what. */
export function createAccessLogs(scope: Construct): s3.Bucket {
  const bucket = new s3.Bucket(scope, 'AccessLogs', {
    // Security Hub S3.1, .5, .8 and .13.
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    // The only encryption that a load balancer can write with.
    encryption: s3.BucketEncryption.S3_MANAGED,
    objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
    versioned: true,
    lifecycleRules: [{ expiration: Duration.days(LOG_DAYS), noncurrentVersionExpiration: Duration.days(1) }],
    removalPolicy: RemovalPolicy.RETAIN,
  });
  const ownLogs = 'it holds access logs itself; logs of who reads logs would need a bucket of their own, without end';
  Validations.of(bucket).acknowledge({ id: 'AwsSolutions-S1', reason: ownLogs });
  const packs = [NIST, HIPAA, PCI];
  acknowledge(bucket, 'S3BucketLoggingEnabled', packs, ownLogs);
  acknowledge(bucket, 'S3BucketReplicationEnabled', packs, 'access logs of 90 days are not worth a second region');
  acknowledge(bucket, 'S3DefaultEncryptionKMS', packs, 'a load balancer can write with the keys of S3 only');
  acknowledgeControlTower(bucket, {
    s3_bucket_logging_enabled_check: ownLogs,
    s3_bucket_default_encryption_kms_check: 'a load balancer can write with the keys of S3 only',
    s3_event_notifications_enabled_check: 'nothing waits for a log file; they are looked into when something is wrong',
    s3_bucket_object_lock_enabled_check:
      'logs of 90 days that expire; a lock would keep what must be deleted on request',
  });
  return bucket;
}

/** A load balancer of the fleet's own. */
export function createLoadBalancer(scope: Construct, props: WebFleetProps, accessLogs: s3.IBucket) {
  const internetFacing = props.internetFacing ?? true;
  const vpcSubnets = internetFacing
    ? subnetsFor('the load balancer', props.vpc, ec2.SubnetType.PUBLIC, 'set `internetFacing: false`')
    : props.vpcSubnets;
  requireZones('a load balancer', props.vpc.selectSubnets(vpcSubnets), 2);
  const loadBalancer = new elbv2.ApplicationLoadBalancer(scope, 'LoadBalancer', {
    vpc: props.vpc,
    internetFacing,
    ...(vpcSubnets === undefined ? {} : { vpcSubnets }),
    // Security Hub ELB.4, .6 and .12.
    dropInvalidHeaderFields: true,
    deletionProtection: props.deletionProtection ?? true,
    desyncMitigationMode: elbv2.DesyncMitigationMode.STRICTEST,
    idleTimeout: props.idleTimeout ?? Duration.seconds(60),
  });
  // Security Hub ELB.5.
  loadBalancer.logAccessLogs(accessLogs);
  acknowledge(
    loadBalancer,
    'ALBWAFEnabled',
    [NIST, PCI],
    'what is filtered depends on the application: associate a web ACL with `loadBalancer` where rules are known',
  );
  return loadBalancer;
}

/** The listener that forwards to the targets; over HTTPS with a second one that leads there from plain HTTP. */
export function addListeners(
  scope: Construct,
  loadBalancer: elbv2.IApplicationLoadBalancer,
  targets: elbv2.ApplicationTargetGroup,
  props: WebFleetProps,
): elbv2.ApplicationListener {
  const certificate = props.certificate ?? createCertificate(scope, props);
  const listener = loadBalancer.addListener('Listener', {
    open: false,
    defaultTargetGroups: [targets],
    ...(certificate === undefined
      ? { protocol: elbv2.ApplicationProtocol.HTTP, port: 80 }
      : {
          protocol: elbv2.ApplicationProtocol.HTTPS,
          port: 443,
          certificates: [certificate],
          sslPolicy: elbv2.SslPolicy.RECOMMENDED_TLS,
        }),
  });
  const listeners = [listener];
  if (certificate !== undefined && props.loadBalancer === undefined) {
    // Security Hub ELB.1.
    const redirect = loadBalancer.addListener('Redirect', {
      open: false,
      protocol: elbv2.ApplicationProtocol.HTTP,
      port: 80,
      defaultAction: elbv2.ListenerAction.redirect({ protocol: 'HTTPS', port: '443', permanent: true }),
    });
    acknowledge(
      redirect,
      'ELBv2ACMCertificateRequired',
      [NIST, HIPAA, PCI],
      'it answers plain HTTP with the way to HTTPS, and forwards nothing',
    );
    listeners.push(redirect);
  }
  if (certificate !== undefined && props.allowFrom === undefined && props.loadBalancer === undefined) {
    Validations.of(loadBalancer).acknowledge({
      id: 'AwsSolutions-EC23',
      reason: 'a web service for everybody: over HTTPS, and over HTTP only to be led there',
    });
  }
  for (const range of props.allowFrom ?? (certificate === undefined ? [] : ['0.0.0.0/0'])) {
    for (const { connections } of listeners) {
      connections.allowDefaultPortFrom(peer(range), `Visitors from ${range}`);
    }
  }
  return listener;
}

/** Writes the fleet's name into the hosted zone. */
export function addName(scope: Construct, loadBalancer: elbv2.IApplicationLoadBalancer, props: WebFleetProps): void {
  if (props.hostedZone !== undefined && props.domainName !== undefined) {
    new route53.ARecord(scope, 'Name', {
      zone: props.hostedZone,
      recordName: `${props.domainName}.`,
      target: route53.RecordTarget.fromAlias(new LoadBalancerTarget(loadBalancer)),
    });
  }
}

function createCertificate(scope: Construct, { domainName, hostedZone }: WebFleetProps) {
  return domainName === undefined || hostedZone === undefined
    ? undefined
    : new acm.Certificate(scope, 'Certificate', {
        domainName,
        validation: acm.CertificateValidation.fromDns(hostedZone),
      });
}

function peer(range: string): ec2.IPeer {
  return range.includes(':') ? ec2.Peer.ipv6(range) : ec2.Peer.ipv4(range);
}
