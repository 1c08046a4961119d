/** The first attempt after a loss comes at any time within this, in milliseconds: it spreads a fleet. */
const FIRST_PAUSE_MS = 1_000;

/**
 * Later attempts keep that distance and come this often, in milliseconds: no more than twice a second, and soon enough for
 * writes to be back within a second of a promotion.
 */
const SHORTEST_LATER_PAUSE_MS = 500;
const LONGEST_LATER_PAUSE_MS = 750;

/** After a refused login the next try waits at least this long: a loop of logins looks like an attack. */
const REFUSED_LOGIN_PAUSE_MS = 1_000;

/**
 * How long to wait before the next attempt to connect. A fleet that lost its cache at once comes back spread over a
 * second, and no process tries more than twice a second.
 */
export class ConnectPacing {
  private attempts = 0;
  private lastAttemptAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly random: () => number = Math.random,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** An attempt begins. */
  attempting(): void {
    this.attempts += 1;
    this.lastAttemptAt = this.now();
  }

  /** An attempt succeeded. */
  connected(): void {
    this.attempts = 0;
  }

  /** Pause before the next attempt after a lost connection or a failed attempt, in milliseconds. */
  pauseMs(loginRefused = false): number {
    const pauseMs =
      this.attempts === 0
        ? FIRST_PAUSE_MS * this.random()
        : SHORTEST_LATER_PAUSE_MS + (LONGEST_LATER_PAUSE_MS - SHORTEST_LATER_PAUSE_MS) * this.random();
    return loginRefused ? pauseMs + REFUSED_LOGIN_PAUSE_MS : pauseMs;
  }

  /** Whether a connection that leads to the wrong node may be replaced at once. */
  mayConnectNow(): boolean {
    return this.now() - this.lastAttemptAt >= SHORTEST_LATER_PAUSE_MS;
  }
}
