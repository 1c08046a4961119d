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

/** Each command of the README, and the test that runs it. */
const COMMANDS: Record<string, string> = {
  'npm start': 'test/full/fresh-clone.test.ts',
  'npm test': '.ci/run',
  'npx cdk synth': 'bin/steps.mjs',
  'npx cdk-elasticache up': 'test/bin/command.test.ts',
  'npx cdk-elasticache up --help': 'test/bin/command.test.ts',
  'npx cdk deploy dev -c allowFrom=203.0.113.7/32': 'test/readme.test.ts',
};

test('every command is run by a test', () => {
  expect(blocks('sh').flatMap((block) => block.trim().split('\n'))).toEqual(Object.keys(COMMANDS));
  for (const file of Object.values(COMMANDS)) {
    expect(existsSync(join(PROJECT, file))).toBe(true);
  }
});

test('the deploy command’s environment and context are known to the app', () => {
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
