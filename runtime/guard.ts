import { CircuitBreaker } from './circuit-breaker';
import { hasCacheBudget, withDeadline } from './deadline';
import { CacheUnavailableError } from './errors';

export interface GuardHooks {
  /** Whether an error is an answer of the engine (wrong type, out of memory) and not a lost cache. */
  readonly isAnswer: (error: unknown) => boolean;
  /** Called each time the breaker opens, to replace a connection that does not answer. */
  readonly onOpen: () => void;
}

/** Deadline and breaker around every call to one cache. */
export class Guard {
  private readonly breaker: CircuitBreaker;
  private readonly listeners: Array<() => void> = [];

  constructor(
    private readonly cache: string,
    private readonly hooks: GuardHooks,
  ) {
    this.breaker = new CircuitBreaker(hooks.onOpen);
  }

  /** @throws CacheUnavailableError when the breaker is open, time is up, the request's budget is spent or the connection is lost */
  async call<T>(command: () => Promise<T>): Promise<T> {
    if (!hasCacheBudget() || !this.breaker.admit()) {
      throw new CacheUnavailableError(this.cache);
    }
    try {
      const answer = await withDeadline(command);
      this.recovered();
      return answer;
    } catch (error) {
      if (this.hooks.isAnswer(error)) {
        this.recovered();
        throw error;
      }
      this.breaker.failed();
      throw new CacheUnavailableError(this.cache, { cause: error });
    }
  }

  /** The cache answers again: closes the breaker and tells who waits for it. */
  recovered(): void {
    const wasOpen = this.breaker.isOpen;
    this.breaker.succeeded();
    if (wasOpen) {
      for (const listener of this.listeners) {
        listener();
      }
    }
  }

  onRecovered(listener: () => void): void {
    this.listeners.push(listener);
  }
}
