import { randomBytes } from 'node:crypto';

/** Tokens that ask for the next page. Nobody can tell what is in one, or make one up. */
export class PageTokens {
  private readonly given = new Map<string, { readonly question: string; readonly offset: number }>();

  /** @param question what was asked; the token is for no other */
  give(question: string, offset: number): string {
    const token = randomBytes(24).toString('base64url');
    this.given.set(token, { question, offset });
    return token;
  }

  /** Where the next page begins; `undefined` for a token that was not given in answer to the question. */
  offset(question: string, token: string): number | undefined {
    const found = this.given.get(token);
    return found?.question === question ? found.offset : undefined;
  }
}
