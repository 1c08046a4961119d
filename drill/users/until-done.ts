import { setTimeout as sleep } from 'node:timers/promises';

/** How often something is tried, and how long is waited at first, in milliseconds: half a minute of waiting in all. */
const MOST_TRIES = 8;
const FIRST_WAIT_MS = 250;

/** Tries until it is done, and waits twice as long each time: after a fault a service may need a moment. */
export async function untilDone(done: () => Promise<boolean>): Promise<boolean> {
  for (let tries = 1; ; tries += 1) {
    if (await done()) {
      return true;
    }
    if (tries === MOST_TRIES) {
      return false;
    }
    await sleep(FIRST_WAIT_MS * 2 ** (tries - 1));
  }
}
