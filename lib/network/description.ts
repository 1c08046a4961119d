import type { IConstruct } from 'constructs';

/** Characters that the description of a security group may have, and how many (EC2 API, CreateSecurityGroup). */
const OTHER = /[^a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]/g;
const LONGEST = 255;

/** A construct in words that every AWS service takes as a description. The end of the path says the most. */
export function describe(construct: IConstruct, before: string = ''): string {
  const path = construct.node.path.replace(OTHER, '_');
  return `${before}${path.slice(-(LONGEST - before.length))}`;
}
