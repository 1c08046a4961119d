import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DRILLS } from '../../../drill/catalogue';
import { PROJECT } from '../../engines/folders';
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
