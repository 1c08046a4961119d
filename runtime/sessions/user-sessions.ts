import { sha256, storeKey } from '../key';
import { askOnBudget } from '../request-budget';
import type { Store } from '../stores/store';
import { untilStored } from './compare-and-set';
import { jsonEntry, readJson } from './session-record';

/** Most sessions of one user; the oldest is signed out for a newer one. */
const MOST_SESSIONS = 100;

/** A session of a user, without its id, which nobody but its browser knows. */
export interface UserSession {
  /** Names the session to `end`; it cannot be used as a cookie. */
  readonly handle: string;
  /** When it began, in milliseconds since the epoch. */
  readonly startedAt: number;
}

type Index = Record<string, { readonly startedAt: number; readonly endsAt: number }>;

/** Which sessions a user has, on either engine: one entry a user, changed by compare-and-set. */
export class UserSessions {
  constructor(
    private readonly store: Store,
    private readonly now: () => number,
  ) {}

  async list(user: string): Promise<UserSession[]> {
    const { store } = this;
    const found = await askOnBudget(store.name, () => store.getVersion(indexKey(user)));
    return Object.entries(this.current(found?.value))
      .map(([handle, { startedAt }]) => ({ handle, startedAt }))
      .sort((one, other) => one.startedAt - other.startedAt);
  }

  /** @returns handles of sessions for which there is no more room, to be ended */
  async add(user: string, handle: string, startedAt: number, endsAt: number): Promise<string[]> {
    const crowdedOut: string[] = [];
    await this.change(user, (index) => {
      crowdedOut.length = 0;
      index[handle] = { startedAt, endsAt };
      const oldestFirst = Object.entries(index).sort(([, one], [, other]) => one.startedAt - other.startedAt);
      for (const [oldest] of oldestFirst.slice(0, Math.max(0, oldestFirst.length - MOST_SESSIONS))) {
        delete index[oldest];
        crowdedOut.push(oldest);
      }
    });
    return crowdedOut;
  }

  async remove(user: string, handles: readonly string[]): Promise<void> {
    await this.change(user, (index) => {
      for (const handle of handles) {
        delete index[handle];
      }
    });
  }

  private async change(user: string, change: (index: Index) => void): Promise<void> {
    const { store } = this;
    const key = indexKey(user);
    await untilStored(store.name, 'the list of a user’s sessions', async () => {
      const found = await askOnBudget(store.name, () => store.getVersion(key));
      const index = this.current(found?.value);
      change(index);
      const lifeMs = Math.max(1_000, ...Object.values(index).map(({ endsAt }) => endsAt - this.now()));
      const { entry } = jsonEntry(index, this.now(), lifeMs);
      return askOnBudget(store.name, () =>
        found === undefined ? store.add(key, entry, lifeMs) : store.replace(key, entry, lifeMs, store.versionOf(found)),
      );
    });
  }

  private current(entry: Buffer | undefined): Index {
    const stored = entry === undefined ? undefined : (readJson(entry) as Index | undefined);
    const now = this.now();
    return Object.fromEntries(Object.entries(stored ?? {}).filter(([, { endsAt }]) => endsAt > now));
  }
}

function indexKey(user: string): string {
  return storeKey('user-sessions', sha256(user));
}
