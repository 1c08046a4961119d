import type { Resource } from '../templates';
import { AddressSet } from './address-set';
import { familiesOf } from './connections';
import type { Network } from './network';
import { portsOf } from './ports';
import type { Rule } from './security-group-rules';

/** Who a rule lets in besides resources of the templates. */
export interface Opening {
  readonly to: Resource;
  readonly port: number;
  /** `undefined` for rules that are not in the templates. */
  readonly rule: Rule | undefined;
  /**
   * `wide`: addresses beyond the subnets of those who are to reach it. `narrow`: theirs, whoever has them. `group`: who
   * has a security group that nothing here has. `unknown`: only a deploy knows.
   */
  readonly kind: 'wide' | 'narrow' | 'group' | 'unknown';
  /** For example `any address of 10.0.0.0/16`. */
  readonly who: string;
}

/** What the rules of a target let in besides resources of the templates. @param expected addresses that are to reach it */
export function openingsOf(
  network: Network,
  to: Resource,
  expected: AddressSet,
  clients: readonly Resource[],
): Opening[] {
  const target = network.sideOf(to);
  const held = new Set(
    [...target.groups, ...clients.flatMap((client) => network.sideOf(client).groups)].map(({ key }) => key),
  );
  const families = familiesOf(to);
  return portsOf(network.templates, to).flatMap((port) => {
    if (port === undefined) {
      return [];
    }
    const foreign = target.groups.filter(({ kind }) => kind !== 'made').map(({ label }) => label);
    const hidden = target.groups.length === 0 ? ["its VPC's default security group"] : foreign;
    return [
      ...hidden.map(
        (label): Opening => ({
          to,
          port,
          rule: undefined,
          kind: 'unknown',
          who: `whoever the rules of ${label} let in, which are not in the templates`,
        }),
      ),
      ...network.groups.of('ingress', target.groups).flatMap((rule) => {
        const matches = network.groups.isFor(rule, port);
        const isOwn = target.groups.some(({ key }) => key === rule.group.key);
        return matches === false
          ? []
          : families.flatMap((family): Opening[] => {
              const peer = network.groups.peerOf(rule, family);
              const opening = (kind: Opening['kind'], who: string): Opening[] => [
                { to, port, rule, kind: matches === undefined || !isOwn ? 'unknown' : kind, who },
              ];
              if (peer.kind === 'unknown') {
                return opening('unknown', 'whoever a deploy chooses');
              }
              if (peer.kind === 'group') {
                const { kind, key, label } = peer.group;
                return held.has(key)
                  ? []
                  : opening(kind === 'made' ? 'group' : 'unknown', `whoever has the security group ${label}`);
              }
              if (peer.blocks === undefined) {
                return opening('unknown', `any address of ${peer.label}`);
              }
              const addresses = AddressSet.of(peer.blocks);
              if (addresses.isEmpty) {
                return [];
              }
              const isWide = family === 'ipv6' || !expected.contains(addresses);
              return opening(isWide ? 'wide' : 'narrow', `any address of ${peer.label}`);
            });
      }),
    ];
  });
}
