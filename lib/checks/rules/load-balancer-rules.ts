import { type Check, type Rule, reference } from './rule';

const BALANCER = 'AWS::ElasticLoadBalancingV2::LoadBalancer';
const LISTENER = 'AWS::ElasticLoadBalancingV2::Listener';
const APPLICATION = 'prop(name, ["Type"]) in {null, "application"}';
const ATTRIBUTES =
  'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html';

/** An attribute of an application load balancer. */
function attribute(key: string, ...holds: string[]): Check {
  return {
    types: [BALANCER],
    where: [APPLICATION],
    property: 'LoadBalancerAttributes',
    value: `attribute(name, "LoadBalancerAttributes", ${JSON.stringify(key)})`,
    label: key,
    holds,
  };
}

/** The load balancer in front of the fleet. */
export const LOAD_BALANCER_RULES: readonly Rule[] = [
  {
    id: 'balancer-encryption',
    severity: 'error',
    must: 'The load balancer speaks HTTPS, or sends browsers there',
    otherwise: 'session cookies can be read on every network between a user and AWS',
    controls: {
      securityHub: ['ELB.1', 'ELB.18'],
      nist: ['AC-17(2)', 'AC-4', 'IA-5(1)', 'SC-8', 'SC-13', 'SC-23'],
      pci: ['4.2.1'],
      hipaa: ['164.312(a)(2)(iv)', '164.312(e)(1)'],
    },
    fix: "defaultActions: [{ type: 'redirect', redirectConfig: { protocol: 'HTTPS', statusCode: 'HTTP_301' } }]",
    page: 'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/create-https-listener.html',
    checks: [
      {
        types: [LISTENER],
        property: 'Protocol',
        holds: [
          'value in {"HTTPS", "TLS", "TCP", "UDP", "TCP_UDP", "GENEVE", "QUIC", "TCP_QUIC"}',
          'value == "HTTP"; some action in elements(prop(name, ["DefaultActions"])); action.RedirectConfig.Protocol == "HTTPS"',
        ],
      },
    ],
    relaxed: 'where a domain and a certificate are missing, its security group admits one address range',
  },
  {
    id: 'balancer-tls-policy',
    severity: 'error',
    must: 'The load balancer takes TLS 1.2 and later only',
    otherwise: 'connections with broken ciphers are taken',
    controls: { securityHub: ['ELB.17'], nist: ['AC-17(2)', 'SC-8', 'SC-13', 'SC-23'], pci: ['4.2.1'] },
    fix: "sslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06'",
    page: 'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html',
    checks: [
      {
        types: [LISTENER],
        where: ['prop(name, ["Protocol"]) in {"HTTPS", "TLS"}'],
        property: 'SslPolicy',
        holds: ['regex.match("^ELBSecurityPolicy-(TLS13-1-[23]|TLS-1-2|FS-1-2)-", value)'],
      },
    ],
  },
  {
    id: 'balancer-headers',
    severity: 'error',
    must: 'The load balancer drops headers that are not valid',
    otherwise: 'a request that the load balancer and the service read in two ways smuggles a second one',
    controls: { securityHub: ['ELB.4'], nist: ['AC-4', 'SI-10'], pci: ['6.2.4'], hipaa: ['164.312(e)(1)'] },
    fix: "loadBalancerAttributes: [{ key: 'routing.http.drop_invalid_header_fields.enabled', value: 'true' }]",
    page: ATTRIBUTES,
    checks: [attribute('routing.http.drop_invalid_header_fields.enabled', 'is_true(value)')],
  },
  {
    id: 'balancer-desync',
    severity: 'error',
    must: 'The load balancer refuses requests that two servers could read in two ways',
    otherwise: 'a request that the load balancer and the service read in two ways smuggles a second one',
    controls: { securityHub: ['ELB.12'], nist: ['AC-4(21)', 'CA-9(1)', 'CM-2'], pci: ['6.2.4'] },
    fix: "loadBalancerAttributes: [{ key: 'routing.http.desync_mitigation_mode', value: 'strictest' }]",
    page: ATTRIBUTES,
    checks: [attribute('routing.http.desync_mitigation_mode', 'value in {null, "defensive", "strictest"}')],
  },
  {
    id: 'balancer-access-logs',
    severity: 'error',
    must: 'The load balancer writes down who asked for what',
    otherwise: 'what an intruder did is not to be found out afterwards',
    controls: {
      securityHub: ['ELB.5'],
      nist: ['AC-4(26)', 'AU-2', 'AU-3', 'AU-10', 'AU-12', 'SI-4', 'SI-7(8)'],
      pci: ['10.2.1'],
      hipaa: ['164.312(b)'],
    },
    fix: 'loadBalancer.logAccessLogs(bucket)',
    page: 'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html',
    checks: [attribute('access_logs.s3.enabled', 'is_true(value)')],
    relaxed: 'one person is all who asks',
  },
  {
    id: 'balancer-deletion-protection',
    severity: 'error',
    must: 'The load balancer cannot be deleted by mistake',
    otherwise: 'its name is gone with it, and whoever points to it finds nothing',
    controls: { securityHub: ['ELB.6'], nist: ['CA-9(1)', 'CM-2', 'CM-3', 'SC-5(2)'] },
    fix: 'deletionProtection: true',
    page: ATTRIBUTES,
    checks: [attribute('deletion_protection.enabled', 'is_true(value)')],
    relaxed: 'such an environment is taken down every day',
  },
  {
    id: 'balancer-zones',
    severity: 'error',
    must: 'The load balancer is in two Availability Zones',
    otherwise: 'a zone that fails takes the address of the service with it',
    controls: { securityHub: ['ELB.13'], nist: ['CP-10', 'CP-6(2)', 'SC-36', 'SC-5(2)', 'SI-13(5)'] },
    fix: 'subnets: vpc.publicSubnets.map(({ subnetId }) => subnetId)',
    page: reference(BALANCER),
    checks: [
      {
        types: [BALANCER],
        where: [APPLICATION, 'prop(name, ["SubnetMappings"]) == null'],
        property: 'Subnets',
        holds: ['several(value)'],
      },
    ],
  },
];
