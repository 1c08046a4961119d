import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { engineFolder, PROJECT, testFolder } from '../engines/folders';
import { isRunning } from '../engines/processes';
import { eventually } from '../engines/running';

const COMMAND = join(PROJECT, 'dist', 'bin', 'cdk-elasticache.js');

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [COMMAND, ...args], {
    encoding: 'utf8',
    cwd: PROJECT,
  });
  return { status, output: stdout + stderr };
}

test.each([
  ['no assembly', ['up', '/does/not/exist'], 1, '/does/not/exist holds no cloud assembly'],
  [
    'an unknown environment',
    ['up', '--environment', 'live'],
    1,
    'no environment `live`, there are: dev, staging, prod',
  ],
  ['a port that is none', ['up', '--port', 'web'], 2, 'a port is a whole number from 1 to 65535'],
  ['an unknown option', ['up', '--fast'], 2, "unknown option '--fast'"],
  ['an unknown command', ['down'], 2, "unknown command 'down'"],
])('%s: one clear line and an exit code', (_, args, status, message) => {
  const result = run(...args);

  expect(result.status).toBe(status);
  expect(result.output).toContain(message);
  expect(result.output).not.toMatch(/\n\s+at /);
});

test('--help shows examples', () => {
  const { status, output } = run('up', '--help');

  expect(status).toBe(0);
  expect(output).toContain('$ cdk synth && cdk-elasticache up');
  expect(output).toMatch(/--environment <name>[\s\S]*--install-engines/);
});

test.each(['SIGTERM', 'SIGINT'] as const)('%s ends every process it started', async (signal) => {
  const state = testFolder();
  symlinkSync(engineFolder(), join(state, 'engines'));
  const command = spawn(process.execPath, [COMMAND, 'up', 'cdk.out', '--state-dir', state], { cwd: PROJECT });
  let output = '';
  command.stdout.on('data', (chunk) => {
    output += chunk;
  });
  await new Promise<void>((resolve, reject) => {
    command.stdout.on('data', () => output.includes('Ctrl-C ends it') && resolve());
    command.on('exit', () => reject(new Error(output)));
  });
  const noted = readFileSync(join(state, 'environments', 'dev', 'processes'), 'utf8');
  const pids = noted
    .trim()
    .split('\n')
    .map((line) => Number(line.split(' ')[0]));

  command.kill(signal);
  const code = await new Promise((resolve) => command.on('exit', resolve));

  expect(code).toBe(0);
  expect(pids.length).toBeGreaterThanOrEqual(7);
  expect(pids.filter(isRunning)).toEqual([]);
  expect(existsSync(join(state, 'environments', 'dev', 'lock'))).toBe(false);
  rmSync(state, { recursive: true });
});

test.each(['dev', 'staging'])('what a killed `up` left behind is ended by the next one, of %s', async (nextOne) => {
  const state = testFolder();
  symlinkSync(engineFolder(), join(state, 'engines'));
  const start = async (name: string) => {
    const args = ['up', 'cdk.out', '--environment', name, '--state-dir', state];
    const command = spawn(process.execPath, [COMMAND, ...args], { cwd: PROJECT });
    let output = '';
    await new Promise<void>((resolve, reject) => {
      command.stdout.on('data', (chunk) => {
        output += chunk;
        if (output.includes('Ctrl-C ends it')) {
          resolve();
        }
      });
      command.stderr.on('data', (chunk) => {
        output += chunk;
      });
      command.on('exit', () => reject(new Error(output)));
    });
    return command;
  };
  const pidsOf = (name: string) =>
    readFileSync(join(state, 'environments', name, 'processes'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => Number(line.split(' ')[0]));
  const killed = await start('dev');
  const leftBehind = pidsOf('dev');
  killed.kill('SIGKILL');
  await new Promise((resolve) => killed.on('exit', resolve));
  expect(leftBehind.filter(isRunning).length).toBeGreaterThan(0);

  const next = await start(nextOne);

  expect(leftBehind.filter(isRunning)).toEqual([]);
  expect(existsSync(join(state, 'environments', 'dev-2'))).toBe(false);
  const own = pidsOf(nextOne);
  next.kill('SIGTERM');
  await new Promise((resolve) => next.on('exit', resolve));
  expect(own.filter(isRunning)).toEqual([]);
  rmSync(state, { recursive: true });
});

/** Every process that a process starts until it ends, the ones of a group of their own included. */
function childrenOf(pid: number): { readonly seen: Set<number>; stop(): void } {
  const seen = new Set<number>();
  const timer = setInterval(() => {
    try {
      for (const child of readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean)) {
        seen.add(Number(child));
      }
    } catch {
      // It has ended.
    }
  }, 3);
  return { seen, stop: () => clearInterval(timer) };
}

// From the first look at an engine's version to the first instance; in processes and not in time, which load stretches.
test.each([0, 1, 4, 8, 11])('Ctrl-C after %d processes ends what had been started', async (processes) => {
  const state = testFolder();
  symlinkSync(engineFolder(), join(state, 'engines'));
  const command = spawn(process.execPath, [COMMAND, 'up', 'cdk.out', '--state-dir', state], { cwd: PROJECT });
  const children = childrenOf(command.pid as number);
  const exited = new Promise((resolve) => command.on('exit', resolve));
  await eventually(async () => expect(children.seen.size).toBeGreaterThanOrEqual(processes), 20_000);

  command.kill('SIGINT');
  await exited;
  children.stop();

  expect([...children.seen].filter(isRunning)).toEqual([]);
  rmSync(state, { recursive: true });
});
