import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from '../engines/folders';
import { isRunning } from '../engines/processes';
import { eventually } from '../engines/running';
import { removeFolders, stateDirectory } from './local/environments';

const COMMAND = join(PROJECT, 'dist', 'bin', 'cdk-elasticache.js');

afterAll(removeFolders);

test('Ctrl-C in the middle of a fault heals it, and ends everything', async () => {
  const state = stateDirectory();
  const drill = spawn(
    process.execPath,
    [
      ...[COMMAND, 'drill', 'freeze', join(PROJECT, 'cdk.out')],
      ...['--environment', 'dev', '--seconds', '5', '--state-dir', state],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  const frozen = () => pids.filter((pid) => stateOf(pid) === 'T');
  let pids: number[] = [];
  drill.stdout.on('data', (chunk) => {
    output += chunk;
  });
  drill.stderr.on('data', (chunk) => {
    output += chunk;
  });
  await eventually(() => {
    pids =
      readFileSync(join(state, 'environments', 'dev', 'processes'), 'utf8')
        .match(/^\d+/gm)
        ?.map(Number) ?? [];
    expect(frozen().length).toBeGreaterThanOrEqual(4);
  }, 60_000);

  drill.kill('SIGINT');
  const code = await new Promise((resolve) => drill.on('exit', resolve));

  expect(output).toContain('interrupted: what was broken has been healed');
  expect(code).toBe(1);
  expect(pids.filter(isRunning)).toEqual([]);
});

test.each([
  [['drill', 'earthquake'], 2, 'no drill `earthquake`, there are: replica, failover, freeze'],
  [['drill', 'failover', '--rate', '0'], 2, 'a rate is a whole number from 1 to 1000'],
  [['drill', 'failover', '--path', 'films'], 2, 'a path begins with /'],
  [['drill', 'failover', '/no/such/assembly'], 1, '/no/such/assembly holds no cloud assembly'],
])('fails if the arguments are wrong: %j', (args, status, message) => {
  const run = spawnSync(process.execPath, [COMMAND, ...args], {
    encoding: 'utf8',
  });

  expect([run.status, run.stderr]).toEqual([status, expect.stringContaining(message)]);
});

/** The state of a process, `T` when it is stopped. */
function stateOf(pid: number): string {
  try {
    return /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1] ?? '';
  } catch {
    return '';
  }
}
