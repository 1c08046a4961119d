import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from '../engines/folders';

/* The README's commands that need neither a clean clone nor an account; that it has no others: test/readme.test.ts. */

function shell(command: string): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync('sh', ['-c', command], { cwd: PROJECT, encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

/** The text of the template of a stack, by its path. */
function templateOf(assembly: string, stage: string, stack: string): string {
  const directory = join(assembly, `assembly-${stage}`);
  const file = readdirSync(directory).find((name) => new RegExp(`^${stage}${stack}\\w+\\.template\\.json$`).test(name));
  return readFileSync(join(directory, file as string), 'utf8');
}

test('`npx cdk synth` and `npx cdk-elasticache up --help` do what the README says', () => {
  const assembly = join(PROJECT, 'dist', 'readme-synth');
  const synth = shell('npx cdk synth --quiet --output dist/readme-synth');
  const help = shell('npx cdk-elasticache up --help');

  expect([synth.status, synth.status === 0 ? '' : synth.output]).toEqual([0, '']);
  for (const stage of ['dev', 'staging', 'prod']) {
    expect(templateOf(assembly, stage, 'service')).toContain('AWS::AutoScaling::AutoScalingGroup');
  }
  expect(help.status).toBe(0);
  expect(help.output).toMatch(/--environment[\s\S]*--install-engines[\s\S]*--state-dir[\s\S]*--port[\s\S]*--watch/);
  rmSync(assembly, { recursive: true });
}, 240_000);

const CERTIFICATE = 'arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-0000-4000-8000-000000000000';

test.each([
  ['dev', { 'dev.allowFrom': '203.0.113.7/32' }, { service: ['"CidrIp": "203.0.113.7/32"'] }],
  [
    'prod',
    { 'prod.certificateArn': CERTIFICATE, 'prod.alarmEmail': 'operators@your-company.com' },
    { service: [CERTIFICATE], data: ['operators@your-company.com'] },
  ],
])(
  'the deploy command of %s synthesizes with its context (it is not deployed: that needs an account)',
  (stage, context, expected) => {
    const out = join(PROJECT, 'dist', `readme-${stage}`);
    const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'bin/app.ts'], {
      cwd: PROJECT,
      encoding: 'utf8',
      env: {
        ...process.env,
        CDK_OUTDIR: out,
        CDK_VALIDATION: 'false',
        CDK_CONTEXT_JSON: JSON.stringify({
          ...JSON.parse(readFileSync(join(PROJECT, 'cdk.json'), 'utf8')).context,
          ...context,
        }),
      },
    });

    expect([status, status === 0 ? '' : stderr]).toEqual([0, '']);
    for (const [stack, texts] of Object.entries(expected)) {
      const template = templateOf(out, stage, stack);
      expect(texts.filter((text) => !template.includes(text))).toEqual([]);
    }
    rmSync(out, { recursive: true });
  },
);
