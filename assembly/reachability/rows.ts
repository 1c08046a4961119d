import type { Resource } from '../templates';
import { pathOf } from './construct-path';
import type { ReachabilityReport } from './report';

/** Who, and whether it reaches what. */
export interface Row {
  readonly who: string;
  /** Stack that it is in; empty for what is in none. */
  readonly home: string;
  readonly role: 'consumer' | 'allowed' | 'candidate' | 'other' | 'outside';
  readonly target: string;
  readonly targetHome: string;
  readonly port: number | undefined;
  readonly state: 'open' | 'closed' | 'unknown';
  /** What lets it in, or why it is not let in, or what is not known. */
  readonly why: string;
}

/** All that a report says, target by target, and then the services of AWS. */
export function rowsOf({ targets, accesses, openings, services }: ReachabilityReport): Row[] {
  const reached = targets.flatMap((to): Row[] => {
    const own = accesses.filter(({ connection }) => connection.to.id === to.id);
    const isReached = own.some(({ connection }) => connection.state === 'open');
    const place = { target: pathOf(to), targetHome: to.stack.path };
    return [
      ...own
        // Of many who may be meant, those who cannot say something only where nobody can.
        .filter(({ role, connection }) => role !== 'candidate' || connection.state !== 'closed' || !isReached)
        .map(({ connection, role, through }): Row => {
          const { from, port, state } = connection;
          const why =
            state === 'open' ? through.join(', ') : state === 'closed' ? causeOf(connection.reason) : connection.why;
          return { ...placeOf(from), role, ...place, port, state, why };
        }),
      ...openings
        .filter((opening) => opening.to.id === to.id)
        .map(({ port, rule, kind, who }): Row => {
          const why = rule === undefined ? 'its rules are not in the templates' : `a rule of ${rule.group.path}`;
          const state = kind === 'unknown' ? 'unknown' : 'open';
          return { who, home: '', role: 'outside', ...place, port, state, why };
        }),
    ];
  });
  return [
    ...reached,
    ...services.map((connection): Row => {
      const { from, service, state } = connection;
      const why =
        state === 'open' ? connection.through : state === 'closed' ? causeOf(connection.reason) : connection.why;
      return { ...placeOf(from), role: 'consumer', target: service.title, targetHome: 'AWS', port: 443, state, why };
    }),
  ];
}

function placeOf(from: Resource): { who: string; home: string } {
  return { who: pathOf(from), home: from.stack.path };
}

/** A reason without the pair that it is of. */
function causeOf(reason: string): string {
  return reason.slice(reason.indexOf(': ') + 2);
}
