import { Endpoint, type EndpointOptions } from '../../../local/caches/endpoint';
import { Cache, type CacheOptions } from '../../../runtime/cache';
import { observeNothing } from '../../../runtime/observer';
import { type ConnectionOptions, RedisConnection } from '../../../runtime/redis/connection';
import { RedisStore } from '../../../runtime/stores/redis-store';
import { FailoverGroup } from '../../engines/failover-group';
import { RunningEngines, sleep } from '../../engines/running';
import { closeInstances } from './instances';

/** What the tests of one file start; each test's own is stopped after it. */
export class Stage {
  engines!: RunningEngines;
  private closers: Array<() => unknown> = [];

  constructor() {
    beforeAll(async () => {
      this.engines = await RunningEngines.start();
    });
    afterEach(async () => {
      await closeInstances();
      for (const close of this.closers.splice(0).reverse()) {
        await close();
      }
    });
    afterAll(() => this.engines.stop());
  }

  /** Called after the test. */
  after(close: () => unknown): void {
    this.closers.push(close);
  }

  async valkey(nodes = 1): Promise<FailoverGroup> {
    const group = await FailoverGroup.start(this.engines.folder, this.engines.certificates, nodes);
    this.after(() => group.stop());
    return group;
  }

  async proxy(port: number, options?: EndpointOptions): Promise<Endpoint> {
    const proxy = await Endpoint.to(port, options);
    this.after(() => proxy.close());
    return proxy;
  }

  /** A cache over a connection of its own, as `connect` makes it, with a resolver of the test's. */
  cacheOver(options: Omit<ConnectionOptions, 'name' | 'observe'>, cacheOptions: CacheOptions = {}): Cache {
    const commands = new RedisConnection({ name: 'cache', observe: observeNothing, ...options });
    const cache = new Cache({ store: new RedisStore(commands), commands, observe: undefined, options: cacheOptions });
    this.after(() => cache.close());
    return cache;
  }
}

/** A load from a database that takes its time. */
export const fromDatabase = async (): Promise<string> => {
  await sleep(5);
  return 'database';
};

/** A figure, for who reads the log. */
export function figure(row: number, text: string): void {
  process.stdout.write(`row ${row}: ${text}\n`);
}

/** Answers every name with the address that the test chooses. */
export function resolverTo(address: () => string): ConnectionOptions['resolve'] {
  return (_host, _options, done) => setImmediate(() => done(null, [{ address: address(), family: 4 }]));
}
