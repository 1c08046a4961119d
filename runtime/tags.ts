import { generationOf, isValue, valueEntry } from './envelope';
import { storeKey } from './key';
import { type Found, LONGEST_TTL_MS, type Store } from './stores/store';

/**
 * Tags by generation numbers. A tag is a key that holds a random generation; an entry holds the generations of its
 * tags as they were before its load began. Invalidating a tag gives it a new generation, and every entry that holds the
 * old one is a miss, without a scan. A generation that is lost (evicted, its node gone) is made anew, which has the same
 * effect: entries are lost, and nothing stale comes back.
 */
export class Tags {
  constructor(private readonly store: Store) {}

  /** The key that holds a tag's generation. */
  keyOf(tag: string): string {
    return storeKey('tag', tag);
  }

  /**
   * The current generations, in the order of the keys. Asked for in the same tick as the entry, they share its round
   * trip.
   */
  current(keys: readonly string[]): Promise<number[]> {
    return Promise.all(keys.map((key) => this.generation(key)));
  }

  private async generation(key: string): Promise<number> {
    const found = await this.store.get(key);
    const generation = read(found);
    if (generation !== undefined) {
      return generation;
    }
    const made = newGeneration(this.store.now());
    if (await this.store.add(key, made, LONGEST_TTL_MS)) {
      return generationOf(made);
    }
    const others = read(await this.store.get(key));
    if (others !== undefined) {
      return others;
    }
    // Something that is no generation stands there.
    await this.store.set(key, made, LONGEST_TTL_MS);
    return generationOf(made);
  }
}

function read(found: Found | undefined): number | undefined {
  return found?.lease === 'none' && isValue(found.value) ? generationOf(found.value) : undefined;
}

function newGeneration(nowMs: number): Buffer {
  return valueEntry(undefined, { number: 0 }, false, {
    writtenAtMs: nowMs,
    freshMs: LONGEST_TTL_MS,
    lifeMs: LONGEST_TTL_MS,
    schema: 0,
    generations: [],
  });
}
