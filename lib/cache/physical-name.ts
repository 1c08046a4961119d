import { Names, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { Limit } from '../limits';

/** Names and ids of ElastiCache may be 40 characters long (ElastiCache API, CreateUser.UserId and others). */
const LONGEST = 40;

/** Refuses an id that ElastiCache would refuse, or would store in another case than it was written. */
export function idLimit(property: string, id: string): Limit {
  return {
    broken: !Token.isUnresolved(id) && !(id.length <= LONGEST && /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id)),
    message: `\`${property}\` must be 1 to ${LONGEST} lower-case letters, digits and single hyphens, beginning with a letter, got ${JSON.stringify(id)}`,
  };
}

/**
 * An id from a construct's path, where CloudFormation asks for one and makes none.
 *
 * @param ending what tells two ids of one construct apart
 */
export function idFromPath(scope: IConstruct, ending: string = ''): string {
  const tail = ending === '' ? '' : `-${ending}`;
  const name = Names.uniqueResourceName(scope, { maxLength: LONGEST - tail.length - 1, separator: '-' })
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  return `${/^[a-z]/.test(name) ? '' : 'c'}${name}${tail}`;
}
