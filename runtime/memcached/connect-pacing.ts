/** Pauses between attempts to connect, in milliseconds. */
const LONGEST_PAUSE_MS = 1_000;
const SHORTEST_PAUSE_MS = 500;

/**
 * How long to wait before the next attempt to connect to a node.
 *
 * The first pause after a lost connection is anything up to a second, so that a fleet that lost a node at once comes
 * back spread over that second; later ones are half a second to a second. Attempts begin at least half a second apart,
 * also to a node that takes connections and drops them.
 */
export class ConnectPacing {
  private attempts = 0;
  private lastAttemptAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly random: () => number = Math.random,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** An attempt begins. */
  attempting(): void {
    this.attempts += 1;
    this.lastAttemptAtMs = this.now();
  }

  /** An attempt succeeded. */
  connected(): void {
    this.attempts = 0;
  }

  /** The pause before the next attempt, after a lost connection or a failed attempt, in milliseconds. */
  pauseMs(): number {
    const pauseMs =
      this.attempts === 0
        ? LONGEST_PAUSE_MS * this.random()
        : SHORTEST_PAUSE_MS + (LONGEST_PAUSE_MS - SHORTEST_PAUSE_MS) * this.random();
    return Math.max(pauseMs, SHORTEST_PAUSE_MS - (this.now() - this.lastAttemptAtMs));
  }
}
