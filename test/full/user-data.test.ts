import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import fc from 'fast-check';
import { Application, CacheNodeType, ReplicationGroup, WebFleet } from '../../lib';
import { renderEnvironment } from '../../lib/fleet/user-data';
import { parseBinding } from '../../runtime/binding';
import { PROJECT, testFolder } from '../engines/folders';
import { MotoServer } from '../engines/moto';
import { pythonTools } from '../engines/python';
import { eventually, sleep } from '../engines/running';
import { applicationDirectory, newApp } from '../lib/stacks';
import { Machine, requireRoot } from './user-data/machine';
import { AwsServices, MetadataService } from './user-data/services';

// The templates are read here, not judged by CDK's own rules.
process.env.CDK_VALIDATION = 'false';

const GROUP = 'the web group';

const CERTIFICATE = 'arn:aws:acm:us-east-1:111122223333:certificate/00000000-0000-0000-0000-000000000000';

const STUBS = [
  '/usr/bin/dnf',
  '/opt/aws/bin/cfn-signal',
  '/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl',
];

const SERVER = join(__dirname, 'user-data', 'application', 'server.js');

/** A name with what has a meaning to a shell, or in a command of systemd's. */
const ENTRY = `it's a "server" of 100% $HOME.js`;

/** Values that a shell or systemd would change, were they not quoted. */
const ODD_VALUES: Record<string, string> = {
  EMPTY: '',
  QUOTES: `it's "quoted" with \`ticks\``,
  BACKSLASHES: 'C:\\new\\table\\',
  EXPANSIONS: '$HOME ${PATH} $(id) %h %% $$',
  COMMENTS: '# not ; a comment',
  SPACES: '  two before and after  ',
  LINES: '-----BEGIN-----\nEND_OF_ENVIRONMENT\n\tindented\n-----END-----\n',
  JSON: '{"a":"b\\n","c":["d\'e"]}',
  UNICODE: 'Grüße, 世界 🌍',
};

/** More of them, others in every run. */
function randomValues(): Record<string, string> {
  const special = fc.constantFrom("'", '"', '\\', '$', '`', '#', ';', '%', '=', ' ', '\t', '\n', '{', 'a');
  const text = fc.oneof(
    fc.string({ unit: special, maxLength: 40 }),
    fc.string({ unit: 'grapheme-composite', maxLength: 20 }),
  );
  return Object.fromEntries(
    fc
      .sample(text, 60)
      .map((value, index): [string, string] => [`RANDOM_${index}`, value])
      .filter(([name, value]) => {
        try {
          return renderEnvironment({ [name]: value }) !== '';
        } catch {
          return false;
        }
      }),
  );
}

const VARIABLES = { ...ODD_VALUES, ...randomValues() };

let moto: MotoServer;
let metadata: MetadataService;
let aws: AwsServices;
let folder: string;
let instance: string;
let machine: Machine;

/** The user data of a fleet in a template, with what CloudFormation would put in, and the application in the bucket. */
async function publish(application: Application): Promise<string> {
  const app = newApp();
  const stack = new Stack(app, 'Shop', { env: { region: 'us-east-1', account: '111122223333' } });
  const vpc = new ec2.Vpc(stack, 'Vpc', { availabilityZones: ['us-east-1a', 'us-east-1b'] });
  const certificate = acm.Certificate.fromCertificateArn(stack, 'Certificate', CERTIFICATE);
  const fleet = new WebFleet(stack, 'Web', { vpc, application, certificate });
  fleet.useCache('sessions', new ReplicationGroup(stack, 'Cache', { vpc, nodeType: CacheNodeType.T4G_SMALL }));
  const [template] = Object.values(Template.fromStack(stack).findResources('AWS::EC2::LaunchTemplate'));
  const script = substitute(template?.Properties.LaunchTemplateData.UserData['Fn::Base64']);

  const [, bucket, key] = /s3:\/\/([^/]+)\/([0-9a-f]+\.zip)/.exec(script) as unknown as [string, string, string];
  const asset = join(app.synth().directory, `asset.${key.replace('.zip', '')}`);
  const archive = join(folder, key);
  const { python } = await pythonTools();
  execFileSync(python, ['-m', 'zipfile', '-c', archive, ...readdirSync(asset)], { cwd: asset });
  await cli('s3api', 'create-bucket', '--bucket', bucket);
  await cli('s3', 'cp', '--only-show-errors', archive, `s3://${bucket}/${key}`);
  return script;
}

/** A value of a template as CloudFormation gives it: a port is a number, everything else its own name. */
function substitute(value: any): string {
  if (typeof value === 'string') {
    return value;
  }
  const [[intrinsic, argument]] = Object.entries(value) as [[string, any]];
  switch (intrinsic) {
    case 'Fn::Join':
      return argument[1].map(substitute).join(argument[0]);
    case 'Fn::Sub':
      return argument.replace(/\$\{AWS::(\w+)\}/g, '$1');
    case 'Fn::GetAtt':
      return /Port$/.test(argument[1]) ? '6379' : argument.join('.');
    case 'Ref':
      return argument.replace('AWS::', '');
    default:
      throw new Error(`the template has ${intrinsic}, which this test cannot resolve`);
  }
}

async function cli(...command: string[]): Promise<string> {
  const tools = await pythonTools();
  return execFileSync(tools.aws, command, { env: { PATH: process.env.PATH, ...moto.environment }, encoding: 'utf8' });
}

async function boot(): Promise<Machine> {
  return Machine.boot({ metadata: join(folder, 'metadata'), aws: join(folder, 'aws'), stubs: STUBS });
}

/** How each stub was called. */
function calls(of: Machine): string[] {
  return of.read('/var/log/stubs').trim().split('\n');
}

/** Everything that has changed since the machine was new, but logs and what their rotation and systemd's timers note. */
function fingerprints(of: Machine): Record<string, string> {
  const volatile = /^(var\/log|var\/lib\/app-log|var\/lib\/systemd|tmp|var\/tmp|root)(\/|$)/;
  const names = readdirSync(of.changes, { recursive: true, encoding: 'utf8' });
  return Object.fromEntries(
    names
      .filter((name) => !volatile.test(name))
      .sort()
      .map((name) => {
        const path = join(of.changes, name);
        const stat = lstatSync(path);
        const content = stat.isFile() ? readFileSync(path) : stat.isSymbolicLink() ? readlinkSync(path) : '';
        return [
          name,
          `${stat.mode.toString(8)} ${stat.uid}:${stat.gid} ${createHash('sha256').update(content).digest('hex')}`,
        ];
      }),
  );
}

beforeAll(async () => {
  requireRoot();
  folder = testFolder();
  moto = await MotoServer.start();
  const image = ['--image-id', 'ami-12c6146b', '--instance-type', 't4g.small'];
  await cli('autoscaling', 'create-launch-configuration', '--launch-configuration-name', 'web', ...image);
  const size = ['--min-size', '1', '--max-size', '1', '--availability-zones', 'us-east-1a'];
  const made = ['--launch-configuration-name', 'web', ...size];
  await cli('autoscaling', 'create-auto-scaling-group', '--auto-scaling-group-name', GROUP, ...made);
  const described = JSON.parse(await cli('autoscaling', 'describe-auto-scaling-instances', '--output', 'json'));
  instance = described.AutoScalingInstances[0].InstanceId;
  metadata = new MetadataService(instance);
  await metadata.listen(join(folder, 'metadata'));
  aws = new AwsServices(moto.port);
  await aws.listen(join(folder, 'aws'));
});

afterAll(async () => {
  await machine?.close();
  metadata?.close();
  aws?.close();
  await moto?.close();
  if (folder !== undefined) {
    rmSync(folder, { recursive: true, force: true });
  }
});

const WHERE =
  'as root (without, it fails), on Debian 12 with its real systemd, the real AWS CLI (version 1, from moto) and the ' +
  `Node.js of this machine; stubs: ${STUBS.map((path) => path.split('/').at(-1)).join(', ')}, the metadata service at ` +
  'its own address, and of Auto Scaling the lifecycle states and CompleteLifecycleAction, which moto lacks';

describe(`the whole user data, ${WHERE}: it`, () => {
  let script: string;

  beforeAll(async () => {
    script = await publish(
      Application.fromDirectory(applicationDirectory({ [ENTRY]: readFileSync(SERVER, 'utf8') }), {
        entry: ENTRY,
        environment: VARIABLES,
      }),
    );
    machine = await boot();
  });

  test('ends well, with a healthy service, when everything is there', async () => {
    const { status, output } = await machine.firstBoot(script);

    expect([status, output]).toEqual([0, expect.not.stringContaining('did not start')]);
    expect(await machine.ask('/healthz')).toEqual({ status: 200, body: 'ok' });
    expect(calls(machine)).toEqual([
      'dnf install --assumeyes --quiet amazon-cloudwatch-agent',
      'amazon-cloudwatch-agent-ctl -a fetch-config -m ec2 -s -c file:/etc/app/log-agent.json',
      'dnf install --assumeyes --quiet nodejs24 unzip logrotate aws-cfn-bootstrap',
      expect.stringMatching(/^cfn-signal --stack Shop --resource WebGroupASG\w+ --region us-east-1 -e 0$/),
    ]);
    expect(Buffer.byteLength(script)).toBeLessThan(16_384);
  });

  test('every variable arrives unchanged, and the binding is one that the runtime reads', async () => {
    const environment = JSON.parse((await machine.ask('/environment')).body);

    expect(environment).toMatchObject({ ...VARIABLES, PORT: '8080', INSTANCE_NAME: instance });
    expect(parseBinding(machine.read(environment.CACHE_BINDINGS_FILE), 'user data')).toMatchObject({
      caches: { sessions: { mode: 'primary', port: 6379 } },
    });
  });

  test('the application is nobody who could do harm, and reads only what is its own', async () => {
    const pid = await machine.unit('app.service', 'MainPID');
    const status = machine.read(`/proc/${pid}/status`);
    const exposure = await machine.run('systemd-analyze', '--no-pager', 'security', 'app.service');
    const mode = async (file: string) => (await machine.run('stat', '--format', '%a %U:%G', file)).output;

    const user = await machine.run('getent', 'passwd', 'app');
    const [, uid] = /^app:x:(\d+):\d+:.*:\/sbin\/nologin$/.exec(user.output) ?? [];
    expect(Number(uid)).toBeGreaterThan(0);
    expect(status).toContain(`\nUid:\t${uid}\t${uid}\t${uid}\t${uid}\n`);
    expect(status).toMatch(/CapBnd:\s0+\n[\s\S]*NoNewPrivs:\s1\n[\s\S]*Seccomp:\s2\n/);
    expect(Number(/exposure level for app.service: ([\d.]+)/.exec(exposure.output)?.[1])).toBeLessThan(2);
    expect(await mode('/etc/app')).toBe('750 root:app');
    expect(await mode('/etc/app/environment')).toBe('640 root:app');
    expect(await mode('/etc/app/bindings.json')).toBe('640 root:app');
    expect(await mode(`/opt/app/${ENTRY}`)).toBe('640 root:app');
    expect(await mode('/var/log/app')).toBe('750 root:root');
  });

  test('run a second time, it changes nothing and restarts nothing', async () => {
    const before = fingerprints(machine);
    const pids = () => Promise.all(['app', 'app-drain'].map((name) => machine.unit(`${name}.service`, 'MainPID')));
    const pidsBefore = await pids();

    const { status } = await machine.firstBoot(script);

    expect(status).toBe(0);
    expect(Object.keys(before)).toEqual(
      expect.arrayContaining(['etc/app/environment', 'etc/systemd/system/app.service', 'opt/app/drain.sh']),
    );
    expect(fingerprints(machine)).toEqual(before);
    expect(await pids()).toEqual(pidsBefore);
    expect(pidsBefore).not.toContain('0');
  });

  test('run after a change of the environment, it restarts the application and nothing else', async () => {
    const pid = (name: string) => machine.unit(name, 'MainPID');
    const [application, drain] = [await pid('app.service'), await pid('app-drain.service')];

    const { status } = await machine.firstBoot(script.replace("EMPTY=''", "EMPTY='now'"));

    expect(status).toBe(0);
    expect(JSON.parse((await machine.ask('/environment')).body).EMPTY).toBe('now');
    expect(await pid('app.service')).not.toBe(application);
    expect(await pid('app-drain.service')).toBe(drain);
  });

  test('an application that dies is started again', async () => {
    const pid = await machine.unit('app.service', 'MainPID');

    await machine.run('systemctl', 'kill', '--signal', 'KILL', 'app.service');

    await eventually(async () => {
      expect((await machine.ask('/healthz')).status).toBe(200);
      expect(await machine.unit('app.service', 'MainPID')).not.toBe(pid);
    });
  });

  test('the log of the application is bounded, and goes on after it was', async () => {
    const log = machine.path('/var/log/app/app.log');
    writeFileSync(log, Buffer.alloc(60 * 1024 * 1024, '.\n'), { flag: 'a' });

    const rotation = await machine.run('systemctl', 'start', 'app-log.service');
    await machine.ask('/after-the-rotation');

    expect(rotation).toEqual({ status: 0, output: '' });
    await eventually(() => expect(machine.read('/var/log/app/app.log')).toContain('asked for /after-the-rotation'));
    expect(statSync(log).size).toBeLessThan(1_000);
    expect(readdirSync(machine.path('/var/log/app')).sort()).toEqual(['app.log', 'app.log.1']);
    expect(await machine.unit('app-log.timer', 'ActiveState')).toBe('active');
    expect(await machine.unit('app-log.timer', 'TimersCalendar')).toContain('*-*-* *:*:00');
    rmSync(`${log}.1`);
  });

  test('units start again with the machine, and the application has the time to end that the fleet gives it', async () => {
    const units = ['app.service', 'app-drain.service', 'app-log.timer'];

    const { output } = await machine.run('systemctl', 'is-enabled', ...units);

    const [, seconds] = /APP_DRAIN_S='(\d+)'/.exec(script) ?? [];
    expect(output).toBe('enabled\nenabled\nenabled');
    expect(machine.read('/etc/systemd/system/app.service')).toContain(`\nTimeoutStopSec=${Number(seconds) + 5}\n`);
  });

  test('on its way to an end the instance serves until the load balancer let go, ends its requests, and says so', async () => {
    aws.lifecycleState = 'Terminating';
    metadata.targetLifecycleState = 'Terminated';
    await sleep(7_000);
    expect((await machine.ask('/healthz')).status).toBe(200);
    expect(aws.completed).toEqual([]);

    aws.refusals = 1;
    aws.lifecycleState = 'Terminating:Wait';
    // Each takes three seconds, so that some are in flight whenever the application is asked to end.
    const answers: Array<Promise<{ body: string; at: number }>> = [];
    while (!machine.read('/var/log/app/app.log').includes('was asked to end')) {
      answers.push(machine.ask('/slow').then(({ body }) => ({ body, at: Date.now() })));
      await sleep(250);
    }
    // The last may have come after the end.
    const [last] = await Promise.allSettled(answers.splice(-1));
    const answered = [...(await Promise.all(answers)), ...(last?.status === 'fulfilled' ? [last.value] : [])];
    await eventually(() => expect(aws.completed).toHaveLength(2), 20_000);

    expect(new Set(answered.map(({ body }) => body))).toEqual(new Set(['slow']));
    expect(aws.completed[0]?.at).toBeGreaterThan(Math.max(...answered.map(({ at }) => at)));
    expect(aws.completed[1]?.parameters).toMatchObject({
      LifecycleHookName: expect.any(String),
      AutoScalingGroupName: GROUP,
      InstanceId: instance,
      LifecycleActionResult: 'CONTINUE',
    });
    expect(script).toContain(`APP_LIFECYCLE_HOOK='${aws.completed[1]?.parameters.LifecycleHookName}'`);
    expect(await machine.unit('app.service', 'ActiveState')).toBe('inactive');
    const log = machine.read('/var/log/app/app.log');
    const steps = ['drain: stopping', 'was asked to end', 'answered /slow', 'ends', 'drain: the application has ended'];
    const places = steps.map((step) => log.indexOf(step, log.indexOf('drain: stopping')));
    expect(places).toEqual([...places].sort((one, other) => one - other));
    expect(log).toContain('drain: failed, next try in 5 seconds');

    // Once the action is complete there is nothing left to say.
    aws.lifecycleState = 'Terminating:Proceed';
    await sleep(6_000);
    expect(aws.completed).toHaveLength(2);
    expect(await machine.unit('app-drain.service', 'NRestarts')).toBe('0');
  });
});

describe('the same, where something fails', () => {
  let broken: Machine;
  let script: string;

  beforeAll(async () => {
    const directory = applicationDirectory({ 'server.js': "console.error('no such film'); process.exit(1);" });
    script = (await publish(Application.fromDirectory(directory))).replace(
      "APP_HEALTH_TIMEOUT_S='120'",
      "APP_HEALTH_TIMEOUT_S='4'",
    );
    metadata.targetLifecycleState = undefined;
    broken = await boot();
    mkdirSync(broken.path('/var/lib/fails'));
  });

  afterAll(() => broken?.close());

  const fail = (program: string) => writeFileSync(broken.path(`/var/lib/fails/${program}`), '');
  const mend = (program: string) => rmSync(broken.path(`/var/lib/fails/${program}`));

  test('packages that cannot be installed fail the signal at once', async () => {
    fail('dnf');

    const { status } = await broken.firstBoot(script);

    mend('dnf');
    expect(status).not.toBe(0);
    expect(calls(broken).at(-1)).toMatch(/^cfn-signal .* -e 1$/);
  });

  test('an application that is not in the bucket fails the signal at once', async () => {
    const { status, output } = await broken.firstBoot(script.replace('.zip', '-missing.zip'));

    expect(status).not.toBe(0);
    expect(output).toContain('(404)');
    expect(calls(broken).at(-1)).toMatch(/^cfn-signal .* -e 1$/);
  });

  test('an application that does not become healthy fails the signal in time, and tells its log; a log agent that fails does not stop it', async () => {
    fail('amazon-cloudwatch-agent-ctl');
    const startedAt = Date.now();

    const { status, output } = await broken.firstBoot(script);

    expect(status).toBe(1);
    expect(Date.now() - startedAt).toBeLessThan(15_000);
    expect(output).toContain('the log agent did not start: logs and metrics of this instance stay on it');
    expect(output).toMatch(/the application was not healthy within 4 seconds, the end of its log:[\s\S]*no such film/);
    expect(calls(broken).at(-1)).toMatch(/^cfn-signal .* -e 1$/);
    // The termination that follows is not to wait for the hook's timeout.
    expect(await broken.unit('app-drain.service', 'ActiveState')).toBe('active');
  });

  test('shellcheck finds nothing in the user data and the scripts', async () => {
    const { shellcheck } = await pythonTools();
    writeFileSync(join(folder, 'user-data.bash'), script);
    const files = [
      join(folder, 'user-data.bash'),
      ...['lib/fleet/start.sh', 'lib/fleet/drain.sh', 'test/full/user-data/init.sh'].map((file) => join(PROJECT, file)),
    ];

    const found = spawnSync(shellcheck, files, { encoding: 'utf8' });

    expect([found.stdout, found.stderr]).toEqual(['', '']);
  });
});
