import { createServer } from 'node:net';
import { Problem } from '../assembly/problem';

export const LOOPBACK = '127.0.0.1';

/** A port on loopback that nothing listens on. */
export function freePort(): Promise<number> {
  return probe(0);
}

/** @throws Problem when something listens on the port already, or it may not be used */
export async function requirePort(port: number): Promise<number> {
  try {
    return await probe(port);
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
