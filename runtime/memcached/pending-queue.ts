const SMALLEST_CAPACITY = 256;

/** First in, first out, without moving what waits: a ring that doubles when it is full. */
export class PendingQueue<T> {
  private slots: Array<T | undefined> = new Array(SMALLEST_CAPACITY).fill(undefined);
  private head = 0;
  private count = 0;

  get length(): number {
    return this.count;
  }

  push(value: T): void {
    if (this.count === this.slots.length) {
      this.grow();
    }
    this.slots[(this.head + this.count) & (this.slots.length - 1)] = value;
    this.count += 1;
  }

  shift(): T | undefined {
    if (this.count === 0) {
      return undefined;
    }
    const value = this.slots[this.head];
    this.slots[this.head] = undefined;
    this.head = (this.head + 1) & (this.slots.length - 1);
    this.count -= 1;
    return value;
  }

  /** The value that is `index` places behind the first one. */
  at(index: number): T | undefined {
    return index < this.count ? this.slots[(this.head + index) & (this.slots.length - 1)] : undefined;
  }

  private grow(): void {
    const grown: Array<T | undefined> = new Array(this.slots.length * 2).fill(undefined);
    for (let index = 0; index < this.count; index += 1) {
      grown[index] = this.at(index);
    }
    this.slots = grown;
    this.head = 0;
  }
}
