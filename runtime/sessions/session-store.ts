import type { EventEmitter } from 'node:events';
import expressSession from 'express-session';
import { isTombstone, tombstoneEntry } from '../envelope';
import { CacheError, CacheUnavailableError, SessionNotRotatedError, SessionTooLargeError } from '../errors';
import { sha256, storeKey } from '../key';
import { type Observe, observeNothing } from '../observer';
import { askOnBudget } from '../request-budget';
import type { Found, Store } from '../stores/store';
import { untilStored } from './compare-and-set';
import { mergeSessions } from './merge';
import { ORIGIN, originOf, SessionOrigin } from './session-origin';
import { jsonEntry, readRecord, type SessionRecord } from './session-record';
import { type UserSession, UserSessions } from './user-sessions';

/** OWASP session management: idle 30 minutes, absolute 12 hours. Sessions over 4 KiB are refused. */
const DEFAULTS = { idleMs: 30 * 60_000, absoluteMs: 12 * 3_600_000, maxBytes: 4_096 };

/** A session as the middleware hands it over: its own fields besides the cookie's settings. */
export type SessionData = Record<string, unknown>;

export interface SessionStoreOptions {
  /** A session that no request used for this long ends, in milliseconds. @default 30 minutes */
  readonly idleMs?: number;
  /** A session ends this long after it began, however much it is used, in milliseconds. @default 12 hours */
  readonly absoluteMs?: number;
  /** Largest session, in bytes of JSON. @default 4096 */
  readonly maxBytes?: number;
  /**
   * Whose session it is, `undefined` for nobody's. With it, all sessions of a user can be listed and ended, and a
   * sign-in that does not change the session's id is refused.
   * @default - sessions belong to nobody
   */
  readonly userOf?: (session: SessionData) => string | undefined;
}

type Callback<T = void> = (error: unknown, result?: T) => void;

/** `express-session`'s own base, because the middleware calls what it adds; typed as what it is beyond that. */
const Base = expressSession.Store as unknown as new () => EventEmitter;

/**
 * Sessions in a cache, in the shape that `express-session` and `@fastify/session` take.
 *
 * - It never answers "no session" unless the cache said so: when it cannot know, it calls back with
 *   `CacheUnavailableError`, so that an outage of the cache logs nobody out.
 * - Requests of one session at the same time lose nothing: a save replaces only the version that its request began
 *   with, and merges what others have saved meanwhile.
 * - A session that was signed out stays so, whatever requests that began before still save.
 * - Keys are the SHA-256 of the session's id, so that who reads the cache cannot take over a session.
 */
export class SessionStore extends Base {
  private readonly options: Required<Omit<SessionStoreOptions, 'userOf'>> & Pick<SessionStoreOptions, 'userOf'>;
  private readonly users: UserSessions;

  /** What `express-session`'s base adds, so that the middleware's types know it too. */
  declare regenerate: (request: any, callback: (error?: any) => any) => void;
  declare load: (sessionId: string, callback: (error: any, session?: any) => any) => void;
  declare createSession: (request: any, session: any) => any;

  constructor(
    private readonly store: Store,
    options: SessionStoreOptions = {},
    private readonly observe: Observe = observeNothing,
    private readonly now: () => number = () => store.now(),
  ) {
    super();
    this.options = { ...DEFAULTS, ...options };
    for (const name of ['idleMs', 'absoluteMs', 'maxBytes'] as const) {
      if (!(this.options[name] > 0)) {
        throw new RangeError(`\`${name}\` must be above 0, got ${this.options[name]}`);
      }
    }
    this.users = new UserSessions(store, now);
  }

  get(sessionId: string, callback: Callback<any>): void {
    answer(this.read(sessionKey(sessionId)), callback);
  }

  set(sessionId: string, session: object, callback: Callback = () => {}): void {
    answer(this.write(sessionKey(sessionId), session as SessionData), callback);
  }

  destroy(sessionId: string, callback: Callback = () => {}): void {
    answer(this.end(sessionKey(sessionId)), callback);
  }

  touch(sessionId: string, session: object, callback: Callback = () => {}): void {
    const startedAt = originOf(session as SessionData)?.startedAt ?? this.now();
    const key = sessionKey(sessionId);
    answer(
      this.ask(key, () => this.store.touch(key, Math.max(1, this.lifeMs(startedAt)))),
      callback,
    );
  }

  /** The sessions that a user has, the oldest first. @throws CacheError when the store has no `userOf` */
  async sessionsOf(user: string): Promise<UserSession[]> {
    this.assertUsers();
    return this.users.list(user);
  }

  /**
   * Signs a user out everywhere.
   *
   * @param except id of a session that stays, usually the one that asked for it
   * @returns how many sessions were ended
   */
  async endAllOf(user: string, except?: string): Promise<number> {
    this.assertUsers();
    const kept = except === undefined ? undefined : sessionKey(except);
    const handles = (await this.users.list(user)).map(({ handle }) => handle).filter((handle) => handle !== kept);
    await this.endAll(user, handles);
    return handles.length;
  }

  /** Signs a user out of one session, by its handle. */
  async endOne(user: string, handle: string): Promise<void> {
    this.assertUsers();
    // A handle is the session's key: only one that is in the user's own list is taken.
    const owned = (await this.users.list(user)).some((session) => session.handle === handle);
    if (owned) {
      await this.endAll(user, [handle]);
    }
  }

  private async endAll(user: string, handles: readonly string[]): Promise<void> {
    for (const handle of handles) {
      await this.bury(handle);
    }
    await this.users.remove(user, handles);
  }

  private async read(key: string): Promise<SessionData | null> {
    const found = await this.ask(key, () => this.store.getVersion(key, this.options.idleMs));
    const record = found === undefined ? undefined : this.recordIn(key, found);
    if (found === undefined || record === undefined || this.lifeMs(record.startedAt) <= 0) {
      return null;
    }
    return { ...record.session, [ORIGIN]: originIn(record, this.store.versionOf(found), found.value, false) };
  }

  private async write(key: string, session: SessionData): Promise<void> {
    const { [ORIGIN]: _, ...ours } = plain(session);
    const user = this.options.userOf?.(ours);
    let origin = originOf(session);
    if (origin !== undefined && user !== undefined && user !== origin.user && !origin.isNew) {
      throw new SessionNotRotatedError();
    }
    const isNew = origin === undefined || origin.isNew;
    const startedAt = origin?.startedAt ?? this.now();
    const record: SessionRecord = { startedAt, ...(user === undefined ? {} : { user }), session: ours };
    this.refuseLarge(record);
    if (user !== undefined && user !== origin?.user) {
      // Before the session is there, so that ending all of a user's sessions never misses one.
      await this.register(user, key, startedAt);
    }
    if (origin === undefined) {
      const added = await this.ask(key, () => this.store.add(key, this.entryOf(record), this.life(startedAt)));
      if (added) {
        this.leave(session, record, isNew);
        return;
      }
      origin = new SessionOrigin(undefined, startedAt, undefined, undefined, true);
    }
    await this.replace(key, session, record, origin, isNew);
  }

  /** Saves over what the request began with; merges what others have saved meanwhile. */
  private async replace(
    key: string,
    session: SessionData,
    ours: SessionRecord,
    origin: SessionOrigin,
    isNew: boolean,
  ): Promise<void> {
    let record = ours;
    let { version } = origin;
    let base = origin.entry;
    await untilStored(this.store.name, 'a session', async () => {
      if (version !== undefined) {
        const expected = version;
        const replaced = await this.ask(key, () =>
          this.store.replace(key, this.entryOf(record), this.life(record.startedAt), expected),
        );
        if (replaced) {
          this.leave(session, ours, isNew);
          return true;
        }
      }
      const found = await this.ask(key, () => this.store.getVersion(key));
      const theirs = found === undefined ? undefined : this.recordIn(key, found);
      if (found === undefined || theirs === undefined) {
        // Signed out, or at its end: what is saved late does not bring it back.
        return true;
      }
      const merged = mergeSessions(fieldsIn(base), theirs.session, record.session);
      record = { ...record, startedAt: theirs.startedAt, session: merged };
      this.refuseLarge(record);
      base = found.value;
      version = this.store.versionOf(found);
      return false;
    });
  }

  /** Leaves a mark that lasts as long as a request that began before could still save the session. */
  private async end(key: string): Promise<void> {
    if (this.options.userOf === undefined) {
      await this.bury(key);
      return;
    }
    const found = await this.ask(key, () => this.store.getVersion(key));
    const user = found === undefined ? undefined : this.recordIn(key, found)?.user;
    await this.bury(key);
    if (user !== undefined) {
      await this.users.remove(user, [key]);
    }
  }

  private async bury(key: string): Promise<void> {
    await this.ask(key, () => this.store.set(key, tombstoneEntry(this.store.now()), this.options.idleMs));
  }

  private async register(user: string, key: string, startedAt: number): Promise<void> {
    const crowdedOut = await this.users.add(user, key, startedAt, startedAt + this.options.absoluteMs);
    for (const handle of crowdedOut) {
      await this.bury(handle);
    }
  }

  /** A session of a Memcached node that is out is not known, whatever the node that stands in for it holds. */
  private ask<T>(key: string, call: () => Promise<T>): Promise<T> {
    if (this.store.isAway(key)) {
      return Promise.reject(new CacheUnavailableError(this.store.name, { cause: new Error('its node is out') }));
    }
    return askOnBudget(this.store.name, call);
  }

  /** `undefined` for a session that was ended; what is no session at all is removed. */
  private recordIn(key: string, found: Found): SessionRecord | undefined {
    if (isTombstone(found.value)) {
      return undefined;
    }
    const record = readRecord(found.value);
    if (record === undefined) {
      this.observe({ type: 'drop', cache: this.store.name, namespace: 'session', reason: 'poisoned' });
      this.store.deleteVersion(key, this.store.versionOf(found)).catch(() => {});
    }
    return record;
  }

  /** Lets the same request save again: what it had now is what its next changes are told from, not what was merged in. */
  private leave(session: SessionData, record: SessionRecord, isNew: boolean): void {
    session[ORIGIN] = originIn(record, undefined, this.entryOf(record), isNew);
  }

  private entryOf(record: SessionRecord): Buffer {
    return jsonEntry(record, this.store.now(), this.life(record.startedAt)).entry;
  }

  private refuseLarge(record: SessionRecord): void {
    const bytes = Buffer.byteLength(JSON.stringify(record));
    if (bytes > this.options.maxBytes) {
      throw new SessionTooLargeError(bytes, this.options.maxBytes);
    }
  }

  private life(startedAt: number): number {
    return Math.max(1, this.lifeMs(startedAt));
  }

  /** What is left of a session's life: the idle time, cut by its absolute end. */
  private lifeMs(startedAt: number): number {
    return Math.min(this.options.idleMs, startedAt + this.options.absoluteMs - this.now());
  }

  private assertUsers(): void {
    if (this.options.userOf === undefined) {
      throw new CacheError('SESSIONS_WITHOUT_USERS', 'the session store was made without `userOf`');
    }
  }
}

function answer<T>(result: Promise<T>, callback: Callback<T>): void {
  result.then(
    (value) => callback(null, value),
    (error) => callback(error),
  );
}

function originIn(
  { startedAt, user }: SessionRecord,
  version: string | undefined,
  entry: Buffer,
  isNew: boolean,
): SessionOrigin {
  return new SessionOrigin(version, startedAt, user, entry, isNew);
}

function fieldsIn(entry: Buffer | undefined): Readonly<Record<string, unknown>> {
  return (entry === undefined ? undefined : readRecord(entry)?.session) ?? {};
}

function sessionKey(sessionId: string): string {
  return storeKey('session', sha256(sessionId));
}

/** The middlewares' session objects carry methods and symbols; only what JSON holds is stored, and no `__proto__`. */
function plain(session: SessionData): SessionData {
  return JSON.parse(JSON.stringify(session), (name, value) => (name === '__proto__' ? undefined : value));
}
