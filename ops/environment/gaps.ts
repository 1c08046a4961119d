import { AskedWronglyError, type CallProblem, callProblem, TimedOutError } from '../aws/problems';
import type { Gap } from './environment-state';

/** Collects what AWS did not give, so that what it gave can be shown. */
export class Gaps {
  private readonly found: Array<Gap & Pick<CallProblem, 'isTimeout'>> = [];

  constructor(private readonly region: string) {}

  get list(): Gap[] {
    return this.found.map(({ isTimeout: _, ...gap }) => gap);
  }

  /** What a call gives, or `undefined` and a gap. */
  async ask<T>(what: string, action: string, call: () => Promise<T>): Promise<T | undefined> {
    try {
      return await call();
    } catch (error) {
      if (error instanceof AskedWronglyError || error instanceof TimedOutError) {
        throw error;
      }
      this.found.push({ what, action, ...callProblem(error, action, this.region) });
      return undefined;
    }
  }
}
