import type { ReachabilityReport } from '../../../assembly/reachability';
import type { Connection } from '../../../assembly/reachability/connections';
import { pathOf } from '../../../assembly/reachability/construct-path';
import type { Access } from '../../../assembly/reachability/report';
import { isCache } from '../../../assembly/reachability/resource-types';
import type { Rule } from '../../../assembly/reachability/security-group-rules';
import type { Resource } from '../../../assembly/templates';
import type { Finding, Severity } from '../finding';
import { placeOf } from './place';

/** What is wrong with the connections between resources of the templates. */
export function accessFindings({ targets, accesses, openings }: ReachabilityReport): Finding[] {
  const wide = new Set(openings.flatMap(({ kind, rule }) => (kind === 'wide' && rule !== undefined ? [rule] : [])));
  const hidden = new Set(openings.flatMap(({ to, rule }) => (rule === undefined ? [to.id] : [])));
  return targets.flatMap((to) => {
    const own = accesses.filter(({ connection }) => connection.to.id === to.id);
    const consumers = own.filter(({ role }) => role === 'consumer');
    return [
      ...consumers.flatMap((access) => ofConsumer(access, consumers)),
      ...own
        .filter(({ role, connection }) => role === 'other' && !isToldOfTarget(connection, hidden))
        .flatMap((access) => ofOther(access, wide)),
      ...ofCandidates(
        to,
        own.filter(({ role }) => role === 'candidate'),
      ),
    ];
  });
}

function ofConsumer({ connection }: Access, consumers: readonly Access[]): Finding[] {
  const { from, to } = connection;
  switch (connection.state) {
    case 'open':
      return [];
    case 'unknown':
      return [unknown(from, to, connection.port, connection.why)];
    case 'closed': {
      // The second port of a serverless cache is that of its replicas, which not every client reads from.
      const first = consumers.find((access) => access.connection.from.id === from.id)?.connection;
      const isSecond = first !== undefined && first.port !== connection.port && first.state !== 'closed';
      return [
        {
          rule: isCache(to) ? 'cache-unreachable' : 'database-unreachable',
          severity: isSecond ? 'warning' : 'error',
          description: connection.reason,
          fix: connection.fix,
          ...placeOf(from),
          metadata: pairOf(from, to, connection.port),
        },
      ];
    }
  }
}

/** Whether that nothing is known of who else reaches it is told once. @param hidden targets whose rules are not here */
function isToldOfTarget({ to, port, state }: Connection, hidden: ReadonlySet<string>): boolean {
  return state === 'unknown' && (port === undefined || hidden.has(to.id));
}

/** @param wide rules of which it is told that they let in more addresses than they should */
function ofOther({ connection, isCertain, by, through }: Access, wide: ReadonlySet<Rule>): Finding[] {
  const { from, to, port } = connection;
  if (connection.state === 'unknown') {
    return [unknown(from, to, port, connection.why)];
  }
  const isTold = connection.state === 'closed' || connection.rules.every((rule) => wide.has(rule));
  if (isTold || by === undefined) {
    return [];
  }
  const severity: Severity = isCertain && by === 'group' ? 'error' : 'warning';
  const how =
    by === 'group'
      ? ''
      : by === 'shared group'
        ? ', with a security group that its consumers have as well'
        : ', from an address that is let in with those of its consumers';
  return [
    {
      rule: 'unexpected-access',
      severity,
      description: `${from.label} can reach ${to.label} on tcp ${port}${how}: ${through.join(', ')}`,
      fix: `take the rule away, or say that it may: \`allowed: ['${pathOf(from)}']\``,
      ...placeOf(to),
      metadata: pairOf(from, to, port),
    },
  ];
}

/** Where nobody refers to a target, somebody is to reach it. */
function ofCandidates(to: Resource, candidates: readonly Access[]): Finding[] {
  const states = candidates.map(({ connection }) => connection.state);
  const closed = candidates.flatMap(({ connection }) => (connection.state === 'closed' ? [connection] : []));
  const [first] = closed;
  if (first === undefined || states.includes('open')) {
    return [];
  }
  const doubtful = candidates.find(({ connection }) => connection.state === 'unknown')?.connection;
  if (doubtful?.state === 'unknown') {
    return [unknown(doubtful.from, to, doubtful.port, doubtful.why)];
  }
  return [
    {
      rule: isCache(to) ? 'cache-unreachable' : 'database-unreachable',
      severity: 'warning',
      description: `nothing in the templates can reach ${to.label}: for example, ${first.reason}`,
      fix: first.fix,
      ...placeOf(to),
    },
  ];
}

function unknown(from: Resource, to: Resource, port: number | undefined, why: string): Finding {
  return {
    rule: 'reachability-unknown',
    severity: 'informational',
    description: `it is not known whether ${from.label} can reach ${to.label}${port === undefined ? '' : ` on tcp ${port}`}: ${why}`,
    fix: 'make what is named there in the same app, or see to it yourself',
    ...placeOf(from),
    metadata: pairOf(from, to, port),
  };
}

function pairOf(from: Resource, to: Resource, port: number | undefined): { [key: string]: string } {
  return { from: pathOf(from), to: pathOf(to), ...(port === undefined ? {} : { port: String(port) }) };
}
