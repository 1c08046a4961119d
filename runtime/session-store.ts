import { EventEmitter } from 'node:events';
import { SessionTooLargeError } from './errors';
import { sha256, storeKey } from './key';
import type { Store } from './store';

/** OWASP session management: idle 30 minutes, absolute 12 hours. Sessions over 4 KiB are refused. */
const DEFAULTS = { idleMs: 30 * 60_000, absoluteMs: 12 * 3_600_000, maxBytes: 4_096 };

export interface SessionStoreOptions {
  /** A session that no request used for this long ends, in milliseconds. @default 30 minutes */
  readonly idleMs?: number;
  /** A session ends this long after it began, however much it is used, in milliseconds. @default 12 hours */
  readonly absoluteMs?: number;
  /** Largest session, in bytes of JSON. @default 4096 */
  readonly maxBytes?: number;
}

/** A session as the middleware hands it over: its own fields besides the cookie's settings. */
export type SessionData = Record<string, unknown>;

interface StoredSession {
  readonly startedAt: number;
  readonly session: SessionData;
}

type Callback<T = void> = (error: unknown, result?: T) => void;

/** Field in which the start of a session travels through the middleware. */
const STARTED_AT = 'startedAt';

/**
 * Sessions in a cache, in the shape that `express-session` and `@fastify/session` take.
 *
 * It never answers "no session" unless the cache said so: when it cannot know, it calls back with
 * `CacheUnavailableError`, so that an outage of the cache logs nobody out. Keys are the SHA-256 of the session's id, so
 * that who reads the cache cannot take over a session.
 */
export class SessionStore extends EventEmitter {
  private readonly options: Required<SessionStoreOptions>;

  constructor(
    private readonly store: Store,
    options: SessionStoreOptions = {},
    private readonly now: () => number = Date.now,
  ) {
    super();
    this.options = { ...DEFAULTS, ...options };
    for (const [name, value] of Object.entries(this.options)) {
      if (!(value > 0)) {
        throw new RangeError(`\`${name}\` must be above 0, got ${value}`);
      }
    }
  }

  get(sessionId: string, callback: Callback<any>): void {
    this.read(sessionId).then(
      (session) => callback(null, session),
      (error) => callback(error),
    );
  }

  set(sessionId: string, session: object, callback: Callback = () => {}): void {
    this.write(sessionId, session as SessionData).then(
      () => callback(null),
      (error) => callback(error),
    );
  }

  destroy(sessionId: string, callback: Callback = () => {}): void {
    this.store.delete(sessionKey(sessionId)).then(
      () => callback(null),
      (error) => callback(error),
    );
  }

  touch(sessionId: string, session: object, callback: Callback = () => {}): void {
    const lifeMs = this.lifeMs(startOf(session as SessionData) ?? this.now());
    this.store.touch(sessionKey(sessionId), lifeMs).then(
      () => callback(null),
      (error) => callback(error),
    );
  }

  private async read(sessionId: string): Promise<SessionData | null> {
    const key = sessionKey(sessionId);
    const [found] = await this.store.getMany([key]);
    if (found?.state !== 'value') {
      return null;
    }
    const { startedAt, session } = found.value as StoredSession;
    const lifeMs = this.lifeMs(startedAt);
    if (lifeMs <= 0) {
      return null;
    }
    // Sliding expiry. A touch that is lost costs idle time, and never the answer.
    this.store.touch(key, lifeMs).catch(() => {});
    return { ...session, [STARTED_AT]: startedAt };
  }

  private async write(sessionId: string, session: SessionData): Promise<void> {
    const startedAt = startOf(session) ?? this.now();
    const { [STARTED_AT]: _, ...fields } = plain(session);
    const stored: StoredSession = { startedAt, session: fields };
    const bytes = Buffer.byteLength(JSON.stringify(stored));
    if (bytes > this.options.maxBytes) {
      throw new SessionTooLargeError(bytes, this.options.maxBytes);
    }
    await this.store.setUnlessDeleted(sessionKey(sessionId), stored, Math.max(1, this.lifeMs(startedAt)));
  }

  /** What is left of a session's life: the idle time, cut by its absolute end. */
  private lifeMs(startedAt: number): number {
    return Math.min(this.options.idleMs, startedAt + this.options.absoluteMs - this.now());
  }
}

function sessionKey(sessionId: string): string {
  return storeKey('session', sha256(sessionId));
}

function startOf(session: SessionData): number | undefined {
  const startedAt = session[STARTED_AT];
  return typeof startedAt === 'number' ? startedAt : undefined;
}

/** The middlewares' session objects carry methods and symbols; only what JSON holds is stored. */
function plain(session: SessionData): SessionData {
  return JSON.parse(JSON.stringify(session));
}
