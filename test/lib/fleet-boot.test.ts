import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { Application, CacheNodeType, Database, ReplicationGroup } from '../../lib';
import { parseBinding } from '../../runtime/binding';
import { PROJECT } from '../engines/folders';
import { fleetIn } from './makers';
import { applicationDirectory, newStack, only } from './stacks';

test('user data fits, is of one binding, and tells CloudFormation how it ended', () => {
  const { stack, vpc } = newStack();
  const fleet = fleetIn(stack, vpc);
  fleet.useCache('sessions', new ReplicationGroup(stack, 'Cache', { vpc, nodeType: CacheNodeType.T4G_SMALL }));

  const data = JSON.stringify(only(stack, 'AWS::EC2::LaunchTemplate').Properties.LaunchTemplateData.UserData);

  expect(data.length).toBeLessThan(16_384);
  expect(data).toContain('set -euo pipefail');
  expect(data).toContain('PrimaryEndPoint.Address');
  expect(data).toContain('cfn-signal');
  expect(data).toContain('--resource WebGroupASG');
  expect(data).toContain('nodejs24');
});

test('the scripts of the first boot are valid, and write a binding that the runtime reads', () => {
  const { stack, vpc } = newStack();
  const fleet = fleetIn(stack, vpc);
  fleet.useCache('sessions', new ReplicationGroup(stack, 'Cache', { vpc, nodeType: CacheNodeType.T4G_SMALL }));
  fleet.useDatabase('main', new Database(stack, 'Database', { vpc }));
  const userData = only(stack, 'AWS::EC2::LaunchTemplate').Properties.LaunchTemplateData.UserData['Fn::Base64'];
  // What CloudFormation would put in: a port for a port, a name for all else.
  const script = userData['Fn::Join'][1]
    .map((part: any) => (typeof part === 'string' ? part : /Port/.test(JSON.stringify(part)) ? '1234' : 'name'))
    .join('');

  const parsed = spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' });
  const start = spawnSync('sh', ['-n', join(PROJECT, 'lib', 'fleet', 'start.sh')], { encoding: 'utf8' });
  const [, binding] = /<<'END_OF_BINDING'\n([\s\S]*?)\nEND_OF_BINDING/.exec(script) ?? [];

  expect([parsed.status, parsed.stderr, start.status, start.stderr]).toEqual([0, '', 0, '']);
  expect(parseBinding(binding as string, 'user data')).toMatchObject({
    caches: { sessions: { mode: 'primary', host: 'name', port: 1234, auth: { type: 'iam' } } },
    databases: { main: { port: 1234, ca: '/opt/app/rds.pem', auth: { type: 'iam' } } },
  });
});

test('fails if the user data is larger than EC2 takes', () => {
  const { stack, vpc } = newStack();
  const environment = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`NAME_${index}`, 'x'.repeat(80)]));

  fleetIn(stack, vpc, { application: Application.fromDirectory(applicationDirectory(), { environment }) });

  expect(() => Template.fromStack(stack)).toThrow(
    /the user data of the instances is \d+ bytes, more than the 16384 that EC2 takes: shorten the `environment`/,
  );
});
