import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { isRunning } from '../engines/processes';
import { removeFolders, stateDirectory, up } from './local/environments';

/** How often an environment is started and ended. */
const TIMES = 20;

/** Longest that the first page may take, and the most that all processes together may hold. */
const FIRST_PAGE_MS = 10_000;
const MOST_BYTES = 1024 ** 3;

afterAll(removeFolders);

/** Bytes of a process that are its own, and its share of what it has in common with others. */
function memoryOf(pid: number): number {
  return Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]) * 1_024;
}

const descriptors = () => readdirSync('/proc/self/fd').length;

const isFree = (port: number) =>
  new Promise<boolean>((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: '127.0.0.1', port }, () => server.close(() => resolve(true)));
  });

test(`${TIMES} ups and downs leave no process, descriptor or port; the first page is there in seconds`, async () => {
  const state = stateDirectory();
  const warm = await up({ stateDirectory: state });
  await warm.close();
  const before = descriptors();
  const firstPages: number[] = [];
  const left: number[] = [];
  let memory = 0;

  for (let time = 0; time < TIMES; time += 1) {
    const startedAt = performance.now();
    const environment = await up({ stateDirectory: state });
    expect((await fetch(`${environment.address}/films/1`)).status).toBe(200);
    firstPages.push(performance.now() - startedAt);
    const pids = [...environment.pids.values()];
    const ports = [environment.address, environment.controlAddress].map((address) =>
      Number(new URL(address as string).port),
    );
    if (time === 0) {
      const children = pids.flatMap((pid) =>
        readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number),
      );
      memory = [...pids, ...children].reduce((sum, pid) => sum + memoryOf(pid), memoryOf(process.pid));
    }
    await environment.close();
    left.push(...pids.filter(isRunning));
    expect(await Promise.all(ports.map(isFree))).toEqual([true, true]);
  }

  console.log(
    `first page: ${Math.round(Math.min(...firstPages))} to ${Math.round(Math.max(...firstPages))} ms; memory with this test's own process: ${Math.round(memory / 1024 ** 2)} MiB`,
  );
  expect(left).toEqual([]);
  expect(Math.max(...firstPages)).toBeLessThan(FIRST_PAGE_MS);
  expect(memory).toBeLessThan(MOST_BYTES);
  // A timer or a connection that ends in the next turn is no leak.
  expect(descriptors()).toBeLessThanOrEqual(before + 5);
});
