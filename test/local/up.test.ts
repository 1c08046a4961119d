import { existsSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { LocalEnvironment } from '../../local/environment';
import { engineFolder, PROJECT, testFolder } from '../engines/folders';
import { isRunning } from '../engines/processes';
import { eventually } from '../engines/running';

const folders: string[] = [];

/** A state directory of its own that shares the engines with all other tests. */
function stateDirectory(): string {
  const folder = testFolder();
  folders.push(folder);
  if (existsSync(engineFolder())) {
    symlinkSync(engineFolder(), join(folder, 'engines'));
  }
  return folder;
}

async function up(options: { stateDirectory: string; port?: number; report?: (line: string) => void }) {
  return LocalEnvironment.start({
    assembly: join(PROJECT, 'cdk.out'),
    installEngines: false,
    report: options.report ?? (() => {}),
    ...options,
  });
}

/** Process ids that an environment has noted. */
function noted(state: string, environment = '1'): number[] {
  return readFileSync(join(state, 'environments', environment, 'processes'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => Number(line.split(' ')[0]));
}

afterAll(() => {
  for (const folder of folders) {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('starts the whole environment, serves, replaces an instance, and ends every process it started', async () => {
  const state = stateDirectory();
  const lines: string[] = [];
  const environment = await up({ stateDirectory: state, report: (line) => lines.push(line) });
  const pids = noted(state);
  try {
    expect(lines.map((line) => line.replace(/ [\d.]+ s/, ' N s').replace(/\d+\.\d+(\.\d+)?/, 'V'))).toEqual([
      expect.stringMatching(/^✓ (Valkey|Redis) V.*: primary and 1 replica/),
      expect.stringMatching(/^✓ memcached V: 2 nodes/),
      expect.stringMatching(/^✓ PostgreSQL V/),
      expect.stringMatching(/^✓ migrations and database role/),
      expect.stringMatching(/^✓ 2 instances behind the load balancer/),
    ]);
    const answers = await Promise.all([1, 2, 3, 4].map(() => fetch(`${environment.address}/films/1`)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(new Set(answers.map(({ headers }) => headers.get('x-instance')))).toEqual(
      new Set(['i-local-1', 'i-local-2']),
    );

    process.kill(environment.instancePids[0] as number, 'SIGKILL');

    await eventually(async () => {
      const seen = new Set<string | null>();
      for (let request = 0; request < 4; request += 1) {
        seen.add((await fetch(`${environment.address}/`)).headers.get('x-instance'));
      }
      expect(seen).toEqual(new Set(['i-local-2', 'i-local-3']));
    }, 10_000);
    expect(lines.at(-1)).toBe('! instance i-local-1 ended by SIGKILL and is replaced');
  } finally {
    pids.push(...noted(state));
    await environment.close();
  }
  expect(pids.length).toBeGreaterThanOrEqual(8);
  expect(pids.filter(isRunning)).toEqual([]);
});

test('two environments run side by side on other ports, and data stay where they were', async () => {
  const state = stateDirectory();
  const first = await up({ stateDirectory: state });
  const second = await up({ stateDirectory: state });
  try {
    expect(first.address).not.toBe(second.address);
    expect((await fetch(`${first.address}/healthz`)).status).toBe(200);
    expect((await fetch(`${second.address}/healthz`)).status).toBe(200);
  } finally {
    await first.close();
    await second.close();
  }

  const again = await up({ stateDirectory: state });
  try {
    expect((await fetch(`${again.address}/films/1`)).status).toBe(200);
  } finally {
    await again.close();
  }
});

test('an engine that ends is named, with the end of its log', async () => {
  const environment = await up({ stateDirectory: stateDirectory() });
  const [name, pid] = [...environment.enginePids].find(([engine]) => engine.startsWith('PostgreSQL')) as [
    string,
    number,
  ];
  try {
    process.kill(pid, 'SIGKILL');

    await expect(environment.broken).rejects.toThrow(
      new RegExp(`^${name.replaceAll('.', '\\.')} ended by SIGKILL, the end of its log:\\n {2}\\| .*`),
    );
  } finally {
    await environment.close();
  }
});

test('fails if the port is in use, before anything is started', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve));
  const { port } = server.address() as { port: number };
  const state = stateDirectory();
  try {
    await expect(up({ stateDirectory: state, port })).rejects.toThrow(
      `port ${port} is in use: choose another with --port, or leave it out and a free one is taken`,
    );
    expect(existsSync(join(state, 'environments', '1', 'processes'))).toBe(false);
  } finally {
    server.close();
  }
});

test('fails if the state directory cannot be written to', async () => {
  await expect(up({ stateDirectory: '/dev/null/state' })).rejects.toThrow(
    'the state directory /dev/null/state cannot be written to (ENOTDIR): choose another with --state-dir',
  );
});
