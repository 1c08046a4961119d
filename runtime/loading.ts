import type { AbandonedLeases } from './abandoned-leases';
import type { CostCounter } from './costs';
import type { Entries, Packed, Reading } from './entries';
import { EngineRefusedError } from './errors';
import { type Lease, type LeaseAttempt, PlaceholderLease, takePlaceholder, takeRefresh } from './lease';
import type { LoadLimiter } from './load-limiter';
import type { NamespaceSettings } from './namespace-options';
import type { DropEvent, Outcome } from './observer';
import type { Quarantine } from './quarantine';
import { onBudget, withoutCacheBudget } from './request-budget';
import { lastResort } from './stale-if-error';
import type { Found, Store } from './stores/store';

/** Pauses between two looks at a key that another process loads, in milliseconds; doubled up to the longest. */
const SHORTEST_LOOK_MS = 4;
const LONGEST_LOOK_MS = 50;

/** What a flight brought, for all who waited for it. */
export interface Loaded {
  readonly value: unknown;
  readonly outcome: Outcome;
  readonly loadMs: number;
  /** What the lease and the fill cost, in milliseconds. */
  readonly cacheMs: number;
  readonly ageMs: number;
  /** The entry that was made of it, from which everybody else in the flight gets an object of their own. */
  readonly entry: Buffer | undefined;
}

/** How one value is loaded. */
export interface Loader {
  readonly load: () => Promise<unknown>;
  /** Whether the load is one of its own for the limiter; a part of a batch is not. */
  readonly limited: boolean;
  /** Called once the value cannot be loaded yet, because another process does. */
  readonly onWait?: () => void;
}

interface Parts {
  readonly store: Store;
  readonly settings: NamespaceSettings;
  readonly entries: Entries;
  readonly limiter: LoadLimiter;
  readonly quarantine: Quarantine;
  readonly abandoned: AbandonedLeases;
  readonly costs: CostCounter;
  readonly drop: (reason: DropEvent['reason']) => void;
  readonly random: () => number;
}

/**
 * What happens on a miss: one flight a key in this process, one lease a key in the fleet, the limiter before the
 * database, and a fill that is void once the key was written or deleted meanwhile.
 */
export class Loading {
  private readonly flights = new Map<string, Flight>();

  constructor(private readonly parts: Parts) {}

  /**
   * Joins the flight that is in the air, if what it brings is not older than this call; or starts one.
   *
   * @param reading what the key held; `undefined` when the cache cannot be asked, and then nothing is filled
   */
  async load(
    key: string,
    reading: Reading | undefined,
    generations: readonly number[],
    loader: Loader,
  ): Promise<Loaded> {
    const flying = this.flights.get(key);
    if (flying === undefined || !this.mayJoin(flying, reading, generations)) {
      return this.start(key, reading, generations, loader, false);
    }
    loader.onWait?.();
    flying.joined = true;
    if (reading?.state === 'won') {
      flying.handedOver = reading.found;
    }
    const loaded = await flying.result;
    return { ...loaded, value: await this.copy(loaded), outcome: loaded.outcome === 'stale' ? 'stale' : 'wait' };
  }

  /**
   * Refresh-ahead: loads anew in the background, unless that happens already. Its failure is counted and no more, and no
   * request waits for it.
   */
  refresh(key: string, reading: Reading, generations: readonly number[], loader: Loader): void {
    if (this.flights.has(key)) {
      loader.onWait?.();
    } else {
      withoutCacheBudget(() => this.start(key, reading, generations, loader, true)).catch(() => {});
    }
  }

  /** After a write or deletion nobody joins a load that began before it. */
  forget(key: string): void {
    this.flights.delete(key);
  }

  forgetAll(): void {
    this.flights.clear();
  }

  /**
   * What a flight brings must not be older than the call that joins it. What it found is, once it is about to be served;
   * before that it looks again for who joined after it had asked. A load that has begun may have been overtaken by a write
   * of another process: it has not been if the key still holds what it held then, the flight's placeholder or the old
   * value that is refreshed, and the tags are those that they were.
   */
  private mayJoin(flight: Flight, reading: Reading | undefined, generations: readonly number[]): boolean {
    const { loading, inBackground, served } = flight;
    if (loading === undefined && (served || inBackground)) {
      return false;
    }
    if (reading === undefined) {
      return true;
    }
    if (generations.some((generation, index) => generation !== flight.generations[index])) {
      return false;
    }
    const unchanged = reading.state === 'held' || reading.state === 'old' || reading.state === 'stale';
    return loading === undefined || (unchanged && loading.version === this.parts.store.versionOf(reading.found));
  }

  private start(
    key: string,
    reading: Reading | undefined,
    generations: readonly number[],
    loader: Loader,
    inBackground: boolean,
  ): Promise<Loaded> {
    const flight: Flight = {
      result: undefined as unknown as Promise<Loaded>,
      generations,
      inBackground,
      joined: false,
      handedOver: undefined,
      served: false,
      loading: undefined,
    };
    this.flights.set(key, flight);
    const result = this.fly(key, reading, loader, flight).finally(() => {
      if (this.flights.get(key) === flight) {
        this.flights.delete(key);
      }
    });
    flight.result = result;
    return result;
  }

  private async fly(key: string, reading: Reading | undefined, loader: Loader, flight: Flight): Promise<Loaded> {
    const { costs } = this.parts;
    const startedAt = performance.now();
    const turn = this.withHandedOver(
      key,
      flight,
      reading === undefined ? { bypass: true } : await this.turn(key, reading, loader, flight),
    );
    const turnMs = performance.now() - startedAt;
    if (turn.served !== undefined) {
      const { value, ageMs, found, state } = turn.served;
      const outcome = state === 'fresh' ? 'wait' : 'stale';
      return { value, outcome, loadMs: 0, cacheMs: turnMs, ageMs, entry: found.value };
    }
    flight.loading = { version: turn.lease?.over };

    const loadStartedAt = performance.now();
    let value: unknown;
    try {
      value = await (loader.limited ? this.parts.limiter.run(loader.load) : loader.load());
    } catch (error) {
      turn.lease?.release().catch(() => {});
      const loadMs = performance.now() - loadStartedAt;
      costs.loaded(loadMs, turnMs, true);
      const old = lastResort(reading);
      if (old === undefined || flight.inBackground) {
        throw error;
      }
      const { ageMs, found } = old;
      return { value: old.value, outcome: 'stale', loadMs, cacheMs: turnMs, ageMs, entry: found.value };
    }
    const loadedAt = performance.now();
    const entry = await this.fill(key, value, flight.generations, turn.lease);
    const loadMs = loadedAt - loadStartedAt;
    const cacheMs = turnMs + performance.now() - loadedAt;
    costs.loaded(loadMs, cacheMs, false);
    return { value, outcome: turn.bypass === true ? 'bypass' : 'miss', loadMs, cacheMs, ageMs: 0, entry };
  }

  /** A lease that was won for this flight meanwhile is used, or given up: nobody must wait for it. */
  private withHandedOver(key: string, flight: Flight, turn: Turn): Turn {
    const handed = this.takeHandedOver(key, flight);
    if (handed === undefined) {
      return turn;
    }
    if (turn.lease === undefined) {
      return { lease: handed };
    }
    handed.release().catch(() => {});
    return turn;
  }

  private takeHandedOver(key: string, flight: Flight): Lease | undefined {
    const { handedOver } = flight;
    flight.handedOver = undefined;
    return handedOver === undefined ? undefined : this.leaseOf(key, handedOver);
  }

  private leaseOf(key: string, placeholder: Found): Lease {
    const { store } = this.parts;
    return new PlaceholderLease(store, key, store.versionOf(placeholder));
  }

  /** Waits until this process may load the key, or until another has. */
  private async turn(key: string, first: Reading, loader: Loader, flight: Flight): Promise<Turn> {
    const { store, settings, entries, random } = this.parts;
    const { generations, inBackground } = flight;
    const giveUpAt = performance.now() + settings.leaseWaitMs;
    let reading = first;
    let pauseMs = SHORTEST_LOOK_MS;
    for (;;) {
      const handed = this.takeHandedOver(key, flight);
      if (handed !== undefined) {
        return { lease: handed };
      }
      if (reading.state === 'won') {
        return { lease: this.leaseOf(key, reading.found) };
      }
      const late = performance.now() >= giveUpAt;
      const mayBeServed = reading.state === 'fresh' || (reading.state === 'stale' && !inBackground);
      if (mayBeServed && !flight.joined) {
        flight.served = true;
        return { served: reading as Served };
      }
      try {
        if (mayBeServed) {
          if (late) {
            return {};
          }
        } else {
          const attempt = await onBudget(() => this.attempt(key, reading, late));
          const isTaken = !('lease' in attempt);
          if (!isTaken && (await this.isStillNeeded(key, reading, attempt.lease))) {
            return attempt;
          }
          if (inBackground) {
            // Somebody else is at it, or has done it: that is all that was wanted.
            return { served: reading as Served };
          }
          if (isTaken) {
            if (late) {
              return {};
            }
            loader.onWait?.();
            await new Promise((resolve) => setTimeout(resolve, pauseMs * (0.5 + random())));
            pauseMs = Math.min(LONGEST_LOOK_MS, pauseMs * 2);
          }
        }
        flight.joined = false;
        const found = await onBudget(() => store.get(key, settings.leaseMs));
        reading = await entries.read(found, generations);
      } catch (error) {
        // In the background what could not be filled is not worth a load.
        if (store.isUnavailable(error)) {
          if (inBackground) {
            return { served: reading as Served };
          }
          this.parts.abandoned.add(key);
          return { bypass: true };
        }
        this.parts.drop('refused');
        if (error instanceof EngineRefusedError && error.isWrongType) {
          // A list, for example: nothing that is cached here, and only a deletion removes it.
          await store.delete(key).catch(() => {});
        }
        return inBackground ? { served: reading as Served } : {};
      }
    }
  }

  private async attempt(key: string, reading: Reading, late: boolean): Promise<LeaseAttempt> {
    const { store, settings } = this.parts;
    switch (reading.state) {
      case 'absent':
        return takePlaceholder(store, key, settings.leaseMs, reading.over);
      case 'held':
        // Its holder died, or takes too long: its fill will be void.
        return late ? takePlaceholder(store, key, settings.leaseMs, reading.found) : { found: reading.found };
      default:
        return takeRefresh(store, key, settings.leaseMs, reading.found);
    }
  }

  /**
   * Whether a key still holds what is to be loaded anew; otherwise its lease is given up. The mark of a refresh is a key of
   * its own: who asks for it late may get it after another has loaded the key, filled it and given the mark up.
   */
  private async isStillNeeded(key: string, reading: Reading, lease: Lease): Promise<boolean> {
    if (reading.state === 'absent' || reading.state === 'held') {
      return true;
    }
    const { store } = this.parts;
    let isCurrent = false;
    try {
      const now = await onBudget(() => store.getVersion(key));
      isCurrent = now !== undefined && store.versionOf(now) === lease.over;
      return isCurrent;
    } finally {
      if (!isCurrent) {
        lease.release().catch(() => {});
      }
    }
  }

  /** @returns the entry, whether it was stored or not */
  private async fill(
    key: string,
    value: unknown,
    generations: readonly number[],
    lease: Lease | undefined,
  ): Promise<Buffer | undefined> {
    const { entries, store, drop } = this.parts;
    let packed: Packed | 'oversized' | undefined;
    try {
      packed = await entries.write(value, generations);
    } catch {
      drop('refused');
    }
    if (packed === undefined || packed === 'oversized') {
      if (packed === 'oversized') {
        drop('oversized');
      }
      lease?.release().catch(() => {});
      return undefined;
    }
    if (lease !== undefined && !this.parts.quarantine.has(key)) {
      const { entry, lifeMs } = packed;
      const filling = lease.fill(entry, lifeMs);
      try {
        // Begun in any case; only the wait for it is on the request's budget.
        if (!(await onBudget(() => filling))) {
          drop('void');
        }
      } catch (error) {
        if (!store.isUnavailable(error)) {
          drop('refused');
        }
        filling.catch(() => lease.release()).catch(() => {});
      }
    }
    return packed.entry;
  }

  /** Everybody gets an object of their own, as from the cache. */
  private async copy({ value, entry }: Loaded): Promise<unknown> {
    if (entry === undefined || typeof value !== 'object' || value === null) {
      return value;
    }
    return this.parts.entries.copyOf(entry);
  }
}

/** A load of this process that others may join. */
interface Flight {
  result: Promise<Loaded>;
  /** Of the entry's tags when it began. */
  readonly generations: readonly number[];
  readonly inBackground: boolean;
  /** Whether somebody joined after it last asked what the key holds: that answer may be too old for them. */
  joined: boolean;
  /** The placeholder of a lease that somebody won who joined. */
  handedOver: Found | undefined;
  /** Whether it is about to bring what it found. */
  served: boolean;
  /** Once the load has begun: what the key held then. */
  loading: { readonly version: string | undefined } | undefined;
}

type Served = Extract<Reading, { readonly value: unknown }>;

/** What a flight may do now: load under a lease, load without one, or serve what another has loaded. */
interface Turn {
  readonly lease?: Lease;
  readonly served?: Served;
  readonly bypass?: boolean;
}
