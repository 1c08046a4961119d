import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { CacheReachability, CacheRules } from '../../lib';
import { freePort } from '../../local/port';
import manifest from '../../package.json';
import { type Binding, parseBinding } from '../../runtime/binding';
import { findingsOfAssembly } from '../checks/assembly-findings';
import { unjustified } from '../checks/justified';
import { PROJECT } from '../engines/folders';

const EXAMPLES = readdirSync(join(PROJECT, 'examples'));

interface Template {
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties: any }>>;
}

let folder: string;

/** How `cdk synth` of each example ended, which type-checks and builds it first. */
const synths: Record<string, { readonly status: number; readonly output: string }> = {};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'examples-'));
  execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: PROJECT, stdio: 'pipe' });
  await Promise.all(
    EXAMPLES.map(async (name) => {
      install(name);
      synths[name] = await synth(name);
    }),
  );
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A copy of an example with what its own `package.json` asks for and no more: this package as it is published. */
function install(name: string): void {
  const copy = join(folder, name);
  cpSync(join(PROJECT, 'examples', name), copy, { recursive: true });
  const modules = join(copy, 'node_modules');
  mkdirSync(join(modules, 'cdk-elasticache'), { recursive: true });
  execFileSync('sh', ['-c', `tar -xzf ../*.tgz -C node_modules/cdk-elasticache --strip-components 1`], { cwd: copy });
  for (const dependency of Object.keys(dependenciesOf(name)).filter((other) => other !== 'cdk-elasticache')) {
    mkdirSync(dirname(join(modules, dependency)), { recursive: true });
    symlinkSync(join(PROJECT, 'node_modules', dependency), join(modules, dependency));
  }
}

function dependenciesOf(name: string): Record<string, string> {
  const { dependencies, devDependencies } = JSON.parse(
    readFileSync(join(PROJECT, 'examples', name, 'package.json'), 'utf8'),
  );
  return { ...dependencies, ...devDependencies };
}

async function synth(name: string): Promise<{ status: number; output: string }> {
  const bin = join(PROJECT, 'node_modules', '.bin');
  const cdk = spawn(join(bin, 'cdk'), ['synth', '--quiet', '--no-notices'], {
    cwd: join(folder, name),
    env: { ...process.env, PATH: `${bin}:${process.env.PATH}`, CDK_DISABLE_CLI_TELEMETRY: 'true' },
  });
  let output = '';
  cdk.stdout.on('data', (chunk) => {
    output += chunk;
  });
  cdk.stderr.on('data', (chunk) => {
    output += chunk;
  });
  const [status] = await once(cdk, 'close');
  return { status, output };
}

function template(name: string, stack: string): Template {
  return JSON.parse(readFileSync(join(folder, name, 'cdk.out', `${stack}.template.json`), 'utf8'));
}

function propertiesOf({ Resources }: Template, type: string): any[] {
  return Object.values(Resources)
    .filter((resource) => resource.Type === type)
    .map(({ Properties }) => Properties);
}

/** A value as it may be after a deploy: each reference becomes its own name, and ports a port. */
function deployed(value: any): string {
  if (typeof value === 'string') {
    return value;
  }
  const [intrinsic, argument] = Object.entries<any>(value)[0] as [string, any];
  if (intrinsic === 'Fn::Join') {
    return argument[1].map(deployed).join(argument[0]);
  }
  const name = [argument].flat().join('.');
  return /Port[0-9A-F]{0,8}$/.test(name) ? '6379' : name;
}

/** Who may reach what: the client's group, the group of what is reached, and the port. */
function rules(from: Template): Array<[string, string, string]> {
  return propertiesOf(from, 'AWS::EC2::SecurityGroupIngress').map((rule) => [
    deployed(rule.SourceSecurityGroupId),
    deployed(rule.GroupId),
    deployed(typeof rule.FromPort === 'number' ? String(rule.FromPort) : rule.FromPort),
  ]);
}

/** Actions that a role is allowed, with their resources. */
function grants(from: Template, role: string): Array<[string, string[]]> {
  return propertiesOf(from, 'AWS::IAM::Policy')
    .filter(({ Roles }) => Roles.some(({ Ref }: any) => Ref.startsWith(role)))
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
    .map(({ Action, Resource }) => [[Action].flat().join(), [Resource].flat().map(deployed)]);
}

/** The binding that a client finds in `CACHE_BINDINGS`, through the runtime's own parser. */
function bindingOf(value: unknown): Binding {
  return parseBinding(deployed(value), 'the template');
}

function containerBinding(from: Template): Binding {
  const [task] = propertiesOf(from, 'AWS::ECS::TaskDefinition');
  return bindingOf(task.ContainerDefinitions[0].Environment.find(({ Name }: any) => Name === 'CACHE_BINDINGS').Value);
}

describe.each(EXAMPLES)('%s', (name) => {
  test('type-checks, builds and synthesizes from the package, with the built-in validator as errors', () => {
    expect(synths[name]).toMatchObject({ status: 0 });
    // Warnings and findings name the construct they are of.
    expect(synths[name]?.output).not.toMatch(/WARNING|ERROR|warning:/);
  });

  test('every finding of the checks was looked at, and is true', () => {
    const plugins = [new CacheRules(), new CacheReachability()];

    expect(unjustified(`examples/${name}`, findingsOfAssembly(join(folder, name, 'cdk.out'), plugins))).toEqual({
      notLookedAt: [],
      gone: [],
    });
  });

  test('asks for the versions that this project is tested with', () => {
    const { 'cdk-elasticache': own, ...others } = dependenciesOf(name);

    expect(own).toBe(`^${manifest.version}`);
    expect(manifest.devDependencies).toMatchObject(others);
  });
});

describe('database-cache', () => {
  const films = () => template('database-cache', 'Films');

  test('the function and the container reach the database that exists, by rules on its own group', () => {
    expect(rules(films())).toEqual(
      expect.arrayContaining([
        [expect.stringMatching(/^Film\w+\.GroupId$/), 'sg-0a1b2c3d4e5f60718', '5432'],
        [expect.stringMatching(/^Catalogue\w+\.GroupId$/), 'sg-0a1b2c3d4e5f60718', '5432'],
        [expect.stringMatching(/^Film\w+\.GroupId$/), expect.stringMatching(/^Cache\w+\.GroupId$/), '11211'],
        [expect.stringMatching(/^Catalogue\w+\.GroupId$/), expect.stringMatching(/^Cache\w+\.GroupId$/), '11211'],
      ]),
    );
    expect(propertiesOf(films(), 'AWS::RDS::DBInstance')).toEqual([]);
  });

  test('both may sign in to it as the application, and as nobody else', () => {
    const user = expect.stringMatching(/:dbuser:db-ABCDEFGHIJKLMNOPQRSTUVWXYZ\/films_reader$/);

    expect(grants(films(), 'FilmServiceRole')).toEqual([['rds-db:connect', [user]]]);
    expect(grants(films(), 'TaskTaskRole')).toEqual([['rds-db:connect', [user]]]);
  });

  test('both find the cache and the database in their binding, and the certificates where they are', () => {
    const lambda = propertiesOf(films(), 'AWS::Lambda::Function')[0];
    const bindings = [bindingOf(lambda.Environment.Variables.CACHE_BINDINGS), containerBinding(films())];

    for (const binding of bindings) {
      expect(binding.caches.objects).toMatchObject({ engine: 'memcached', mode: 'discovery', tls: true });
      expect(binding.databases.main).toMatchObject({
        host: 'films.c1a2b3c4d5e6.eu-central-1.rds.amazonaws.com',
        port: 5432,
        name: 'films',
        auth: { type: 'iam', region: 'eu-central-1' },
      });
    }
    expect(bindings.map(({ databases }) => databases.main?.ca)).toEqual(['/var/task/rds.pem', '/app/rds.pem']);
    expect(readdirSync(join(folder, 'database-cache', 'dist', 'function'))).toEqual(['film.js', 'rds.pem']);
  });
});

describe('session-store', () => {
  const shop = () => template('session-store', 'Shop');
  const store = expect.stringMatching(/^Store:\w+SessionsCacheSecurityGroup\w+$/);

  test('instances and containers reach the store by rules of their own stack', () => {
    expect(rules(shop())).toEqual([
      [expect.stringMatching(/^ShopInstanceSecurityGroup\w+\.GroupId$/), store, '6379'],
      [expect.stringMatching(/^CheckOutSecurityGroup\w+\.GroupId$/), store, '6379'],
    ]);
    expect(rules(template('session-store', 'Store'))).toEqual([]);
  });

  test('both may sign in to it', () => {
    const group = expect.stringMatching(/:replicationgroup:Store:\w+SessionsCache\w+$/);
    const user = expect.stringMatching(/^Store:\w+SessionsCacheUser\w+Arn\w+$/);

    expect(grants(shop(), 'TaskTaskRole')).toEqual([['elasticache:Connect', [user, group]]]);
    expect(grants(shop(), 'ShopInstanceRole')).toContainEqual(['elasticache:Connect', [user, group]]);
  });

  test('both find it in their binding: in a file that user data writes, and in a variable', () => {
    const [launch] = propertiesOf(shop(), 'AWS::EC2::LaunchTemplate');
    const userData = deployed(launch.LaunchTemplateData.UserData['Fn::Base64']);
    const [, file] = /bindings\.json <<'END'\n(.*)\nEND\n/.exec(userData) ?? [];

    for (const binding of [parseBinding(file as string, 'the user data'), containerBinding(shop())]) {
      expect(binding.caches).toEqual({
        sessions: expect.objectContaining({
          engine: 'valkey',
          mode: 'primary',
          tls: true,
          auth: expect.objectContaining({ type: 'iam', region: 'eu-central-1', serverless: false }),
        }),
      });
    }
  });
});

describe('cached-web-service', () => {
  const guests = () => template('cached-web-service', 'GuestBook');

  test('stands in the VPC, under the name and behind the certificate that exist', () => {
    const [group] = propertiesOf(guests(), 'AWS::AutoScaling::AutoScalingGroup');
    const [name] = propertiesOf(guests(), 'AWS::Route53::RecordSet');
    const listeners = propertiesOf(guests(), 'AWS::ElasticLoadBalancingV2::Listener');

    expect(propertiesOf(guests(), 'AWS::EC2::VPC')).toEqual([]);
    expect(group.VPCZoneIdentifier).toEqual(['subnet-0a1b2c3d4e5f60711', 'subnet-0a1b2c3d4e5f60712']);
    expect(name).toMatchObject({ Name: 'guests.example.com.', HostedZoneId: 'Z0123456789ABCDEFGHIJ' });
    expect(propertiesOf(guests(), 'AWS::CertificateManager::Certificate')).toEqual([]);
    expect(listeners.find(({ Protocol }) => Protocol === 'HTTPS').Certificates).toEqual([
      { CertificateArn: expect.stringContaining('certificate/0a1b2c3d-') },
    ]);
  });

  test('its instances find both caches, the database and the secret of the cookies', () => {
    const { Metadata } = Object.values<any>(guests().Resources).find(
      ({ Type }) => Type === 'AWS::AutoScaling::AutoScalingGroup',
    );
    const { binding, environment } = Metadata['cdk-elasticache:fleet'];
    const [launch] = propertiesOf(guests(), 'AWS::EC2::LaunchTemplate');
    const [, written] =
      /<<'END_OF_BINDING'\n(.*)\nEND_OF_BINDING/.exec(deployed(launch.LaunchTemplateData.UserData['Fn::Base64'])) ?? [];

    const read = parseBinding(written as string, 'the user data');
    expect(Object.keys(read.caches)).toEqual(Object.keys(binding.caches));
    expect(read.caches).toMatchObject({ objects: { engine: 'memcached' }, sessions: { engine: 'valkey' } });
    expect(read.databases.main).toMatchObject({ engine: 'postgres', ca: '/opt/app/rds.pem', auth: { type: 'iam' } });
    expect(grants(guests(), 'ServiceFleetRole')).toEqual(
      expect.arrayContaining([
        [expect.stringContaining('secretsmanager:GetSecretValue'), [deployed(environment.COOKIE_SECRET_ARN)]],
        ['elasticache:Connect', expect.anything()],
        ['rds-db:connect', expect.anything()],
      ]),
    );
  });

  test('its application lives without its caches, says so, and ends when it is told to', async () => {
    const port = await freePort();
    const gone = { host: '127.0.0.1', port: 1, tls: false };
    const binding: Binding = {
      version: 1,
      caches: {
        objects: { ...gone, engine: 'memcached', mode: 'node', auth: { type: 'none' } },
        sessions: { ...gone, engine: 'valkey', mode: 'primary', auth: { type: 'none' } },
      },
      databases: {
        main: { ...gone, engine: 'postgres', name: 'app', user: 'app', auth: { type: 'password', password: 'none' } },
      },
      metricsNamespace: 'GuestBook',
    };
    const server = spawn(process.execPath, ['dist/service/server.js'], {
      cwd: join(folder, 'cached-web-service'),
      env: { PORT: String(port), COOKIE_SECRET: 'a secret', CACHE_BINDINGS: JSON.stringify(binding) },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const exit = once(server, 'exit');

    expect(await answer(server, port)).toBe('ok');
    server.kill('SIGTERM');
    expect((await exit)[0]).toBe(0);
  });
});

/** What the application says to the load balancer, once it listens. */
async function answer(server: ChildProcess, port: number): Promise<string> {
  while (server.exitCode === null) {
    try {
      return await (await fetch(`http://127.0.0.1:${port}/healthz`, { headers: { connection: 'close' } })).text();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error(`the application ended with ${server.exitCode}`);
}
