/** What synth of the dev environment costs beside the same resources as bare L1s, as whole processes. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import cdkJson from '../cdk.json';
import { median, PROJECT, print } from './report';

const ROUNDS = 5;

const folder = mkdtempSync(join(tmpdir(), 'bench-synth-'));
const template = join(folder, 'template.json');

function synth(args: string[], validation: boolean): number {
  const startedAt = performance.now();
  const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', ...args], {
    cwd: PROJECT,
    encoding: 'utf8',
    env: {
      ...process.env,
      CDK_OUTDIR: join(folder, 'out'),
      CDK_CONTEXT_JSON: JSON.stringify(cdkJson.context),
      ...(validation ? {} : { CDK_VALIDATION: 'false' }),
    },
  });
  if (status !== 0) {
    throw new Error(`${args.join(' ')} failed:\n${stderr}`);
  }
  return performance.now() - startedAt;
}

const ours = ['bin/app.ts'];
const l1 = ['bench/l1-app.ts', template, join(PROJECT, 'dist', 'service')];
synth(ours, false);
cpSync(join(folder, 'out', 'dev.template.json'), template);

const rows = [true, false].map((validation) => {
  const times = { ours: [] as number[], l1: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    times.ours.push(synth(ours, validation));
    times.l1.push(synth(l1, validation));
  }
  return {
    validation: validation ? 'as errors, with cdk-preflight' : 'off',
    'dev, s': (median(times.ours) / 1_000).toFixed(2),
    'L1s, s': (median(times.l1) / 1_000).toFixed(2),
    ratio: (median(times.ours) / median(times.l1)).toFixed(2),
    'at most': validation ? 1.25 : 1.5,
  };
});
rmSync(folder, { recursive: true });
print('synth', rows);
