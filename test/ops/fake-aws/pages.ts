import type { AwsError } from './aws-error';
import type { Context } from './operation';

/** How a service pages its lists. */
export interface Paging<Answered extends string> {
  /** Member of the input that says how long a page may be, and how long AWS lets it be. */
  readonly size?: { readonly name: string; readonly least: number; readonly most: number };
  /** Records of a page where the input does not say. */
  readonly usual: number;
  /** Member of the input that asks for the next page. */
  readonly token: string;
  /** Member of the output that has the token of the next page. */
  readonly answered: Answered;
  /** What it says of a page that is too long or too short. */
  readonly badSize: (message: string) => AwsError;
  /** What it says of a token that it did not give. */
  readonly badToken: (message: string) => AwsError;
}

export interface Page<Record, Answered extends string> {
  readonly records: Record[];
  /** To be spread into the output: the token of the next page, where there is one. */
  readonly next: { readonly [member in Answered]?: string };
}

/** @throws AwsError when the page is too long or too short, or its token was not given in answer to the same input */
export function pageOf<Record, Answered extends string>(
  records: readonly Record[],
  input: object,
  { action, tokens }: Context,
  paging: Paging<Answered>,
): Page<Record, Answered> {
  const members = new Map(Object.entries(input));
  const size = sizeOf(members, paging);
  const token = members.get(paging.token) as string | undefined;
  members.delete(paging.token);
  const question = JSON.stringify([action, ...members]);
  const offset = token === undefined ? 0 : tokens.offset(question, token);
  if (offset === undefined) {
    throw paging.badToken(`The ${paging.token} ${token} is not valid.`);
  }
  const end = offset + size;
  const next = end < records.length ? { [paging.answered]: tokens.give(question, end) } : {};
  return { records: records.slice(offset, end), next: next as { [member in Answered]?: string } };
}

function sizeOf(members: ReadonlyMap<string, unknown>, { size, usual, badSize }: Paging<string>): number {
  const asked = size === undefined ? undefined : (members.get(size.name) as number | undefined);
  if (size === undefined || asked === undefined) {
    return usual;
  }
  if (asked < size.least || asked > size.most) {
    throw badSize(`Invalid value ${asked} for ${size.name}. Must be between ${size.least} and ${size.most}`);
  }
  return asked;
}
