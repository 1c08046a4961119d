import type { ValkeyNode } from './valkey-node';

/** Longest that replicas may take to have everything, in milliseconds. */
const TIMEOUT_MS = 20_000;

/**
 * Resolves once all replicas of a primary have everything that it has.
 *
 * @param look who is the primary, and how many replicas it has: both may change meanwhile
 */
export async function untilCopied(
  look: () => { readonly primary: ValkeyNode; readonly replicas: number },
): Promise<void> {
  const deadline = Date.now() + TIMEOUT_MS;
  for (;;) {
    const { primary, replicas } = look();
    try {
      if (await primary.isCopied(replicas)) {
        return;
      }
    } catch (error) {
      if (Date.now() > deadline) {
        throw error;
      }
    }
    if (Date.now() > deadline) {
      throw new Error(`fewer than ${replicas} replicas have what ${primary.id} has after ${TIMEOUT_MS / 1_000} s`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
