import type { Namespace } from '../../runtime';
import { Cache } from '../../runtime/cache';
import type { NamespaceOptions } from '../../runtime/namespace-options';
import type { Store } from '../../runtime/stores/store';
import { ChaosStore, Gate, HeldCall, type Mishap } from './chaos-store';

/** A loader that returns when the test lets it. */
export class HeldLoad {
  readonly begun = new Gate();
  readonly over = new Gate();

  constructor(private readonly value: string) {}

  readonly load = async () => {
    this.begun.open();
    await this.over.opened;
    return this.value;
  };
}

/** Another process's view of a cache, in which the test holds single calls. */
export class HeldProcess {
  private readonly held = new Map<string, Mishap>();
  readonly values: Namespace<string>;

  constructor(cache: Cache, name: string, options: NamespaceOptions) {
    const { store } = (cache as unknown as { parts: { store: Store } }).parts;
    const chaos = new ChaosStore(store, (call) => {
      const held = this.held.get(call);
      this.held.delete(call);
      return held ?? 'none';
    });
    this.values = new Cache({ store: chaos, observe: undefined, options: {} }).namespace(name, options);
  }

  /** Holds the next call of this kind. */
  hold(call: 'get' | 'acquire'): HeldCall {
    const held = new HeldCall();
    this.held.set(call, held);
    return held;
  }

  /** The next call of this kind is not sent, as if the cache could not be reached. */
  fail(call: 'acquire'): void {
    this.held.set(call, 'fail');
  }
}
