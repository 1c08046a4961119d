import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECT } from '../engines/folders';

let folder: string;

function run(command: string, ...args: string[]): string {
  return execFileSync(command, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'package-'));
  execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: PROJECT });
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, 'cdk-elasticache'), { recursive: true });
  run('sh', '-c', 'tar -xzf *.tgz -C node_modules/cdk-elasticache --strip-components 1');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('an application that wants only the runtime needs no CDK', () => {
  const names = run('node', '-e', "console.log(Object.keys(require('cdk-elasticache/runtime')).sort().join())");

  expect(names.trim().split(',')).toEqual(expect.arrayContaining(['Caches', 'SessionStore', 'connect', 'deployStep']));
  expect(
    run(
      'node',
      '--input-type=module',
      '-e',
      "import { connect } from 'cdk-elasticache/runtime'; console.log(typeof connect)",
    ),
  ).toBe('function\n');
});

test('the command runs from the package', () => {
  expect(run('node', 'node_modules/cdk-elasticache/dist/bin/cdk-elasticache.js', '--version')).toMatch(
    /^\d+\.\d+\.\d+\n$/,
  );
});

test('the constructs synthesize from the package, and their types are there', () => {
  for (const name of ['aws-cdk-lib', 'constructs', '@types']) {
    symlinkSync(join(PROJECT, 'node_modules', name), join(folder, 'node_modules', name));
  }
  mkdirSync(join(folder, 'app'));
  writeFileSync(join(folder, 'app', 'server.js'), '');
  writeFileSync(
    join(folder, 'index.ts'),
    `import { App, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Application, CacheNodeType, ReplicationGroup, WebFleet } from 'cdk-elasticache';
import { connect } from 'cdk-elasticache/runtime';
const app = new App();
const stack = new Stack(app, 'Mine', { env: { region: 'eu-central-1' } });
const vpc = new ec2.Vpc(stack, 'Vpc');
const fleet = new WebFleet(stack, 'Web', { vpc, application: Application.fromDirectory('app'), insecureHttp: true });
fleet.useCache('sessions', new ReplicationGroup(stack, 'Cache', { vpc, nodeType: CacheNodeType.T4G_SMALL }));
app.synth();
console.log(typeof connect);
`,
  );
  const options = {
    module: 'nodenext',
    target: 'es2022',
    types: ['node'],
    skipLibCheck: false,
    outDir: 'out',
    strict: true,
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['index.ts'] }));

  const types = spawnSync(join(PROJECT, 'node_modules', '.bin', 'tsc'), { cwd: folder, encoding: 'utf8' });
  expect(types.stdout).toBe('');

  expect(run('node', 'out/index.js')).toBe('function\n');
});

test('the checks are added to an app of others in three lines, and its synth stops with what they find', () => {
  writeFileSync(
    join(folder, 'foreign.js'),
    `const { App, Stack, Validations } = require('aws-cdk-lib');
const { CfnReplicationGroup } = require('aws-cdk-lib/aws-elasticache');
const { CacheReachability, CacheRules, ReplacementGuard } = require('cdk-elasticache');
const app = new App({ outdir: 'foreign.out' });
new CfnReplicationGroup(new Stack(app, 'Mine'), 'Cache', { replicationGroupDescription: 'x', engine: 'valkey', port: 6400 });
Validations.of(app).addPlugins(new CacheRules(), new CacheReachability(), new ReplacementGuard({ baseline: 'deployed' }));
app.synth();
`,
  );
  mkdirSync(join(folder, 'deployed'));
  writeFileSync(
    join(folder, 'deployed', 'Mine.template.json'),
    JSON.stringify({
      Resources: {
        Cache: { Type: 'AWS::ElastiCache::ReplicationGroup', Properties: { Engine: 'valkey', Port: 6379 } },
      },
    }),
  );

  const { status, stdout, stderr } = spawnSync('node', ['foreign.js'], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NODE_ENV: 'production', CDK_VALIDATION: 'false' },
  });

  expect(status).not.toBe(0);
  expect(stdout + stderr).toContain('TransitEncryptionEnabled is not set');
  expect(stdout + stderr).toContain("Acknowledge with 'CacheRules::in-transit-encryption'");
  expect(stdout + stderr).toContain('ReplacementGuard');
});
