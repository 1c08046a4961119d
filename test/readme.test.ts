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

test('the README has these commands, each shown by a test', () => {
  expect(blocks('sh').flatMap((block) => block.trim().split('\n'))).toEqual([
    'npm start', // test/full/fresh-clone.test.ts, from a clone to the page
    'npm test', // .ci/run
    'npx cdk synth', // test/full/readme-commands.test.ts, as the next three
    'npx cdk-elasticache up', // test/full/command.test.ts, by the program's path
    'npx cdk-elasticache up --help',
    'npx cdk-elasticache drill failover', // test/full/drills/drills.test.ts, as one of `all`, by the program's path
    // The rest by test/full/deploy.test.ts, against a stand-in for AWS.
    'npx cdk bootstrap',
    "npx cdk deploy 'dev/*' -c dev.allowFrom=203.0.113.7/32",
    "npx cdk deploy 'prod/*' -c prod.certificateArn=arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-0000-4000-8000-000000000000 -c prod.alarmEmail=operators@your-company.com",
    'npx cdk-elasticache guard --dev dev --dev staging --baseline golden', // test/full/guard.test.ts, by the program's path
    // test/full/ops, by the program's path
    'npx cdk-elasticache status prod',
    'npx cdk-elasticache doctor prod',
    'npx cdk-elasticache cost prod',
    'npx cdk-elasticache drill failover prod',
    "npx cdk destroy 'dev/*'", // test/full/deploy.test.ts
  ]);
});

test('every link leads to a file', () => {
  const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map((match) => match[1] as string);

  expect(links.length).toBeGreaterThan(3);
  expect(links.filter((link) => !existsSync(join(dirname(join(PROJECT, 'README.md')), link)))).toEqual([]);
});
