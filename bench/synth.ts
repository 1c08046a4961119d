/**
 * What `cdk synth` of all environments costs beside the same resources as bare L1s, and a `cdk diff` that finds nothing:
 * of one stack against its own template, which is what can be had without an account. Both as whole processes, the CLI
 * and the app, without the build that `cdk.json` puts before them.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CloudAssembly } from 'aws-cdk-lib/cx-api';
import cdkJson from '../cdk.json';
import { median, PROJECT, print } from './report';

const ROUNDS = 5;

/** The largest stack. */
const COMPARED = 'prod/service';

const folder = mkdtempSync(join(tmpdir(), 'bench-synth-'));
writeFileSync(join(folder, 'cdk.json'), JSON.stringify({ context: cdkJson.context }));
const reference = join(folder, 'reference');

const tsx = pathToFileURL(createRequire(__filename).resolve('tsx'));
const app = (file: string, ...args: string[]) =>
  [process.execPath, '--import', tsx, join(PROJECT, file), ...args].join(' ');
const APPS = {
  ours: app('bin/app.ts'),
  l1: app('bench/l1-app.ts', reference, join(PROJECT, 'dist', 'service')),
};
type AppName = keyof typeof APPS;

/** Neither CDK's own validation nor the plugin's. */
const OFF = { CDK_VALIDATION: 'false', NODE_OPTIONS: `--require ${join(__dirname, 'without-plugins.cjs')}` };

/** Milliseconds that a command of the CLI takes. */
function cdk(name: AppName, validation: boolean, ...args: string[]): number {
  const startedAt = performance.now();
  const { status, stdout, stderr } = spawnSync(
    join(PROJECT, 'node_modules', '.bin', 'cdk'),
    ['--app', APPS[name], '--no-notices', ...args],
    {
      cwd: folder,
      encoding: 'utf8',
      env: {
        ...process.env,
        CDK_DISABLE_CLI_TELEMETRY: 'true',
        ...(validation ? {} : OFF),
      },
    },
  );
  const ms = performance.now() - startedAt;
  if (status !== 0) {
    throw new Error(`cdk ${args.join(' ')} of ${name} failed:\n${stdout}${stderr}`.slice(0, 5_000));
  }
  return ms;
}

function synth(name: AppName, validation: boolean, output = join(folder, name)): number {
  return cdk(name, validation, 'synth', '--quiet', '--output', output);
}

function diff(name: AppName, validation: boolean): number {
  const template = join(folder, `${name}.template.json`);
  // `--fail`: a difference would be an error. `--exclusively`: a template can be compared with one stack only.
  return cdk(name, validation, 'diff', '--fail', '--exclusively', '--template', template, COMPARED);
}

function templates(output: string): Map<string, Record<string, any>> {
  const { stacksRecursively } = new CloudAssembly(output);
  return new Map(stacksRecursively.map(({ hierarchicalId, template }) => [hierarchicalId, template]));
}

/** Resources by stack, which must be the same on both sides. */
function sizes(output: string): string {
  return [...templates(output)].map(([stack, { Resources }]) => `${stack} ${Object.keys(Resources).length}`).join(', ');
}

synth('ours', false, reference);
for (const name of ['ours', 'l1'] as const) {
  synth(name, false);
  writeFileSync(join(folder, `${name}.template.json`), JSON.stringify(templates(join(folder, name)).get(COMPARED)));
}
if (sizes(join(folder, 'ours')) !== sizes(join(folder, 'l1'))) {
  throw new Error(`not the same resources:\n${sizes(join(folder, 'ours'))}\n${sizes(join(folder, 'l1'))}`);
}

const rows = [true, false].flatMap((validation) => {
  const measures = { 'cdk synth': synth, [`cdk diff ${COMPARED}`]: diff };
  return Object.entries(measures).map(([command, measure]) => {
    const times = { ours: [] as number[], l1: [] as number[] };
    for (let round = 0; round < ROUNDS; round += 1) {
      times.ours.push(measure('ours', validation));
      times.l1.push(measure('l1', validation));
    }
    return {
      command,
      validation: validation ? 'as errors, with cdk-preflight' : 'off',
      'ours, s': (median(times.ours) / 1_000).toFixed(2),
      'L1s, s': (median(times.l1) / 1_000).toFixed(2),
      ratio: (median(times.ours) / median(times.l1)).toFixed(2),
      'at most': command === 'cdk synth' ? (validation ? 1.25 : 1.5) : '',
    };
  });
});
rmSync(folder, { recursive: true });
print('synth', rows);
