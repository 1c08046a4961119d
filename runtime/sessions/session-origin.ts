/** Field in which it travels through the middleware. */
export const ORIGIN = '$origin';

/**
 * What a session was when the request that uses it began: the version that a save must find unchanged, and the fields
 * to find out what the request changed. It travels on the session's own object, so that it ends with the request.
 */
export class SessionOrigin {
  constructor(
    /** `undefined` where the engine does not tell the version of what was just written. */
    readonly version: string | undefined,
    /** When the session began, in milliseconds since the epoch. */
    readonly startedAt: number,
    readonly user: string | undefined,
    /** The session as it was stored. Not as an object: the request changes the objects it was given. */
    readonly entry: Buffer | undefined,
    /** Whether this very request began the session, so that nobody else can know its id yet. */
    readonly isNew: boolean,
  ) {}

  /** Middlewares write sessions as JSON to see whether they changed: this is no part of it. */
  toJSON(): undefined {
    return undefined;
  }
}

/** The origin that a session object carries. */
export function originOf(session: Readonly<Record<string, unknown>>): SessionOrigin | undefined {
  const origin = session[ORIGIN];
  return origin instanceof SessionOrigin ? origin : undefined;
}
