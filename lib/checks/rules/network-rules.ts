import type { Check, Rule } from './rule';

const SECURITY_GROUP = 'AWS::EC2::SecurityGroup';
const PAGE = 'https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html';

/** Rules for what comes in, wherever they stand. */
function ingress(ports: string): readonly Check[] {
  const holds = ['not is_open(value)', `not opens_${ports}(value)`];
  return [
    {
      types: [SECURITY_GROUP],
      property: 'SecurityGroupIngress',
      each: true,
      label: 'a rule',
      wrong: 'admits every address',
      holds,
    },
    {
      types: ['AWS::EC2::SecurityGroupIngress'],
      property: '',
      label: 'the rule',
      wrong: 'admits every address',
      holds,
    },
  ];
}

/** Security groups around caches, databases and instances. */
export const NETWORK_RULES: readonly Rule[] = [
  {
    id: 'open-data-port',
    severity: 'error',
    must: 'No port of a cache or a database is open to every address',
    otherwise: 'scanners find it within minutes; an open Redis port is a shell on many machines',
    controls: {
      securityHub: ['EC2.18', 'EC2.19'],
      nist: ['AC-4', 'AC-4(21)', 'SC-7', 'SC-7(11)', 'SC-7(16)', 'SC-7(21)', 'SC-7(4)', 'SC-7(5)'],
      pci: ['1.3.1'],
      hipaa: ['164.308(a)(3)(i)', '164.312(a)(1)'],
      lens: ['SEC 1'],
    },
    fix: 'cache.connections.allowDefaultPortFrom(service)',
    page: PAGE,
    checks: ingress('data_port'),
  },
  {
    id: 'open-administration-port',
    severity: 'error',
    must: 'No port of SSH or remote desktops is open to every address',
    otherwise: 'passwords are tried from everywhere, all day',
    controls: {
      securityHub: ['EC2.13', 'EC2.14', 'EC2.19', 'EC2.53', 'EC2.54'],
      nist: ['AC-4', 'CM-7', 'SC-7', 'SC-7(5)'],
      pci: ['1.3.1'],
      hipaa: ['164.308(a)(3)(i)', '164.312(a)(1)'],
      cis: ['5.2', '5.3'],
    },
    fix: 'instance.role.addManagedPolicy(ManagedPolicy.fromAwsManagedPolicyName("AmazonSSMManagedInstanceCore"))',
    page: PAGE,
    checks: ingress('administration_port'),
  },
  {
    id: 'open-port',
    severity: 'warning',
    must: 'Only the ports of web servers are open to every address',
    otherwise: 'what listens there was not made for the internet',
    controls: { securityHub: ['EC2.18'], nist: ['AC-4', 'CM-7', 'SC-7'], pci: ['1.3.1'] },
    fix: 'service.connections.allowFrom(loadBalancer, Port.tcp(8080))',
    page: PAGE,
    checks: ingress('other_port'),
  },
];

/** Which ports a rule with open addresses lets in. */
export const NETWORK_PRELUDE = `
data_ports := {6379, 6380, 11211, 11212, 5432, 3306, 1433, 1521}

administration_ports := {22, 3389}

opens_data_port(rule) if {
	some port in data_ports
	has_port(rule, port)
}

opens_administration_port(rule) if {
	some port in administration_ports
	has_port(rule, port)
}

# One port that is neither of those, nor of a web server.
opens_other_port(rule) if {
	not opens_data_port(rule)
	not opens_administration_port(rule)
	lower(sprintf("%v", [rule.IpProtocol])) in {"tcp", "6", "udp", "17"}
	not is_web(rule)
}

is_web(rule) if {
	number(rule.FromPort) == number(rule.ToPort)
	number(rule.FromPort) in {80, 443}
}
`;
