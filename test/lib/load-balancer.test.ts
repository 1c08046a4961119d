import { type App, Duration } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { findings } from './acknowledgements';
import { certificateIn, fleetIn } from './makers';
import { newStack, only } from './stacks';

test('over HTTPS everybody may come, with logs, strict parsing and protection from deletion', () => {
  const { stack, vpc } = newStack();

  fleetIn(stack, vpc);

  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', { Port: 443, Protocol: 'HTTPS' });
  const attributes = only(stack, 'AWS::ElasticLoadBalancingV2::LoadBalancer').Properties.LoadBalancerAttributes;
  expect(attributes).toEqual(
    expect.arrayContaining([
      { Key: 'deletion_protection.enabled', Value: 'true' },
      { Key: 'routing.http.drop_invalid_header_fields.enabled', Value: 'true' },
      { Key: 'routing.http.desync_mitigation_mode', Value: 'strictest' },
      { Key: 'access_logs.s3.enabled', Value: 'true' },
    ]),
  );
  template.hasResourceProperties('AWS::EC2::SecurityGroup', {
    SecurityGroupIngress: [
      Match.objectLike({ CidrIp: '0.0.0.0/0', FromPort: 443, ToPort: 443 }),
      Match.objectLike({ CidrIp: '0.0.0.0/0', FromPort: 80, ToPort: 80 }),
    ],
  });
  template.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', {
    Port: 80,
    DefaultActions: [{ Type: 'redirect', RedirectConfig: { Protocol: 'HTTPS', StatusCode: 'HTTP_301' } }],
  });
});

test('over plain HTTP nobody may come unless a range is given, and synth warns', () => {
  const { stack, vpc } = newStack();

  fleetIn(stack, vpc, { insecureHttp: true });

  Annotations.fromStack(stack).hasWarning('/Test/Web', Match.stringLikeRegexp('plain HTTP'));
  expect(JSON.stringify(Template.fromStack(stack).findResources('AWS::EC2::SecurityGroup'))).not.toContain(
    'SecurityGroupIngress',
  );
});

test('a range that is given may come', () => {
  const { stack, vpc } = newStack();

  fleetIn(stack, vpc, { insecureHttp: true, allowFrom: ['203.0.113.7/32', '2001:db8::/32'] });

  const groups = JSON.stringify(Template.fromStack(stack).findResources('AWS::EC2::SecurityGroup'));
  expect(groups).toContain('"CidrIp":"203.0.113.7/32"');
  expect(groups).toContain('"CidrIpv6":"2001:db8::/32"');
});

test('a hosted zone gives the certificate and the name', () => {
  const { stack, vpc } = newStack();
  const hostedZone = route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', {
    hostedZoneId: 'Z123',
    zoneName: 'example.com',
  });

  fleetIn(stack, vpc, { certificate: undefined, domainName: 'films.example.com', hostedZone });

  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::CertificateManager::Certificate', {
    DomainName: 'films.example.com',
    ValidationMethod: 'DNS',
  });
  template.hasResourceProperties('AWS::Route53::RecordSet', { Name: 'films.example.com.', Type: 'A' });
  template.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', { Port: 443 });
});

test('a load balancer that the user owns keeps its findings', () => {
  const { stack, vpc } = newStack();
  const loadBalancer = new elbv2.ApplicationLoadBalancer(stack, 'Balancer', { vpc, internetFacing: true });

  fleetIn(stack, vpc, { loadBalancer });

  expect(findings(stack.node.root as App)).toContain('AwsSolutions-EC23 at Test/Balancer/SecurityGroup/Resource');
});

test('an internal load balancer stands in the subnets of the instances', () => {
  const { stack, vpc } = newStack();

  fleetIn(stack, vpc, { internetFacing: false });

  expect(only(stack, 'AWS::ElasticLoadBalancingV2::LoadBalancer').Properties).toMatchObject({
    Scheme: 'internal',
    Subnets: only(stack, 'AWS::AutoScaling::AutoScalingGroup').Properties.VPCZoneIdentifier,
  });
});

test('fails if a certificate is given to plain HTTP', () => {
  const { stack, vpc } = newStack();
  const certificate = certificateIn(stack);

  expect(() => fleetIn(stack, vpc, { certificate, insecureHttp: true })).toThrow(
    '`certificate` and `insecureHttp` exclude each other',
  );
});

test('the application keeps connections open longer than the load balancer', () => {
  const { stack, vpc } = newStack();

  fleetIn(stack, vpc, { idleTimeout: Duration.seconds(120) });

  const { environment } = only(stack, 'AWS::AutoScaling::AutoScalingGroup').Metadata['cdk-elasticache:fleet'];
  expect(environment.KEEP_ALIVE_MS).toBe('125000');
  expect(only(stack, 'AWS::ElasticLoadBalancingV2::LoadBalancer').Properties.LoadBalancerAttributes).toContainEqual({
    Key: 'idle_timeout.timeout_seconds',
    Value: '120',
  });
});
