/** Most keys of one request: enough that a round trip costs little a key, few enough that nobody waits for a crowd. */
const MOST_KEYS = 128;

/** What one answer may weigh, in bytes, going by the answers before: large values must not hold up small ones. */
const ANSWER_BYTES = 262_144;

/** How much one answer moves the estimate of a value's size. */
const ESTIMATE_WEIGHT = 1 / 8;

type Resolve<T> = (value: T) => void;

interface Waiting<T> {
  readonly keys: string[];
  readonly resolves: Array<Resolve<T>>;
  readonly rejects: Array<(error: unknown) => void>;
}

export interface GetBatchOptions<T> {
  /** Asks for all keys of a batch at once. */
  readonly send: (keys: string[]) => Promise<Array<Buffer | null>>;
  readonly read: (value: Buffer | null) => T;
  /** The part of the cache that a key belongs to: each has batches of its own, so that a lost shard fails its own keys only. */
  readonly partOf: (key: string) => string;
}

/** Joins the gets of one tick, so that they share a round trip. */
export class GetBatch<T> {
  private readonly open = new Map<string, Waiting<T>>();
  private scheduled = false;
  private valueBytes = 0;

  constructor(private readonly options: GetBatchOptions<T>) {}

  get(key: string): Promise<T> {
    return new Promise((resolve, reject) => {
      const part = this.options.partOf(key);
      let waiting = this.open.get(part);
      if (waiting === undefined) {
        waiting = { keys: [], resolves: [], rejects: [] };
        this.open.set(part, waiting);
        this.schedule();
      }
      waiting.keys.push(key);
      waiting.resolves.push(resolve);
      waiting.rejects.push(reject);
      if (waiting.keys.length >= this.mostKeys()) {
        this.open.delete(part);
        void this.send(waiting);
      }
    });
  }

  /** After all promises that are settled now have been followed up: whoever woke in this tick has asked by then. */
  private schedule(): void {
    if (!this.scheduled) {
      this.scheduled = true;
      process.nextTick(() => {
        this.scheduled = false;
        for (const [part, waiting] of this.open) {
          this.open.delete(part);
          void this.send(waiting);
        }
      });
    }
  }

  private async send({ keys, resolves, rejects }: Waiting<T>): Promise<void> {
    let values: Array<Buffer | null>;
    try {
      values = await this.options.send(keys);
    } catch (error) {
      for (const reject of rejects) {
        reject(error);
      }
      return;
    }
    let bytes = 0;
    for (let index = 0; index < resolves.length; index += 1) {
      const value = values[index] ?? null;
      bytes += value?.length ?? 0;
      (resolves[index] as Resolve<T>)(this.options.read(value));
    }
    this.valueBytes += (bytes / keys.length - this.valueBytes) * ESTIMATE_WEIGHT;
  }

  private mostKeys(): number {
    return this.valueBytes * MOST_KEYS <= ANSWER_BYTES
      ? MOST_KEYS
      : Math.max(1, Math.floor(ANSWER_BYTES / this.valueBytes));
  }
}
