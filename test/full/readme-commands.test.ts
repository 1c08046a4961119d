import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from '../engines/folders';

/* The README's commands that need neither a clean clone nor an account; that it has no others: test/readme.test.ts. */

function shell(command: string): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync('sh', ['-c', command], { cwd: PROJECT, encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

test('`npx cdk synth` and `npx cdk-elasticache up --help` do what the README says', () => {
  const synth = shell('npx cdk synth --quiet --output dist/readme-synth');
  const help = shell('npx cdk-elasticache up --help');

  expect([synth.status, synth.status === 0 ? '' : synth.output]).toEqual([0, '']);
  expect(existsSync(join(PROJECT, 'dist', 'readme-synth', 'dev.template.json'))).toBe(true);
  expect(help.status).toBe(0);
  expect(help.output).toMatch(/--port[\s\S]*--state-dir[\s\S]*--install-engines/);
  rmSync(join(PROJECT, 'dist', 'readme-synth'), { recursive: true });
}, 60_000);

test('the deploy command synthesizes with its context (it is not deployed: that needs an account)', () => {
  const out = join(PROJECT, 'dist', 'readme-out');
  const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'bin/app.ts'], {
    cwd: PROJECT,
    encoding: 'utf8',
    env: {
      ...process.env,
      CDK_OUTDIR: out,
      CDK_VALIDATION: 'false',
      CDK_CONTEXT_JSON: JSON.stringify({
        ...JSON.parse(readFileSync(join(PROJECT, 'cdk.json'), 'utf8')).context,
        allowFrom: '203.0.113.7/32',
      }),
    },
  });

  expect([status, status === 0 ? '' : stderr]).toEqual([0, '']);
  expect(readFileSync(join(out, 'dev.template.json'), 'utf8')).toContain('"CidrIp": "203.0.113.7/32"');
  rmSync(out, { recursive: true });
});
