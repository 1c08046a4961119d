interface Asked<T> {
  readonly resolve: (value: T | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One call of a loader for many ids, each of which finds out for itself whether it has to be loaded. The call is made
 * once every id has decided: it asks to be loaded, waits for another process, or needs no load. What asks later (the
 * other process did not deliver) shares a second call.
 */
export class DeferredLoad<Id, T> {
  private readonly undecided: Set<Id>;
  private asked = new Map<Id, Asked<T>>();
  private scheduled = false;

  /**
   * @param ids each once
   * @param loadAll is given the ids that have to be loaded, in the order of `ids`
   */
  constructor(
    private readonly ids: readonly Id[],
    private readonly loadAll: (ids: readonly Id[]) => Promise<ReadonlyMap<Id, T>>,
  ) {
    this.undecided = new Set(ids);
  }

  load(id: Id): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      this.asked.set(id, { resolve, reject });
      this.decided(id);
    });
  }

  decided(id: Id): void {
    this.undecided.delete(id);
    if (this.undecided.size === 0 && this.asked.size > 0 && !this.scheduled) {
      this.scheduled = true;
      // After this turn of the event loop, for all who ask in it.
      setImmediate(() => {
        this.scheduled = false;
        void this.send();
      });
    }
  }

  private async send(): Promise<void> {
    const { asked } = this;
    this.asked = new Map();
    try {
      const values = await this.loadAll(this.ids.filter((id) => asked.has(id)));
      for (const [id, { resolve }] of asked) {
        resolve(values.get(id));
      }
    } catch (error) {
      for (const { reject } of asked.values()) {
        reject(error);
      }
    }
  }
}
