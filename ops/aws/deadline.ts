/** An end that comes by time, or earlier. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** Ends it now: what still listens is over. */
  end(): void;
}

/**
 * Aborts after a time, or when another signal does. Not `AbortSignal.any`, whose signals Node.js 20 may collect before
 * they fire.
 */
export function deadline(ms: number, earlier?: AbortSignal): Deadline {
  const ended = new AbortController();
  const end = () => {
    clearTimeout(timer);
    earlier?.removeEventListener('abort', end);
    ended.abort();
  };
  const timer = setTimeout(end, ms);
  earlier?.addEventListener('abort', end, { once: true });
  if (earlier?.aborted === true) {
    end();
  }
  return { signal: ended.signal, end };
}
