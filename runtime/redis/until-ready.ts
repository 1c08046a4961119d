/** Pause between two looks, in milliseconds. */
const LOOK_MS = 10;

/**
 * Waits until a client is ready.
 *
 * @param what names the cache and its endpoint, for the error
 * @param lastError what was heard of the endpoint last
 * @throws Error after `timeoutMs`
 */
export async function untilReady(
  what: string,
  timeoutMs: number,
  isReady: () => boolean,
  lastError: () => unknown = () => undefined,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!isReady()) {
    if (performance.now() > deadline) {
      const cause = lastError();
      const heard = cause instanceof Error ? `: ${cause.message}` : '';
      throw new Error(`${what} did not answer within ${timeoutMs} ms${heard}`, { cause });
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
