import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PROJECT } from './engines/folders';

const readme = readFileSync(join(PROJECT, 'README.md'), 'utf8');

function blocks(language: string): string[] {
  return [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    (match) => match[1] as string,
  );
}

test('every TypeScript block compiles', () => {
  const folder = join(PROJECT, 'dist', 'readme');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const found = blocks('ts');
  for (const [index, block] of found.entries()) {
    writeFileSync(join(folder, `block-${index}.ts`), block);
  }
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: '../../tsconfig.json',
      compilerOptions: {
        noUnusedLocals: false,
        paths: { 'cdk-elasticache': ['../../lib/index.ts'], 'cdk-elasticache/runtime': ['../../runtime/index.ts'] },
      },
      include: ['.'],
    }),
  );

  const { stdout } = spawnSync(join(PROJECT, 'node_modules', '.bin', 'tsc'), ['-p', folder], { encoding: 'utf8' });

  expect(found.length).toBeGreaterThanOrEqual(2);
  expect(stdout).toBe('');
});

function shell(command: string): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync('sh', ['-c', command], { cwd: PROJECT, encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

test('the README has these commands, each shown by a test', () => {
  expect(blocks('sh').flatMap((block) => block.trim().split('\n'))).toEqual([
    'npm start', // test/full/fresh-clone.test.ts, from a clone to the page
    'npm test', // .ci/run
    'npx cdk synth', // below
    'npx cdk-elasticache up', // test/bin/command.test.ts, by the program's path
    'npx cdk-elasticache up --help', // below
    'npx cdk deploy dev -c allowFrom=203.0.113.7/32', // below, as far as it needs no account: its synthesis
  ]);
});

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

test('every link leads to a file', () => {
  const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map((match) => match[1] as string);

  expect(links.length).toBeGreaterThan(3);
  expect(links.filter((link) => !existsSync(join(dirname(join(PROJECT, 'README.md')), link)))).toEqual([]);
});
