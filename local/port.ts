import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { Problem } from '../assembly/problem';

export const LOOPBACK = '127.0.0.1';

/**
 * Where ports for engines and instances are taken from: below those that Linux (32768 to 60999) and macOS (49152 to
 * 65535) give to connections that go out, one of which could take a port between the look and the engine's start.
 */
const [FIRST_PORT, LAST_PORT] = [20_000, 32_767];

const MOST_TRIES = 100;

/** A port on loopback that nothing listens on. */
export async function freePort(): Promise<number> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await probe(randomInt(FIRST_PORT, LAST_PORT + 1));
    } catch (error) {
      if (tries >= MOST_TRIES) {
        throw error;
      }
    }
  }
}

/** @throws Problem when something listens on the port already, or it may not be used */
export async function requirePort(port: number): Promise<void> {
  try {
    await probe(port);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Problem(
      code === 'EADDRINUSE'
        ? `port ${port} is in use: choose another with --port, or leave it out and a free one is taken`
        : `port ${port} cannot be used (${code}): choose another with --port`,
    );
  }
}

function probe(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host: LOOPBACK, port }, () => {
      const { port: taken } = server.address() as { port: number };
      server.close(() => resolve(taken));
    });
  });
}
