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
