import type { ReachabilityReport } from '../../../assembly/reachability';
import { pathOf } from '../../../assembly/reachability/construct-path';
import type { Opening } from '../../../assembly/reachability/openings';
import { isCache } from '../../../assembly/reachability/resource-types';
import type { Finding } from '../finding';
import { placeOf } from './place';

/** What is wrong with what rules let in besides resources of the templates. */
export function openingFindings({ openings }: ReachabilityReport): Finding[] {
  const merged = new Map<string, Opening[]>();
  for (const opening of openings) {
    const key = JSON.stringify([opening.to.id, opening.rule?.resource.id, opening.kind, opening.who]);
    merged.set(key, [...(merged.get(key) ?? []), opening]);
  }
  return [...merged.values()].map((each) => findingOf(each as [Opening, ...Opening[]]));
}

function findingOf(openings: readonly [Opening, ...Opening[]]): Finding {
  const [{ to, rule, kind, who }] = openings;
  const ports = [...new Set(openings.map(({ port }) => port))].join(' and ');
  const { resource, group } = rule ?? { resource: to, group: undefined };
  const place = {
    ...placeOf(resource),
    ...(group !== undefined && resource.id === group.key ? { location: 'Properties.SecurityGroupIngress' } : {}),
    metadata: { to: pathOf(to), port: ports },
  };
  const lets = `${resource.label} lets ${who} reach ${to.label} on tcp ${ports}`;
  if (kind === 'unknown' || kind === 'group') {
    return {
      rule: 'reachability-unknown',
      severity: 'informational',
      description:
        rule === undefined
          ? `it is not known who else can reach ${to.label} on tcp ${ports}: ${who}`
          : `${lets}: ${kind === 'group' ? 'nothing in the templates has it' : 'it is not known who that is'}`,
      fix: 'make what is named there in the same app, or see to it yourself',
      ...place,
    };
  }
  const target = isCache(to) ? 'cache' : 'database';
  return {
    rule: 'unexpected-access',
    severity: kind === 'wide' ? 'error' : 'warning',
    description:
      kind === 'wide'
        ? `${lets}: more than what is to reach it has`
        : `${lets}: those of its consumers, whoever else has them`,
    fix: `let security groups in, not addresses: \`${target}SecurityGroup.addIngressRule(clientSecurityGroup, ec2.Port.tcp(${openings[0].port}))\``,
    ...place,
  };
}
