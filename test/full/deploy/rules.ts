/** A rule of a security group in a template, on one line. */
export function templateRule(direction: 'in' | 'out', group: string, rule: any): string {
  const peer =
    rule.SourceSecurityGroupId ??
    rule.DestinationSecurityGroupId ??
    rule.CidrIp ??
    rule.CidrIpv6 ??
    rule.SourcePrefixListId;
  return line(direction, group, rule, peer);
}

/** The same, of what EC2 describes: one permission has a rule for each of its peers. */
export function ec2Rules(group: any): string[] {
  const rules = (direction: 'in' | 'out', permissions: any[]) =>
    permissions.flatMap((permission) =>
      [
        ...permission.UserIdGroupPairs.map(({ GroupId }: any) => GroupId),
        ...permission.IpRanges.map(({ CidrIp }: any) => CidrIp),
        ...(permission.Ipv6Ranges ?? []).map(({ CidrIpv6 }: any) => CidrIpv6),
        ...(permission.PrefixListIds ?? []).map(({ PrefixListId }: any) => PrefixListId),
      ].map((peer) => line(direction, group.GroupId, permission, peer)),
    );
  return [...rules('in', group.IpPermissions), ...rules('out', group.IpPermissionsEgress)];
}

function line(direction: 'in' | 'out', group: string, rule: any, peer: string): string {
  return `${direction} ${group} ${rule.IpProtocol} ${rule.FromPort ?? 'any'}-${rule.ToPort ?? 'any'} ${peer}`;
}
