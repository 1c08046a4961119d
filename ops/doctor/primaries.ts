import type { DatabaseState } from '../environment/environment-state';
import { each, type Found, type Judge } from './rule';

/**
 * Judges what only a database that others follow has to have: RDS backs a read replica up only where it is asked to, and
 * the replica stands in for none of its own.
 */
export function eachPrimary(judge: (database: DatabaseState, now: Date) => Found | false | undefined): Judge {
  return each(
    ({ databases }) => databases.filter(({ readReplicaOf }) => readReplicaOf === undefined),
    (database, _, now) => judge(database, now),
  );
}
