import type { ValkeyOptions } from '../../local/caches/cache-options';
import { ValkeyNode } from '../../local/caches/valkey-node';

/** Of the user that may do everything on nodes that a test starts. */
export const INTERNAL_PASSWORD = 'internal-password';

/** A primary and its replicas that nobody watches, so that a test can end them. */
export async function startNodes(options: Omit<ValkeyOptions, 'label'>, count: number): Promise<ValkeyNode[]> {
  const start = (index: number, primary?: number) =>
    ValkeyNode.start(
      { ...options, label: options.name },
      { number: String(index + 1).padStart(3, '0'), zone: '' },
      INTERNAL_PASSWORD,
      primary,
    );
  const primary = await start(0);
  const replicas = Array.from({ length: count - 1 }, (_, index) => start(index + 1, primary.port));
  return [primary, ...(await Promise.all(replicas))];
}
