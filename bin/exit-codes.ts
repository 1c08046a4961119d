import { Problem } from '../assembly/problem';
import { AskedWronglyError, RefusedError, TimedOutError } from '../ops/aws/problems';

/** Exit codes, which are API. */
export const EXIT = {
  /** Something could not be done, or a drill or a check found what must not be. */
  problem: 1,
  usage: 2,
  /** AWS refused, or did not answer; what it did answer is shown. */
  refused: 3,
  /** It took longer than it was given. */
  timedOut: 4,
} as const;

/** The code for an error that a user can do something about; nothing for one that is ours. */
export function exitOf(error: unknown): number | undefined {
  if (error instanceof AskedWronglyError || error instanceof Problem) {
    return EXIT.usage;
  }
  if (error instanceof RefusedError) {
    return EXIT.refused;
  }
  return error instanceof TimedOutError ? EXIT.timedOut : undefined;
}
