import type { CacheChange, CacheChangeListener } from '../control/controlled';

/** Tells whoever listens what happens in a cache. */
export class Changes {
  private readonly listeners = new Set<CacheChangeListener>();

  /** @returns stops telling */
  listen(listener: CacheChangeListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  tell(change: CacheChange): void {
    for (const listener of [...this.listeners]) {
      listener(change);
    }
  }
}
