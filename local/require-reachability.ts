import { Problem } from '../assembly/problem';
import { connectionsOfFleet } from '../assembly/reachability';
import type { Plan } from './plan';

/**
 * What the security groups, network ACLs and routes of the templates do not connect is not started. What is not in the
 * templates is trusted.
 *
 * @throws Problem that names each rule that is missing
 */
export function requireReachability({ source, fleet }: Plan, report: (line: string) => void): void {
  if (source.fleet === undefined || fleet === undefined) {
    return;
  }
  const connections = connectionsOfFleet(source.templates, source.fleet);
  const closed = connections.flatMap((connection) => (connection.state === 'closed' ? [connection.missing] : []));
  if (closed.length > 0) {
    throw new Problem([...new Set(closed)].join('\n'));
  }
  for (const connection of connections) {
    if (connection.state === 'unknown') {
      report(`! not known whether ${connection.from.label} can reach ${connection.to.label}: ${connection.why}`);
    }
  }
}
