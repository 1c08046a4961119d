import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DRILLS } from '../../../drill/catalogue';
import { PROJECT } from '../../engines/folders';
import { isRunning } from '../../engines/processes';
import { eventually } from '../../engines/running';
import { removeFolders, stateDirectory } from '../local/environments';
import { synthesizeClustered } from './clustered-app';

// The templates are run here, not judged.
process.env.CDK_VALIDATION = 'false';

const folder = mkdtempSync(join(tmpdir(), 'drills-'));

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  removeFolders();
});

/** What breaks the same however the store is made, and is drilled on `dev`. */
const NOT_OF_THE_STORE = ['instance', 'deploy', 'database', 'partial-cold'];

const OF_THE_STORE = DRILLS.map(({ name }) => name).filter((name) => !NOT_OF_THE_STORE.includes(name));

test.each([
  ['all', 'dev', () => join(PROJECT, 'cdk.out'), 'dev'],
  [OF_THE_STORE.join(','), 'cluster mode', () => synthesizeClustered(join(folder, 'clustered')), 'clustered'],
])('`drill %s` on %s: every verdict is a pass', (names, _, assembly, environment) => {
  const report = join(folder, `${environment}.html`);
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      ...[join(PROJECT, 'dist', 'bin', 'cdk-elasticache.js'), 'drill', names, assembly()],
      ...['--environment', environment, '--seconds', '2', '--json', '--report', report],
      ...['--state-dir', stateDirectory()],
    ],
    { encoding: 'utf8', maxBuffer: 100_000_000 },
  );

  expect(stdout === '' ? stderr : '').toBe('');
  const results: Array<{
    drill: string;
    verdicts: Array<{ name: string; wanted: string; got: string; passed: boolean }>;
  }> = JSON.parse(stdout);
  const judged = results.flatMap(({ drill, verdicts }) => verdicts.map((verdict) => ({ drill, ...verdict })));
  for (const { drill, name, wanted, got } of judged) {
    process.stdout.write(`${environment} ${drill}: ${name} ${wanted}, got ${got}\n`);
  }
  const drilled = DRILLS.filter(({ name }) => names === 'all' || OF_THE_STORE.includes(name));
  expect(results.map(({ drill }) => drill).sort()).toEqual(drilled.map(({ name }) => name).sort());
  expect(judged.filter(({ passed }) => !passed)).toEqual([]);
  expect(status).toBe(0);
  const page = readFileSync(report, 'utf8');
  expect(drilled.filter(({ title }) => !page.includes(title))).toEqual([]);
});

test('Ctrl-C in the middle of a fault heals it, and ends everything', async () => {
  const state = stateDirectory();
  const drill = spawn(
    process.execPath,
    [
      ...[join(PROJECT, 'dist', 'bin', 'cdk-elasticache.js'), 'drill', 'freeze', join(PROJECT, 'cdk.out')],
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
  const run = spawnSync(process.execPath, [join(PROJECT, 'dist', 'bin', 'cdk-elasticache.js'), ...args], {
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
