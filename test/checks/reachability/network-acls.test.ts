import { reachabilityFindings } from '../../../lib/checks/reachability';
import { type Change, dataAcl, entry, foreignApp, found, PARAMETER } from './foreign-app';

describe('network ACLs', () => {
  const all = { In: entry('Acl', 100, false), Out: entry('Acl', 100, true) };
  const ports = (From: number, To: number) => ({ Protocol: 6, PortRange: { From, To } });

  test.each<[string, Record<string, object>]>([
    ['let everything through', all],
    [
      'let through the ports of both',
      {
        In6379: entry('Acl', 1, false, ports(6_379, 6_379)),
        In5432: entry('Acl', 2, false, ports(5_432, 5_432)),
        Out: entry('Acl', 1, true, ports(1_024, 65_535)),
      },
    ],
    ['look at a lower number first', { ...all, Deny: entry('Acl', 200, false, { RuleAction: 'deny' }) }],
    ['deny another port', { ...all, Deny: entry('Acl', 1, false, { RuleAction: 'deny', ...ports(6_380, 6_400) }) }],
    ['deny another protocol', { ...all, Deny: entry('Acl', 1, false, { RuleAction: 'deny', Protocol: 17 }) }],
    [
      'deny other addresses',
      { ...all, Deny: entry('Acl', 1, false, { RuleAction: 'deny', CidrBlock: '10.0.1.0/24' }) },
    ],
    [
      'say that of IPv6',
      { ...all, Deny: entry('Acl', 1, false, { RuleAction: 'deny', CidrBlock: undefined, Ipv6CidrBlock: '::/0' }) },
    ],
  ])('that %s', (_, entries) => {
    expect(found(dataAcl(entries))).toEqual([]);
  });

  const closedBy = (entries: Record<string, object>) =>
    found(dataAcl(entries))
      .filter((text) => text.includes(' at Function'))
      .map((text) => text.split(' on tcp 6379: ')[1]);

  test.each<[string, Record<string, object>, string]>([
    ['lets nothing in', { Out: all.Out }, 'net/Acl does not let tcp 6379 in from all of 10.0.11.0/24, 10.0.12.0/24'],
    [
      'denies before it allows',
      { ...all, Deny: entry('Acl', 99, false, { RuleAction: 'deny', CidrBlock: '10.0.11.0/24' }) },
      'net/Acl does not let tcp 6379 in from all of 10.0.11.0/24',
    ],
    [
      'lets no answers out',
      { In: all.In },
      'net/Acl does not let tcp 1024-65535 out to all of 10.0.11.0/24, 10.0.12.0/24',
    ],
    [
      'lets answers out on the ports of Linux only, which a function does not keep to',
      { In: all.In, Out: entry('Acl', 100, true, ports(32_768, 60_999)) },
      'net/Acl does not let tcp 1024-65535 out to all of 10.0.11.0/24, 10.0.12.0/24',
    ],
    [
      'denies one port of the answers',
      { ...all, Deny: entry('Acl', 1, true, { RuleAction: 'deny', ...ports(50_000, 50_000) }) },
      'net/Acl does not let tcp 1024-65535 out to all of 10.0.11.0/24, 10.0.12.0/24',
    ],
  ])('that %s', (_, entries, expected) => {
    expect(closedBy(entries)).toEqual([expected]);
  });

  test('what runs on Linux is answered on the ports of Linux', () => {
    const entries = { In: all.In, Out: entry('Acl', 100, true, ports(32_768, 60_999)) };

    expect(found(dataAcl(entries)).filter((text) => text.includes('at Service'))).toEqual([]);
  });

  test('one that the VPC has by itself may be added to', () => {
    const acl = { 'Fn::GetAtt': ['Vpc', 'DefaultNetworkAcl'] };
    const deny: Change = ({ net }) => {
      net.Deny = entry(acl, 50, false, { RuleAction: 'deny', ...ports(6_379, 6_379), CidrBlock: '10.0.11.0/24' });
    };

    expect(found(deny)).toEqual([
      expect.stringContaining('the default network ACL of net/Vpc does not let tcp 6379 in from all of 10.0.11.0/24'),
    ]);
  });

  test('none stands inside of a subnet', () => {
    const together: Change = ({ app }) => {
      app.Function.Properties.VpcConfig.SubnetIds = [{ 'Fn::ImportValue': 'net:Data1' }];
      app.CacheSubnets.Properties.SubnetIds = [{ 'Fn::ImportValue': 'net:Data1' }];
    };

    expect(found([dataAcl({}), together]).filter((text) => text.includes('at Function'))).toEqual([]);
  });

  test('the fix goes before all entries', () => {
    const [finding] = reachabilityFindings([
      foreignApp(dataAcl({ ...all, Deny: entry('Acl', 20, false, { RuleAction: 'deny', ...ports(6_379, 6_379) }) })),
    ]);

    expect(finding?.fix).toBe(
      "`networkAcl.addEntry('Tcp6379In', { ruleNumber: 19, cidr: ec2.AclCidr.ipv4('10.0.11.0/24'), traffic: ec2.AclTraffic.tcpPort(6379), direction: ec2.TrafficDirection.INGRESS })`",
    );
  });

  test.each<[string, Change, string]>([
    [
      'an entry of a parameter',
      dataAcl({ Out: all.Out, In: entry('Acl', 1, false, { CidrBlock: PARAMETER }) }),
      'what net/In lets through is known to a deploy only',
    ],
    [
      'an entry with a condition',
      dataAcl({ Out: all.Out, In: { ...entry('Acl', 1, false), Condition: 'Sometimes' } }),
      'what net/In lets through is known to a deploy only',
    ],
    [
      'an ACL that is imported',
      (written) => {
        dataAcl({})(written);
        for (const id of ['AclOf1', 'AclOf2']) {
          written.net[id].Properties.NetworkAclId = 'acl-1';
        }
      },
      'the entries of acl-1, the network ACL of net/Data1, are not in the templates',
    ],
  ])('are unknown: %s', (_, change, why) => {
    expect(found(change)).toEqual([
      expect.stringMatching(/^informational reachability-unknown at Function: /),
      expect.stringMatching(/^informational reachability-unknown at Service: /),
    ]);
    expect(found(change).every((text) => text.endsWith(why))).toBe(true);
  });
});
