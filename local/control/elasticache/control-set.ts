import type { CacheControl, ControlledCache } from './cache-control';

/** The controls of the caches of a kind. Caches come, go and are replaced while an environment runs. */
export class ControlSet<C extends ControlledCache, T extends CacheControl<C>> {
  private readonly controls = new Map<string, T>();

  constructor(private readonly make: (cache: C) => T) {}

  /** Makes controls for the caches that are new since the last look, and closes those of caches that are gone. */
  look(caches: readonly C[]): readonly T[] {
    for (const [id, control] of this.controls) {
      if (!caches.some((cache) => control.isOf(cache))) {
        control.close();
        this.controls.delete(id);
      }
    }
    return caches.map((cache) => {
      const control = this.controls.get(cache.id) ?? this.make(cache);
      control.look(cache);
      this.controls.set(cache.id, control);
      return control;
    });
  }
}
