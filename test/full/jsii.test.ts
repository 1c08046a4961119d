import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import manifest from '../../package.json';
import { PROJECT } from '../engines/folders';

test('lib/ compiles with jsii, so that other CDK languages can follow', () => {
  const copy = mkdtempSync(join(tmpdir(), 'jsii-'));
  for (const folder of ['assembly', 'lib']) {
    cpSync(join(PROJECT, folder), join(copy, folder), { recursive: true });
  }
  mkdirSync(join(copy, 'runtime'));
  cpSync(join(PROJECT, 'runtime', 'binding.ts'), join(copy, 'runtime', 'binding.ts'));
  symlinkSync(join(PROJECT, 'node_modules'), join(copy, 'node_modules'));
  writeFileSync(join(copy, 'README.md'), '# copy\n');
  const { name, version, description, license, author, repository, peerDependencies } = manifest;
  const jsii = { outdir: 'dist', versionFormat: 'short', targets: {}, tsc: { outDir: 'out' } };
  writeFileSync(
    join(copy, 'package.json'),
    JSON.stringify({
      ...{ name, version, description, license, author, repository, peerDependencies, jsii },
      main: 'out/lib/index.js',
      types: 'out/lib/index.d.ts',
      stability: 'experimental',
      devDependencies: {
        'aws-cdk-lib': manifest.devDependencies['aws-cdk-lib'],
        constructs: manifest.devDependencies.constructs,
      },
    }),
  );

  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(PROJECT, 'node_modules', 'jsii', 'bin', 'jsii')],
    {
      cwd: copy,
      encoding: 'utf8',
    },
  );

  expect(`${stdout}${stderr}`.match(/.*(error|ERROR).*/g) ?? []).toEqual([]);
  expect(status).toBe(0);
  expect(existsSync(join(copy, '.jsii'))).toBe(true);
  rmSync(copy, { recursive: true });
});
