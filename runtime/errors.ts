/** Base of every error the runtime throws on purpose. `code` is stable, `cause` says what happened below. */
export class CacheError extends Error {
  constructor(
    readonly code: string,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The cache could not be asked: refused, frozen past its deadline, or its breaker is open. */
export class CacheUnavailableError extends CacheError {
  constructor(cache: string, options?: { cause?: unknown }) {
    super('CACHE_UNAVAILABLE', `cache \`${cache}\` cannot be asked right now`, options);
  }
}

/** The engine answered and refused: a wrong type, no permission, no memory left. */
export class EngineRefusedError extends CacheError {
  /** Whether the key holds a type that the command is not for, which only a deletion changes. */
  readonly isWrongType: boolean;
  /** Whether the engine holds all it may, and its policy lets it evict nothing: reads work, writes do not. */
  readonly isOutOfMemory: boolean;

  constructor(cache: string, answer: string, options?: { cause?: unknown }) {
    super('ENGINE_REFUSED', `cache \`${cache}\` refused: ${answer}`, options);
    this.isWrongType = answer.includes('WRONGTYPE');
    this.isOutOfMemory = answer.startsWith('OOM');
  }
}

/** The engine behind the cache has no such feature, for example a sorted set on Memcached. */
export class EngineUnsupportedError extends CacheError {
  constructor(message: string) {
    super('ENGINE_UNSUPPORTED', message);
  }
}

/** A name that the binding does not hold. */
export class UnknownBindingError extends CacheError {
  constructor(kind: 'cache' | 'database', name: string, known: readonly string[]) {
    super(
      'UNKNOWN_BINDING',
      `no ${kind} \`${name}\` in the binding, it holds ${known.length === 0 ? 'none' : known.map((k) => `\`${k}\``).join(', ')}`,
    );
  }
}

/** The database is protected: too many loads are under way, or this one waited too long for its turn. */
export class LoadShedError extends CacheError {
  constructor(
    cache: string,
    reason: string,
    /** After how long another try makes sense, in milliseconds. */
    readonly retryAfterMs: number,
  ) {
    super('LOAD_SHED', `a load behind cache \`${cache}\` was shed: ${reason}`);
  }
}

/** A session is larger than the store takes. */
export class SessionTooLargeError extends CacheError {
  constructor(bytes: number, limitBytes: number) {
    super('SESSION_TOO_LARGE', `the session is ${bytes} bytes, at most ${limitBytes} are stored`);
  }
}

/** Someone signed in without a new session id, which lets an attacker who planted the id take the session over. */
export class SessionNotRotatedError extends CacheError {
  constructor() {
    super(
      'SESSION_NOT_ROTATED',
      'the session got another user under the same id: call `req.session.regenerate()` before the user is set',
    );
  }
}
