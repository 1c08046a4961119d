/** Exit codes, which are API. */
export const EXIT = {
  /** Something could not be done, or a drill or a check found what must not be. */
  problem: 1,
  usage: 2,
  /** AWS refused, or did not answer. */
  refused: 3,
} as const;
