import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { PROJECT } from '../engines/folders';
import { isRunning } from '../engines/processes';
import { eventually } from '../engines/running';
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

const childrenOf = (pid: number) =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);

const descriptors = () => readdirSync('/proc/self/fd').length;

const isFree = (port: number) =>
  new Promise<boolean>((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: '127.0.0.1', port }, () => server.close(() => resolve(true)));
  });

test('the whole environment holds less than a gigabyte, the command that runs it included', async () => {
  const state = stateDirectory();
  const command = spawn(
    process.execPath,
    [join(PROJECT, 'dist', 'bin', 'cdk-elasticache.js'), 'up', join(PROJECT, 'cdk.out'), '--state-dir', state],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let output = '';
  command.stdout.on('data', (chunk) => {
    output += chunk;
  });
  await eventually(() => expect(output).toContain('Ctrl-C ends it'), 60_000);
  const [address] = /http:\/\/localhost:\d+/.exec(output) as unknown as [string];
  for (let film = 1; film <= 50; film += 1) {
    await fetch(`${address}/films/${film}`);
  }

  const noted =
    readFileSync(join(state, 'environments', 'dev', 'processes'), 'utf8')
      .match(/^\d+/gm)
      ?.map(Number) ?? [];
  const running = [command.pid as number, ...noted.filter(isRunning)].flatMap((pid) => [pid, ...childrenOf(pid)]);
  const memory = [...new Set(running)].reduce((sum, pid) => sum + memoryOf(pid), 0);
  command.kill('SIGINT');
  await new Promise((resolve) => command.on('exit', resolve));

  console.log(`${running.length} processes hold ${Math.round(memory / 1024 ** 2)} MiB`);
  expect(running.length).toBeGreaterThan(8);
  expect(memory).toBeLessThan(MOST_BYTES);
});

test(`${TIMES} ups and downs leave no process, descriptor or port; the first page is there in seconds`, async () => {
  const state = stateDirectory();
  const warm = await up({ stateDirectory: state });
  await warm.close();
  const before = descriptors();
  const firstPages: number[] = [];
  const left: number[] = [];

  for (let time = 0; time < TIMES; time += 1) {
    const startedAt = performance.now();
    const environment = await up({ stateDirectory: state });
    expect((await fetch(`${environment.address}/films/1`)).status).toBe(200);
    firstPages.push(performance.now() - startedAt);
    const pids = [...environment.pids.values()];
    const ports = [environment.address, environment.controlAddress].map((address) =>
      Number(new URL(address as string).port),
    );
    await environment.close();
    left.push(...pids.filter(isRunning));
    expect(await Promise.all(ports.map(isFree))).toEqual([true, true]);
  }

  console.log(`first page: ${Math.round(Math.min(...firstPages))} to ${Math.round(Math.max(...firstPages))} ms`);
  expect(left).toEqual([]);
  expect(Math.max(...firstPages)).toBeLessThan(FIRST_PAGE_MS);
  // A timer or a connection that ends in the next turn is no leak.
  expect(descriptors()).toBeLessThanOrEqual(before + 5);
});
