import { CacheUnavailableError } from '../../runtime/errors';
import type { Found, Store } from '../../runtime/stores/store';

/** Something that happens once, and can be waited for. */
export class Gate {
  open = () => {};
  readonly opened = new Promise<void>((resolve) => {
    this.open = resolve;
  });
}

/** A call in slow motion: it says that it was made, is sent when the test lets it, and answered when the test lets it. */
export class HeldCall {
  readonly made = new Gate();
  readonly sent = new Gate();
  readonly carriedOut = new Gate();
  readonly answered = new Gate();
}

/** What befalls a call. `cut`: the engine carries it out, and the answer is lost. */
export type Mishap = 'none' | 'fail' | 'delay' | 'cut' | HeldCall;

/** A store in front of which calls fail, are late, or lose their answer, as the test decides for each. */
export class ChaosStore implements Store {
  readonly name: string;

  constructor(
    private readonly inner: Store,
    private readonly next: (call: string) => Mishap,
    private readonly delayMs = 20,
  ) {
    this.name = inner.name;
  }

  get = (key: string, leaseMs?: number) => this.call('get', () => this.inner.get(key, leaseMs));
  assertReplicas = () => this.inner.assertReplicas();
  getFromReplica = (key: string) => this.call('getFromReplica', () => this.inner.getFromReplica(key));
  getVersion = (key: string, touchMs?: number) => this.call('getVersion', () => this.inner.getVersion(key, touchMs));
  acquire = (key: string, leaseMs: number, over?: Found) =>
    this.call('acquire', () => this.inner.acquire(key, leaseMs, over));
  set = (key: string, entry: Buffer, ttlMs: number) => this.call('set', () => this.inner.set(key, entry, ttlMs));
  add = (key: string, entry: Buffer, ttlMs: number) => this.call('add', () => this.inner.add(key, entry, ttlMs));
  replace = (key: string, entry: Buffer, ttlMs: number, version: string) =>
    this.call('replace', () => this.inner.replace(key, entry, ttlMs, version));
  delete = (key: string) => this.call('delete', () => this.inner.delete(key));
  deleteVersion = (key: string, version: string) =>
    this.call('deleteVersion', () => this.inner.deleteVersion(key, version));
  touch = (key: string, ttlMs: number) => this.call('touch', () => this.inner.touch(key, ttlMs));

  versionOf = (found: Found) => this.inner.versionOf(found);
  ageMs = (found: Found, writtenAtMs: number, lifeMs: number) => this.inner.ageMs(found, writtenAtMs, lifeMs);
  now = () => this.inner.now();
  isUnavailable = (error: unknown) => this.inner.isUnavailable(error);
  onRecovered = (listener: () => void) => this.inner.onRecovered(listener);
  isAway = (key: string) => this.inner.isAway(key);
  ready = (timeoutMs: number) => this.inner.ready(timeoutMs);
  close = async () => {};

  private async call<T>(name: string, run: () => Promise<T>): Promise<T> {
    const mishap = this.next(name);
    if (mishap === 'fail') {
      throw new CacheUnavailableError(this.name, { cause: new Error('chaos: not sent') });
    }
    if (mishap === 'delay') {
      await new Promise((resolve) => setTimeout(resolve, this.delayMs));
    }
    if (mishap instanceof HeldCall) {
      mishap.made.open();
      await mishap.sent.opened;
    }
    const answer = await run();
    if (mishap instanceof HeldCall) {
      mishap.carriedOut.open();
      await mishap.answered.opened;
    }
    if (mishap === 'cut') {
      throw new CacheUnavailableError(this.name, { cause: new Error('chaos: the answer was lost') });
    }
    return answer;
  }
}
