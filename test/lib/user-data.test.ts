import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CfnParameter } from 'aws-cdk-lib';
import fc from 'fast-check';
import { renderLogAgent } from '../../lib/fleet/log-agent';
import { type BootOptions, createUserData, renderEnvironment } from '../../lib/fleet/user-data';
import { PROJECT } from '../engines/folders';
import { newStack } from './stacks';

const OPTIONS: BootOptions = {
  bucket: 'assets',
  key: 'application.zip',
  entry: 'server.js',
  port: 8080,
  healthPath: '/healthz',
  environment: { PORT: '8080' },
  binding: '{"version":1}',
  bindingFile: '/etc/app/bindings.json',
  directory: '/opt/app',
  logGroup: '/fleet/web',
  metricsNamespace: 'Shop',
  region: 'eu-central-1',
  lifecycleHook: 'drain',
  drainSeconds: 45,
};

const render = (options: Partial<BootOptions> = {}) => createUserData({ ...OPTIONS, ...options }).render();

/** What bash reports about a script that it does not run. */
function faults(script: string): string {
  return spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' }).stderr;
}

/** What a script writes to a file with a here-document, as bash reads it. */
function written(script: string, file: string): string {
  const lines = script.split('\n');
  const start = lines.findIndex((line) => line.startsWith(`cat >${file} <<`));
  const delimiter = /<<'(.*)'$/.exec(lines[start] as string)?.[1] as string;
  const end = lines.indexOf(delimiter, start);
  return spawnSync('bash', [], {
    input: [`cat${(lines[start] as string).slice(`cat >${file}`.length)}`, ...lines.slice(start + 1, end + 1)].join(
      '\n',
    ),
    encoding: 'utf8',
  }).stdout;
}

/** The variables of a file as a shell reads them. */
function readByShell(file: string): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'environment-'));
  writeFileSync(join(folder, 'environment'), file);
  const { stdout } = spawnSync('sh', ['-c', 'set -a; . ./environment; exec env -0'], {
    cwd: folder,
    env: { PATH: process.env.PATH },
    encoding: 'utf8',
  });
  rmSync(folder, { recursive: true });
  return Object.fromEntries(
    stdout
      .split('\0')
      .filter((entry) => entry !== '')
      .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  );
}

describe('the script', () => {
  test('is valid, small, and starts the log agent before what may fail', () => {
    const script = render();

    const order = ['set -euo pipefail', 'amazon-cloudwatch-agent-ctl', 'nodejs24', 'aws s3 cp', 'unzip -q', 'start.sh'];
    const places = order.map((part) => script.indexOf(part));
    expect(faults(script)).toBe('');
    expect(script.length).toBeLessThan(4_096);
    expect(places).toEqual([...places].sort((one, other) => one - other));
    expect(places[0]).toBeGreaterThan(0);
  });

  test('tells `start.sh` all it reads', () => {
    const script = render({ entry: "it's server.js" });
    const read = readFileSync(join(PROJECT, 'lib', 'fleet', 'start.sh'), 'utf8').matchAll(/^# {3}([A-Z_]+) {2,}/gm);

    const exported = readByShell(
      script
        .split('\n')
        .filter((line) => line.startsWith('export '))
        .join('\n'),
    );

    const names = [...read].map(([, name]) => name as string);
    expect(names).toHaveLength(7);
    expect(Object.keys(exported)).toEqual(expect.arrayContaining(names));
    expect(exported).toMatchObject({
      AWS_DEFAULT_REGION: 'eu-central-1',
      APP_ENTRY: "it's server.js",
      APP_ENVIRONMENT: '/etc/app/environment',
      APP_HEALTH_URL: 'http://127.0.0.1:8080/healthz',
      APP_HEALTH_TIMEOUT_S: '120',
      APP_DRAIN_S: '45',
      APP_LIFECYCLE_HOOK: 'drain',
    });
  });

  test('names no lifecycle hook where there is none', () => {
    expect(render({ lifecycleHook: undefined })).toContain("export APP_LIFECYCLE_HOOK=''\n");
  });

  test('takes tokens', () => {
    const { stack } = newStack();
    const name = new CfnParameter(stack, 'Name').valueAsString;

    const script = render({
      bucket: name,
      logGroup: name,
      metricsNamespace: name,
      lifecycleHook: name,
      binding: name,
      environment: { NAME: name },
    });

    const parts: unknown[] = stack.resolve(script)['Fn::Join'][1];
    const resolved = parts.map((part) => (typeof part === 'string' ? part : 'the-name')).join('');
    expect(parts.filter((part) => typeof part !== 'string')).toEqual(Array(7).fill({ Ref: 'Name' }));
    expect(faults(resolved)).toBe('');
    expect(resolved).toContain("aws s3 cp --only-show-errors 's3://the-name/application.zip'");
    expect(resolved).toContain("NAME='the-name'\n");
  });

  test('no content ends the here-document that holds it', () => {
    const value = ['END_OF_ENVIRONMENT', 'END_OF_ENVIRONMENT_', 'touch /tmp/broken-out', ''].join('\n');

    const script = render({ environment: { VALUE: value, NEXT: '1' }, binding: 'END_OF_BINDING\n$(x) `x` \\' });

    expect(faults(script)).toBe('');
    expect(readByShell(written(script, '/etc/app/environment'))).toMatchObject({ VALUE: value, NEXT: '1' });
    expect(written(script, '/etc/app/bindings.json')).toBe('END_OF_BINDING\n$(x) `x` \\\n');
  });

  test('no text leaves the quotes around it', () => {
    const script = render({ entry: "'; touch /tmp/broken-out; '$(x)`x`\\\"", bucket: "'$(x)" });

    expect(faults(script)).toBe('');
    expect(
      readByShell(
        script
          .split('\n')
          .filter((line) => line.startsWith('export APP_ENTRY'))
          .join('\n'),
      ).APP_ENTRY,
    ).toBe("'; touch /tmp/broken-out; '$(x)`x`\\\"");
  });
});

describe('environment variables', () => {
  const text = fc.string({ unit: 'grapheme-composite', maxLength: 40 });
  const odd = fc.string({ unit: fc.constantFrom("'", '"', '\\', '$', '`', '#', ';', '%', '=', ' ', '\t', '\n', 'a') });

  test('a shell reads every value as it was', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(text, odd), { minLength: 20, maxLength: 40 }), (values) => {
        const carried = values.filter(canBeCarried);
        const environment = Object.fromEntries(carried.map((value, index) => [`V${index}`, value]));

        expect(readByShell(renderEnvironment(environment))).toMatchObject(environment);
      }),
      { numRuns: 25 },
    );
  });

  test('systemd and the shell agree on how a value is written: only single quotes, and double ones around those', () => {
    expect(renderEnvironment({ A: `it's "$HOME" #\\`, B: '' })).toBe(`A='it'"'"'s "$HOME" #\\'\nB=''`);
  });

  test.each([
    [
      'has a hyphen',
      { 'MY-NAME': '' },
      'a name in `environment` must be letters, digits and underscores, not starting with a digit, got "MY-NAME"',
    ],
    ['starts with a digit', { '1ST': '' }, 'got "1ST"'],
    ['is empty', { '': '' }, 'got ""'],
    ['would be a command', { 'A=1\nB': '' }, 'got "A=1\\nB"'],
  ])('fails if a name %s', (_, environment, message) => {
    expect(() => render({ environment: environment as Record<string, string> })).toThrow(message);
  });

  test.each([
    ['NUL', '\0', 'a control character other than a tab or line break'],
    ['a carriage return', 'one\r\ntwo', 'a control character other than a tab or line break'],
    ['an escape', '\u001b[0m', 'a control character other than a tab or line break'],
    ['half a character', '\ud83d', 'half a character or none'],
    ['a code point without a character', '\ufffe', 'half a character or none'],
  ])('fails if a value holds %s', (_, value, message) => {
    expect(() => render({ environment: { VALUE: value } })).toThrow(
      `\`environment\` cannot carry VALUE: it holds ${message}`,
    );
  });
});

/** What `renderEnvironment` promises to carry, said another way. */
function canBeCarried(value: string): boolean {
  return [...value].every((character) => {
    const code = character.codePointAt(0) as number;
    const control = (code < 32 && character !== '\t' && character !== '\n') || code === 127;
    const surrogate = code >= 0xd800 && code <= 0xdfff;
    const none = (code & 0xfffe) === 0xfffe || (code >= 0xfdd0 && code <= 0xfdef);
    return !control && !surrogate && !none;
  });
}

test('the log agent ships both logs and measures memory and disk, of instances and of the group', () => {
  const configuration = JSON.parse(written(render(), '/etc/app/log-agent.json'));

  expect(configuration).toEqual(JSON.parse(renderLogAgent(OPTIONS)));
  expect(configuration).toEqual({
    agent: { region: 'eu-central-1', run_as_user: 'root' },
    logs: {
      logs_collected: {
        files: {
          collect_list: [
            { file_path: '/var/log/app/app.log', log_group_name: '/fleet/web', log_stream_name: '{instance_id}/app' },
            {
              file_path: '/var/log/cloud-init-output.log',
              log_group_name: '/fleet/web',
              log_stream_name: '{instance_id}/boot',
            },
          ],
        },
      },
    },
    metrics: {
      namespace: 'Shop',
      append_dimensions: { InstanceId: '${aws:InstanceId}', AutoScalingGroupName: '${aws:AutoScalingGroupName}' },
      aggregation_dimensions: [['AutoScalingGroupName']],
      metrics_collected: {
        mem: { measurement: ['used_percent'] },
        disk: { measurement: ['used_percent'], resources: ['/'], drop_device: true },
      },
    },
  });
});

test.each(['start.sh', 'drain.sh'])('%s is valid', (name) => {
  const { stderr } = spawnSync('sh', ['-n', join(PROJECT, 'lib', 'fleet', name)], { encoding: 'utf8' });

  expect(stderr).toBe('');
});

test('the scripts agree on where the application logs to', () => {
  const start = readFileSync(join(PROJECT, 'lib', 'fleet', 'start.sh'), 'utf8');

  expect(start).toContain('\nlog=/var/log/app/app.log\n');
});
