import { CircuitBreaker } from './circuit-breaker';
import { DeadlineError, Deadlines, withDeadline } from './deadline';
import { CacheUnavailableError, EngineRefusedError } from './errors';
import type { Observe } from './observer';

export interface GuardOptions {
  /** Name of the cache in the binding. */
  readonly cache: string;
  /** The part of the cache that is guarded, where a cache has several: a shard's address. */
  readonly part?: string;
  /** Called each time the breaker opens, to replace a connection that does not answer. */
  readonly onOpen: () => void;
  /** Asks the engine whether it answers. */
  readonly probe: () => Promise<unknown>;
  readonly observe: Observe;
}

/** Deadline and breaker around every call to one endpoint. */
export class Guard {
  private readonly breaker: CircuitBreaker;
  private readonly listeners: Array<() => void> = [];
  private readonly deadlines = new Deadlines();
  private lastAnswerAt = 0;

  constructor(private readonly options: GuardOptions) {
    const { cache, part, observe } = options;
    this.breaker = new CircuitBreaker({
      onOpen: (cause) => {
        observe({ type: 'state', cache, part, state: 'open', cause });
        options.onOpen();
      },
      onClose: () => {
        observe({ type: 'state', cache, part, state: 'closed' });
        for (const listener of this.listeners) {
          listener();
        }
      },
      probe: () => withDeadline(options.probe()),
    });
  }

  get isOpen(): boolean {
    return this.breaker.isOpen;
  }

  /**
   * @throws CacheUnavailableError when the breaker is open, time is up or the connection is lost
   * @throws EngineRefusedError when the engine answered with an error
   */
  call<T>(command: () => Promise<T>): Promise<T> {
    const { cache } = this.options;
    if (this.breaker.isOpen) {
      return Promise.reject(new CacheUnavailableError(cache, { cause: this.breaker.cause }));
    }
    return new Promise<T>((resolve, reject) => {
      const startedAt = performance.now();
      const fail = (error: unknown) => {
        if (error instanceof EngineRefusedError) {
          this.answered();
          reject(error);
          return;
        }
        // One slow call among others that are answered is an accident; no answer to anything is a frozen engine.
        const frozen = error instanceof DeadlineError && this.lastAnswerAt < startedAt;
        this.breaker.failed(error, frozen);
        reject(new CacheUnavailableError(cache, { cause: error }));
      };
      const watched = this.deadlines.watch(fail);
      let answered: Promise<T>;
      try {
        answered = command();
      } catch (error) {
        answered = Promise.reject(error);
      }
      answered.then(
        (answer) => {
          if (this.deadlines.settle(watched)) {
            this.answered();
            resolve(answer);
          }
        },
        (error) => {
          if (this.deadlines.settle(watched)) {
            fail(error);
          }
        },
      );
    });
  }

  /** When the engine last answered, on `performance.now()`'s clock, in milliseconds. */
  get answeredAt(): number {
    return this.lastAnswerAt;
  }

  /** The engine answers: closes the breaker and tells who waits for it. */
  answered(): void {
    this.lastAnswerAt = performance.now();
    this.breaker.succeeded();
  }

  onRecovered(listener: () => void): void {
    this.listeners.push(listener);
  }

  close(): void {
    this.breaker.close();
  }
}
