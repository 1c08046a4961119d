import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, CfnResource, Stack, Stage, Validations } from 'aws-cdk-lib';
import { ReplacementGuard, type ReplacementGuardProps } from '../../lib/checks/replacement-guard';
import { directoryOf, fileOf } from './replacement/directories';

const GROUP = 'AWS::ElastiCache::ReplicationGroup';

/** An app with a cache in a stack, and in one of each of two stages. */
function appOf(port: number): { app: App; prod: Stage } {
  const app = new App();
  const prod = new Stage(app, 'prod');
  for (const scope of [app, prod, new Stage(app, 'dev')]) {
    new CfnResource(new Stack(scope, 'data'), 'Cache', { type: GROUP, properties: { Port: port } });
  }
  return { app, prod };
}

const deployed = (port: number) => ({ Resources: { Cache: { Type: GROUP, Properties: { Port: port } } } });

const BASELINE = {
  'data.template.json': deployed(6379),
  'prod/data.template.json': deployed(6379),
  'dev/data.template.json': deployed(6379),
};

/** What a synth says, with the guard on the app, or on its stage `prod`. */
function synth(port: number, props: ReplacementGuardProps, on: 'app' | 'prod' = 'app') {
  const { app, prod } = appOf(port);
  Validations.of(on === 'app' ? app : prod).addPlugins(new ReplacementGuard(props));
  let message = '';
  const error = jest.spyOn(console, 'error').mockImplementation((text) => {
    message += text;
  });
  try {
    app.synth();
  } catch (thrown) {
    message += (thrown as Error).message;
    return { fails: true, message, outdir: app.outdir };
  } finally {
    error.mockRestore();
  }
  return { fails: false, message, outdir: app.outdir };
}

test('a synth that replaces nothing passes, in silence', () => {
  expect(synth(6379, { baseline: directoryOf(BASELINE) })).toMatchObject({ fails: false, message: '' });
});

test('one that replaces fails, with each construct, the property and the way out', () => {
  const { fails, message, outdir } = synth(6400, { baseline: directoryOf(BASELINE) });
  const report = JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8'));

  expect(fails).toBe(true);
  for (const path of ['data', 'prod/data', 'dev/data']) {
    expect(message).toContain(`The replication group ${path}/Cache is replaced: \`Port\` changes from 6379 to 6400.`);
    expect(message).toContain(`   ${path}/Cache (Cache)`);
  }
  expect(message).toContain('Suggested fix: build the new one beside the old');
  expect(message).toContain("Acknowledge with 'ReplacementGuard::stateful-replaced'");
  expect(report.pluginReports[0].violations[0]).toMatchObject({
    ruleName: 'stateful-replaced',
    ruleMetadata: { source: expect.stringContaining('@aws-cdk/aws-service-spec') },
    violatingConstructs: [{ constructPath: 'data/Cache', cloudFormationResource: { logicalId: 'Cache' } }],
  });
});

test('exceptions let a change through', () => {
  const exception = (stack: string) => ({
    stack,
    resource: 'Cache',
    change: 'replace',
    until: '9999-12-31',
    reason: 'r',
  });
  const exceptions = fileOf(['data', 'prod/data', 'dev/data'].map(exception));

  expect(synth(6400, { baseline: directoryOf(BASELINE), exceptions })).toMatchObject({ fails: false, message: '' });
});

test('a finding that does not stop a synth is shown', () => {
  const gone = {
    Resources: { Old: { Type: 'AWS::S3::Bucket', DeletionPolicy: 'Retain' }, ...deployed(6379).Resources },
  };
  const { fails, message } = synth(6379, {
    baseline: directoryOf({ ...BASELINE, 'prod/data.template.json': gone }),
  });

  expect(fails).toBe(false);
  expect(message).toMatch(/WARNING The S3 bucket prod\/data\/Old is deleted: .*\n.*data.*\.template\.json Old\n/);
});

test('on a stage it sees the stage, and takes no other of the app to be gone', () => {
  const baseline = directoryOf(BASELINE);
  const { fails, message } = synth(6400, { baseline }, 'prod');

  expect(fails).toBe(true);
  expect(message.match(/is replaced/g)).toHaveLength(1);
  expect(message).toContain('prod/data/Cache is replaced');
  expect(synth(6379, { baseline }, 'prod')).toMatchObject({ fails: false, message: '' });
});

test('what is gone with its stack is found in the baseline', () => {
  const baseline = directoryOf({ ...BASELINE, 'prod/old.template.json': deployed(1) });
  const { fails, message } = synth(6379, { baseline });

  expect(fails).toBe(true);
  expect(message).toContain('The replication group prod/old/Cache has no stack in the app any more');
  expect(message).toContain('prod/old.template.json Cache');
});

test.each<[string, ReplacementGuardProps, string]>([
  ['a baseline', { baseline: '/no/such/place' }, '`baseline` /no/such/place is no directory: put the templates'],
  [
    'a file of exceptions',
    { baseline: directoryOf(BASELINE), exceptions: fileOf([{ stack: 1 }]) },
    'entry 1: `stack` must be a text that is not empty, got 1',
  ],
])('%s that cannot be used fails the synth with what is wrong', (_, props, expected) => {
  const { fails, message } = synth(6379, props);

  expect(fails).toBe(true);
  expect(message).toContain("ERROR Validation plugin 'ReplacementGuard' failed: ");
  expect(message).toContain(expected);
});

test('a baseline that this synth overwrites is refused', () => {
  const { app } = appOf(6379);
  Validations.of(app).addPlugins(new ReplacementGuard({ baseline: app.outdir }));

  expect(() => app.synth()).toThrow('is where the templates of this synth are');
});

test('its name and rules are its contract', () => {
  const { name, ruleIds } = new ReplacementGuard({ baseline: 'golden' });

  expect([name, ruleIds]).toEqual([
    'ReplacementGuard',
    ['stateful-replaced', 'stateful-deleted', 'stateful-may-be-replaced', 'exception-unused'],
  ]);
});
