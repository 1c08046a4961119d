/** What a node holds under a key. */
export interface MemcachedItem {
  /**
   * The value; empty for a placeholder.
   *
   * It is nobody else's, but unless it is smaller than 256 bytes or larger than 64 KiB it is a view on 64 KiB that
   * arrived together, and keeps them alive: copy (`Buffer.from(value)`) what is to stay for long.
   */
  readonly value: Buffer;
  /**
   * Decimal text that changes with every change of the item. It is only good for this client's `set` and `delete`:
   * the last four digits say where the number before them came from, because each node counts for itself and starts
   * again when it restarts.
   */
  readonly cas: string;
  /** What is left of its life in whole seconds, -1 for an item that does not expire. */
  readonly ttlS: number;
  /** `won`: this call made the placeholder and holds the lease; `held`: somebody else does; `none`: a real item. */
  readonly lease: 'none' | 'won' | 'held';
}
