import { type CacheOptions, type Caches, type ConnectOptions, connect } from '../../runtime';
import type { CacheBinding } from '../../runtime/binding';
import { bindingOf, RunningEngines, variablesOf } from '../engines/running';

/** The engines that every strategy is tested on. */
export const ENGINES = ['valkey', 'memcached'] as const;

export type TestEngine = (typeof ENGINES)[number];

/** Real engines and as many processes' views of them as a test needs: each has its own connections, breaker and flights. */
export class TestFleet {
  private readonly opened: Caches[] = [];

  static async start(memcachedNodes = 2): Promise<TestFleet> {
    const engines = await RunningEngines.start();
    const [valkey, memcached] = [await engines.valkey(), await engines.memcached(memcachedNodes)];
    return new TestFleet(engines, { valkey: valkey.binding, memcached: memcached.binding });
  }

  private constructor(
    readonly engines: RunningEngines,
    readonly bindings: Readonly<Record<TestEngine, CacheBinding>>,
  ) {}

  /** One more instance, connected to both engines. */
  async instance(options: ConnectOptions & { readonly cache?: CacheOptions } = {}): Promise<Caches> {
    const caches = connect(variablesOf(bindingOf(this.bindings)), options);
    this.opened.push(caches);
    for (const engine of ENGINES) {
      caches.cache(engine, options.cache);
    }
    await caches.ready(5_000);
    return caches;
  }

  async stop(): Promise<void> {
    await Promise.all(this.opened.map((caches) => caches.close()));
    await this.engines.stop();
  }
}

/** A loader that counts its calls, and how many of them ran at the same time at most. */
export class CountingLoader<T> {
  calls = 0;
  atOnce = 0;
  private running = 0;

  constructor(
    public value: T,
    private readonly takesMs = 0,
  ) {}

  /** Set, the next calls fail with it. */
  failure: Error | undefined;

  readonly load = async (): Promise<T> => {
    this.calls += 1;
    this.running += 1;
    this.atOnce = Math.max(this.atOnce, this.running);
    const { value, failure } = this;
    try {
      if (this.takesMs > 0) {
        await new Promise((resolve) => setTimeout(resolve, this.takesMs));
      }
      if (failure !== undefined) {
        throw failure;
      }
      return value;
    } finally {
      this.running -= 1;
    }
  };
}
