import type { LoadTruth, UserSample, Users } from './users';
import { sampleOf, Visitor } from './visitor';

/** Readers of any service: they ask for given paths in turn. Nobody signs in, and nothing is written. */
export class PathUsers implements Users {
  readonly hotPath: string;
  private readonly visitor: Visitor;

  /** @param paths at least one, for example `/` */
  constructor(
    address: string,
    private readonly paths: readonly [string, ...string[]],
  ) {
    this.visitor = new Visitor(address);
    this.hotPath = paths[0];
  }

  coldPath(): undefined {}

  async arrive(): Promise<void> {
    for (const path of this.paths) {
      const { isOk, status } = await this.ask(path);
      if (!isOk) {
        throw new Error(
          status === 0
            ? `nobody can read ${path} before the drill: there is no connection (does the certificate hold for that name?)`
            : `${path} was answered ${status} before the drill: only paths that answer 2xx or 3xx can be drilled`,
        );
      }
    }
  }

  act(number: number): Promise<UserSample> {
    return this.ask(this.paths[number % this.paths.length] as string);
  }

  async ask(path: string): Promise<UserSample> {
    const answer = await this.visitor.get(path);
    return sampleOf(answer, 'browse', answer.status >= 200 && answer.status < 400);
  }

  async truth(): Promise<LoadTruth> {
    return { acknowledged: 0, lost: 0, stale: 0, stalestMs: 0, sessions: 0, dead: 0, remarks: [] };
  }

  async depart(): Promise<readonly string[]> {
    return [];
  }
}
