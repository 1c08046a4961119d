/** Exit codes, which are API. */
export const EXIT = {
  /** Something could not be done, or a drill found what must not be. */
  problem: 1,
  usage: 2,
} as const;
