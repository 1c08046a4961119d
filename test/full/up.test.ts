import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { writeAssembly, writtenFleet } from '../assembly/write-assembly';
import { engineFolder } from '../engines/folders';
import { isRunning } from '../engines/processes';
import { eventually } from '../engines/running';
import { changeTemplate, copyOfAssembly, removeFolders, stateDirectory, up } from './local/environments';

/** Process ids that an environment has noted. */
function noted(state: string, environment = 'dev'): number[] {
  return readFileSync(join(state, 'environments', environment, 'processes'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => Number(line.split(' ')[0]));
}

/** The configuration that a node was started with. */
function configurationOf(environment: string, node: string): string {
  const caches = join(environment, 'caches');
  const group = readdirSync(caches).find((name) => existsSync(join(caches, name, node))) as string;
  return readFileSync(join(caches, group, node, 'valkey.conf'), 'utf8');
}

afterAll(removeFolders);

test('starts the whole environment, serves, replaces an instance, and ends every process it started', async () => {
  const state = stateDirectory();
  const lines: string[] = [];
  const environment = await up({ stateDirectory: state, report: (line) => lines.push(line) });
  const pids = noted(state);
  try {
    expect(lines.map((line) => line.replace(/ [\d.]+ s/, ' N s').replace(/\d+\.\d+(\.\d+)?/, 'V'))).toEqual([
      'environment dev; --environment starts another: staging, prod',
      expect.stringMatching(/^✓ (Valkey|Redis) V.*: primary and 1 replica/),
      expect.stringMatching(/^✓ memcached V: 2 nodes/),
      expect.stringMatching(/^✓ PostgreSQL V/),
      expect.stringMatching(/^✓ migrations and database role/),
      expect.stringMatching(/^✓ 2 instances behind the load balancer/),
    ]);
    const answers = await Promise.all([1, 2, 3, 4].map(() => fetch(`${environment.address}/films/1`)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(new Set(answers.map(({ headers }) => headers.get('x-instance')))).toEqual(
      new Set(['i-local-1', 'i-local-2']),
    );

    process.kill(environment.instancePids[0] as number, 'SIGKILL');

    await eventually(async () => {
      const seen = new Set<string | null>();
      for (let request = 0; request < 4; request += 1) {
        seen.add((await fetch(`${environment.address}/`)).headers.get('x-instance'));
      }
      expect(seen).toEqual(new Set(['i-local-2', 'i-local-3']));
    }, 10_000);
    expect(lines.at(-1)).toBe('! instance i-local-1 ended by SIGKILL and is replaced');
  } finally {
    pids.push(...noted(state));
    await environment.close();
  }
  expect(pids.length).toBeGreaterThanOrEqual(8);
  expect(pids.filter(isRunning)).toEqual([]);
});

test('prod, over plain HTTP: as many of each as the template says, and a member signs in', async () => {
  const lines: string[] = [];
  const environment = await up({
    stateDirectory: stateDirectory(),
    environment: 'prod',
    report: (line) => lines.push(line),
  });
  try {
    expect(lines.join('\n')).toMatch(/primary and 2 replicas .*\n.*: 3 nodes .*\n[\s\S]*✓ 3 instances behind/);
    expect([...environment.pids.keys()].filter((name) => /^[VmP].* prod\/data\//.test(name))).toHaveLength(3 + 3 + 1);
    expect(environment.instancePids).toHaveLength(3);

    // Chromium, Firefox and curl take a cookie that is for HTTPS from localhost, which nobody on the way can read.
    const cookies = (answer: Response) => answer.headers.getSetCookie().map((cookie) => cookie.split(';')[0] as string);
    const form = await fetch(`${environment.address}/sign-in`);
    const [anonymous] = cookies(form);
    const token = /name="_csrf" value="([^"]+)"/.exec(await form.text())?.[1] as string;
    const signedIn = await fetch(`${environment.address}/sign-in`, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie: anonymous as string },
      body: new URLSearchParams({ name: 'Ada', _csrf: token }),
    });
    const [cookie] = cookies(signedIn);
    const pages = await Promise.all(
      [1, 2, 3].map(async () =>
        (await fetch(`${environment.address}/me`, { headers: { cookie: cookie as string } })).text(),
      ),
    );

    expect(signedIn.status).toBe(303);
    expect(cookie).toMatch(/^__Host-sid=/);
    expect(pages.map((page) => /<h1>(.*?)<\/h1>/.exec(page)?.[1])).toEqual(['Ada', 'Ada', 'Ada']);
  } finally {
    await environment.close();
  }
});

test('parameters of a group reach its engine, and those that it does not take are told', async () => {
  const lines: string[] = [];
  const server = `require('node:http').createServer((_, answer) => answer.end()).listen(process.env.PORT, process.env.HOST)`;
  const { directory } = writeAssembly({
    stacks: {
      Mine: {
        Resources: {
          Group: writtenFleet(),
          Cache: {
            Type: 'AWS::ElastiCache::ReplicationGroup',
            Properties: { Engine: 'valkey', NumCacheClusters: 2, CacheParameterGroupName: { Ref: 'Parameters' } },
          },
          Objects: {
            Type: 'AWS::ElastiCache::CacheCluster',
            Properties: { Engine: 'memcached', NumCacheNodes: 1, CacheParameterGroupName: { Ref: 'Parameters' } },
          },
          Parameters: {
            Type: 'AWS::ElastiCache::ParameterGroup',
            Properties: { Properties: { 'maxmemory-policy': 'allkeys-lfu', 'close-on-replica-write': 'yes' } },
          },
          Old: { Type: 'AWS::RDS::DBInstance', Properties: { Engine: 'sqlserver-ex' } },
          Queue: { Type: 'AWS::SQS::Queue' },
        },
      },
    },
  });
  writeFileSync(join(directory, 'asset', 'server.js'), server);
  // With a space, as folders of people have.
  const state = join(stateDirectory(), 'with space');
  mkdirSync(state);
  symlinkSync(engineFolder(), join(state, 'engines'));
  const environment = await up({ stateDirectory: state, assembly: directory, report: (line) => lines.push(line) });
  try {
    const ofReplica = configurationOf(join(state, 'environments', 'Mine'), 'mine-cache-002');

    expect(ofReplica).toContain('maxmemory-policy allkeys-lfu\n');
    expect(ofReplica).not.toContain('close-on-replica-write');
    expect(lines.filter((line) => line.startsWith('!'))).toEqual([
      '! Mine/Old is not started: sqlserver-ex does not run here: PostgreSQL, MySQL and MariaDB do',
      '! not run here: AWS::SQS::Queue',
      '! parameters of Mine/Cache that are not applied here: close-on-replica-write',
      '! parameters of Mine/Objects that are not applied here: maxmemory-policy, close-on-replica-write',
    ]);
    expect((await fetch(environment.address as string)).status).toBe(200);
  } finally {
    await environment.close();
  }
});

test('two environments run side by side on other ports, and data stay where they were', async () => {
  const state = stateDirectory();
  const first = await up({ stateDirectory: state });
  const second = await up({ stateDirectory: state });
  try {
    expect(first.address).not.toBe(second.address);
    expect((await fetch(`${first.address}/healthz`)).status).toBe(200);
    expect((await fetch(`${second.address}/healthz`)).status).toBe(200);
  } finally {
    await first.close();
    await second.close();
  }

  const again = await up({ stateDirectory: state });
  try {
    expect((await fetch(`${again.address}/films/1`)).status).toBe(200);
  } finally {
    await again.close();
  }
});

test('an engine that ends is named, with the end of its log', async () => {
  const environment = await up({ stateDirectory: stateDirectory() });
  const [name, pid] = [...environment.pids].find(([engine]) => engine.startsWith('PostgreSQL')) as [string, number];
  try {
    process.kill(pid, 'SIGKILL');

    await expect(environment.broken).rejects.toThrow(
      new RegExp(`^${name.replaceAll('.', '\\.')} ended by SIGKILL, the end of its log:\\n {2}\\| .*`),
    );
  } finally {
    await environment.close();
  }
});

test('fails if the port is in use, before anything is started', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve));
  const { port } = server.address() as { port: number };
  const state = stateDirectory();
  try {
    await expect(up({ stateDirectory: state, port })).rejects.toThrow(
      `port ${port} is in use: choose another with --port, or leave it out and a free one is taken`,
    );
    expect(existsSync(join(state, 'environments', 'dev', 'processes'))).toBe(false);
  } finally {
    server.close();
  }
});

test('an instance that fails its health check is replaced', async () => {
  const assembly = copyOfAssembly();
  changeTemplate(assembly, 'service', (text) => {
    const template = JSON.parse(text);
    const targets: any = Object.values(template.Resources).find(
      ({ Type }: any) => Type === 'AWS::ElasticLoadBalancingV2::TargetGroup',
    );
    Object.assign(targets.Properties, { HealthCheckIntervalSeconds: 1, HealthCheckTimeoutSeconds: 1 });
    return JSON.stringify(template);
  });
  const lines: string[] = [];
  const environment = await up({
    stateDirectory: stateDirectory(),
    assembly,
    environment: 'dev',
    report: (line) => lines.push(line),
  });
  try {
    const [hung] = environment.instancePids as [number];
    process.kill(hung, 'SIGSTOP');

    await eventually(() => {
      expect(lines).toContain('! instance i-local-1 failed its health check and is replaced');
      expect(environment.service?.loadBalancer.healthyPorts).toHaveLength(2);
    }, 15_000);
    const answers = await Promise.all([1, 2, 3, 4].map(() => fetch(`${environment.address}/healthz`)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  } finally {
    await environment.close();
  }
});

test('what no security group lets through does not start, and the rule is named', async () => {
  const assembly = copyOfAssembly();
  changeTemplate(assembly, 'service', (text) => {
    const template = JSON.parse(text);
    const [id] = Object.entries(template.Resources as Record<string, any>).find(
      ([name, { Type }]) => Type === 'AWS::EC2::SecurityGroupIngress' && /Sessions/.test(name),
    ) as [string, unknown];
    delete template.Resources[id];
    return JSON.stringify(template);
  });
  const state = stateDirectory();

  await expect(up({ stateDirectory: state, assembly, environment: 'dev' })).rejects.toThrow(
    /^no rule lets dev\/service\/Service\S+ reach dev\/data\/SessionsCache\w+ on tcp 6379: the security group dev\/data\/SessionsCacheSecurityGroup\w+ has no ingress from dev\/service\/Service\S+; /,
  );
  expect(existsSync(join(state, 'environments', 'dev', 'processes'))).toBe(false);
});

test('an engine that dies at its start is named, with the end of its log', async () => {
  const state = stateDirectory();
  const first = await up({ stateDirectory: state });
  await first.close();
  const [database] = readdirSync(join(state, 'environments', 'dev', 'databases'));
  const data = join(state, 'environments', 'dev', 'databases', database as string, 'data');
  writeFileSync(join(data, 'PG_VERSION'), '9.0\n');

  await expect(up({ stateDirectory: state })).rejects.toThrow(
    /^PostgreSQL [\d.]+ dev\/data\/Database\w+ ended with status 1, the end of its log:\n {2}\| .*FATAL: .*database files are incompatible/s,
  );
});

test('fails if the state directory cannot be written to', async () => {
  await expect(up({ stateDirectory: '/dev/null/state' })).rejects.toThrow(
    'the state directory /dev/null/state cannot be written to (ENOTDIR): choose another with --state-dir',
  );
});

test('fails if the state directory is of a newer version', async () => {
  const state = stateDirectory();
  writeFileSync(join(state, 'layout'), '99');

  await expect(up({ stateDirectory: state })).rejects.toThrow(
    `the state directory ${state} was written by a newer version of cdk-elasticache: update this one, or choose another directory with --state-dir`,
  );
});

test.each([
  ['full', 'is full (ENOSPC)', (path: string) => spawnSync('dd', ['if=/dev/zero', `of=${join(path, 'rest')}`])],
  ['read-only', 'is read-only (EROFS)', (path: string) => spawnSync('mount', ['-o', 'remount,ro', path])],
])('fails if the state directory is %s', async (_, problem, spoil) => {
  const state = stateDirectory();
  // Only root may mount.
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', state], { encoding: 'utf8' });
  expect([mounted.status, mounted.stderr]).toEqual([0, '']);
  try {
    symlinkSync(engineFolder(), join(state, 'engines'));
    mkdirSync(join(state, 'environments'));
    writeFileSync(join(state, 'layout'), '2');
    spoil(state);

    await expect(up({ stateDirectory: state })).rejects.toThrow(`the state directory ${state} ${problem}`);
  } finally {
    spawnSync('umount', ['--lazy', state]);
  }
});
