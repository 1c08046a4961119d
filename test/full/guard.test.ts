import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CloudFormationClient, CreateStackCommand } from '@aws-sdk/client-cloudformation';
import { App, DefaultStackSynthesizer, Stack, Validations } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { CfnCacheCluster } from 'aws-cdk-lib/aws-elasticache';
import { XMLValidator } from 'fast-xml-parser';
import type { Log, Result } from 'sarif';
import { PROJECT } from '../engines/folders';
import { MotoServer } from '../engines/moto';
import { temporaryFolder } from '../engines/temporary-folder';
import { changeTemplate, copyOfAssembly, removeFolders } from './local/environments';

const COMMAND = join(PROJECT, 'dist', 'bin', 'cdk-elasticache.js');
const OURS = ['cdk.out', '--dev', 'dev', '--dev', 'staging'];

let moto: MotoServer;

beforeAll(async () => {
  moto = await MotoServer.start();
});

afterAll(async () => {
  await moto.close();
  removeFolders();
});

/** Runs the command as a user does. */
async function guard(...args: string[]): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [COMMAND, 'guard', ...args], {
    cwd: PROJECT,
    env: { ...process.env, ...moto.environment, NO_COLOR: '1' },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { status, stdout, stderr };
}

/** An app of L1s alone with a bare Memcached cluster, and what it acknowledges. */
function foreignApp(acknowledged: readonly string[] = [], port?: number): string {
  process.env.CDK_VALIDATION = 'false';
  const app = new App({ outdir: temporaryFolder('foreign') });
  // moto has no bootstrap stack whose version could be looked up.
  const synthesizer = new DefaultStackSynthesizer({ generateBootstrapVersionRule: false });
  const stack = new Stack(app, 'Mine', { env: { region: 'us-east-1' }, synthesizer });
  const vpc = new ec2.Vpc(stack, 'Vpc', { availabilityZones: ['us-east-1a', 'us-east-1b'] });
  const group = new ec2.SecurityGroup(stack, 'Nodes', { vpc });
  const cache = new CfnCacheCluster(stack, 'Cache', {
    engine: 'memcached',
    cacheNodeType: 'cache.t4g.small',
    numCacheNodes: 1,
    vpcSecurityGroupIds: [group.securityGroupId],
    cacheSubnetGroupName: 'mine',
    port,
  });
  for (const id of acknowledged) {
    Validations.of(cache).acknowledge({ id, reason: 'nothing in it is worth reading' });
  }
  app.synth();
  return app.outdir;
}

test('the environments of this project have nothing that must not be', async () => {
  const { status, stdout, stderr } = await guard(...OURS, '--baseline', 'golden', '--who-can');

  expect(stderr).toBe('');
  expect(stdout).toMatch(/0 errors, 0 warnings, \d+ informational \(shown with --all\)\n$/);
  expect(stdout).toContain('prod/data/Sessions/Cache/SecurityGroup lets in prod/service/Service/Fleet/SecurityGroup');
  expect(status).toBe(0);
});

test('one environment is compared with its own part of the baseline', async () => {
  const { status, stdout } = await guard('cdk.out', '--environment', 'prod', '--baseline', 'golden');

  expect(stdout).toMatch(/0 errors, 0 warnings/);
  expect(status).toBe(0);
});

test('what is unsafe, unreachable and destructive is found, each with its fix', async () => {
  const assembly = copyOfAssembly();
  changeTemplate(assembly, 'data', (text) =>
    text
      .replace('"TransitEncryptionMode": "required"', '"TransitEncryptionMode": "preferred"')
      .replace('"Port": 6379', '"Port": 6400'),
  );
  changeTemplate(assembly, 'service', (text) =>
    text
      .replace('"Description": "Fleet uses database main",', '"Description": "elsewhere",')
      .replace(/("Description": "elsewhere",[\s\S]*?"FromPort": )\{[^}]*\]\s*\}/, '$15433'),
  );

  const { status, stdout } = await guard(assembly, '--environment', 'dev', '--dev', 'dev', '--baseline', 'golden');

  expect(status).toBe(1);
  expect(stdout).toContain('error ReplacementGuard::stateful-replaced  dev/data/Sessions/Cache/Resource');
  expect(stdout).toMatch(/error CacheReachability::\w+-unreachable/);
  expect(stdout).toMatch(/fix: /);
  expect(stdout).toMatch(/\n[1-9]\d* errors, /);
});

test('SARIF names the rule, the line of code and the construct, and what was acknowledged is suppressed', async () => {
  const assembly = foreignApp(['CacheRules::in-transit-encryption']);
  const file = join(temporaryFolder('sarif'), 'below', 'guard.sarif');

  const { status, stdout } = await guard(assembly, '--sarif', file, '--all');

  const { version, runs } = JSON.parse(readFileSync(file, 'utf8')) as Log;
  const [run] = runs as [Log['runs'][number]];
  const rules = run.tool.driver.rules ?? [];
  const result = (id: string) => run.results?.find(({ ruleId }) => ruleId === id) as Result;
  expect(version).toBe('2.1.0');
  expect(rules.map(({ id }) => id)).toEqual([...new Set(run.results?.map(({ ruleId }) => ruleId))].sort());
  for (const { ruleId, ruleIndex, locations, partialFingerprints } of run.results ?? []) {
    expect(rules[ruleIndex as number]?.id).toBe(ruleId);
    expect(locations?.[0]?.physicalLocation?.region?.startLine).toBeGreaterThan(0);
    expect(Object.values(partialFingerprints ?? {})[0]).toMatch(/^[0-9a-f]{64}$/);
  }
  expect(result('CacheRules/in-transit-encryption')).toMatchObject({
    level: 'error',
    suppressions: [{ kind: 'external', justification: 'nothing in it is worth reading' }],
  });
  expect(result('CacheRules/minor-upgrades')).toMatchObject({
    level: 'error',
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: 'test/full/guard.test.ts', uriBaseId: '%SRCROOT%' } },
        logicalLocations: [{ fullyQualifiedName: 'Mine/Cache', kind: 'resource' }],
      },
    ],
  });
  expect(result('CacheRules/minor-upgrades').suppressions).toBeUndefined();
  expect(status).toBe(1);
  expect(stdout).toMatch(/1 acknowledged\n$/);
});

test('what is all acknowledged ends well, and JSON holds every finding', async () => {
  const assembly = foreignApp(['CacheRules::in-transit-encryption', 'CacheRules::minor-upgrades']);

  const { status, stdout } = await guard(assembly, '--json');

  const { findings } = JSON.parse(stdout);
  const errors = findings.filter(
    ({ severity, acknowledged }: any) => severity === 'error' && acknowledged === undefined,
  );
  expect(findings.map(({ rule }: any) => rule)).toEqual(
    expect.arrayContaining(['memcached-nodes', 'default-port', 'minor-upgrades']),
  );
  expect(errors.map(({ check }: any) => check)).not.toContain('CacheRules');
  expect(status).toBe(errors.length > 0 ? 1 : 0);
});

test('the picture is an SVG without scripts, as the documentation shows it', async () => {
  const shown = join(PROJECT, 'docs', 'images', 'reachability.svg');
  const file = process.env.UPDATE_DOCS === '1' ? shown : join(temporaryFolder('picture'), 'reach.svg');

  await guard(...OURS, '--environment', 'prod', '--picture', file);

  const svg = readFileSync(file, 'utf8');
  expect(XMLValidator.validate(svg)).toBe(true);
  expect(svg).toMatch(/^<svg /);
  expect(svg).toContain('Sessions');
  expect(svg).not.toMatch(/<script|href=/);
  expect(svg).toBe(readFileSync(shown, 'utf8'));
});

describe('compared with what is deployed', () => {
  const client = () =>
    new CloudFormationClient({
      region: 'us-east-1',
      endpoint: moto.endpoint,
      credentials: { accessKeyId: 'testing', secretAccessKey: 'testing' },
    });

  test('a change that replaces is found, and one that does not is let through', async () => {
    const assembly = foreignApp();
    const template = readFileSync(join(assembly, 'Mine.template.json'), 'utf8');
    await client().send(new CreateStackCommand({ StackName: 'Mine', TemplateBody: template }));
    const deployed = ['--deployed', '--endpoint-url', moto.endpoint];

    const changed = await guard(foreignApp([], 11_300), ...deployed);
    const same = await guard(assembly, ...deployed);

    expect(changed.stdout).toContain('error ReplacementGuard::stateful-replaced  Mine/Cache');
    expect(same.stdout).toContain('CacheRules::minor-upgrades');
    expect(same.stdout).not.toContain('ReplacementGuard');
  });

  test('what was never deployed replaces nothing', async () => {
    const { status, stdout } = await guard(
      ...OURS,
      '--environment',
      'prod',
      '--deployed',
      '--endpoint-url',
      moto.endpoint,
    );

    expect(stdout).toMatch(/0 errors/);
    expect(status).toBe(0);
  });

  test('when AWS does not answer nothing is taken for not deployed', async () => {
    const { status, stderr } = await guard(
      ...OURS,
      '--environment',
      'prod',
      '--deployed',
      '--endpoint-url',
      'http://localhost:1',
    );

    expect(stderr).toMatch(/^AWS gave no template of the stack cdk-elasticache-prod-network: .*ECONNREFUSED/);
    expect(status).toBe(3);
  });
});

describe('one clear line, and the code of a wrong call', () => {
  const exceptions = join(temporaryFolder('exceptions'), 'exceptions.json');
  writeFileSync(exceptions, '[{ "stack": "dev/data", "change": "explode" }]');

  test.each([
    ['no assembly', ['/does/not/exist'], '/does/not/exist holds no cloud assembly'],
    [
      'an unknown environment',
      ['cdk.out', '--environment', 'live'],
      'no environment `live` in cdk.out, there are: dev, staging, prod',
    ],
    [
      'an unknown environment for the profile',
      ['cdk.out', '--dev', 'develop'],
      '--dev names `develop`, there are: dev, staging, prod',
    ],
    ['a baseline that is not there', [...OURS, '--baseline', 'no-such'], 'no-such'],
    [
      'exceptions that say nothing',
      [...OURS, '--baseline', 'golden', '--exceptions', exceptions],
      '`resource` must be a text',
    ],
    ['two things to compare with', [...OURS, '--deployed', '--baseline', 'golden'], 'give one of them'],
    ['exceptions from nothing', [...OURS, '--exceptions', exceptions], '--exceptions lets changes through'],
    ['an endpoint that nobody asks', [...OURS, '--endpoint-url', 'http://localhost:1'], '--endpoint-url is asked by'],
    ['an unknown option', ['--fast'], "unknown option '--fast'"],
  ])('%s', async (_, args, message) => {
    const { status, stderr } = await guard(...args);

    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(status).toBe(2);
  });
});

test('--help shows examples and the exit codes', async () => {
  const { status, stdout } = await guard('--help');

  expect(stdout).toMatch(/Examples:\n {2}\$ cdk synth && cdk-elasticache guard/);
  expect(stdout).toContain('Exit codes: 0 ');
  expect(status).toBe(0);
});
