import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { LocalEnvironment } from '../../local/environment';
import { engineFolder, PROJECT, testFolder } from '../engines/folders';
import { isRunning } from '../engines/processes';
import { eventually } from '../engines/running';
import { writeAssembly, writtenFleet } from '../local/write-assembly';

const folders: string[] = [];

/** A state directory of its own that shares the engines with all other tests. */
function stateDirectory(): string {
  const folder = testFolder();
  folders.push(folder);
  if (existsSync(engineFolder())) {
    symlinkSync(engineFolder(), join(folder, 'engines'));
  }
  return folder;
}

async function up(options: {
  stateDirectory: string;
  assembly?: string;
  environment?: string;
  port?: number;
  report?: (line: string) => void;
}) {
  return LocalEnvironment.start({
    assembly: join(PROJECT, 'cdk.out'),
    installEngines: false,
    report: options.report ?? (() => {}),
    ...options,
  });
}

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

afterAll(() => {
  for (const folder of folders) {
    rmSync(folder, { recursive: true, force: true });
  }
});

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
    expect([...environment.enginePids.keys()].filter((name) => name.includes('prod/data/'))).toHaveLength(3 + 3 + 1);
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
          Old: { Type: 'AWS::RDS::DBInstance', Properties: { Engine: 'mysql' } },
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
    const ofReplica = configurationOf(join(state, 'environments', 'Mine'), 'Mine-Cache-002');

    expect(ofReplica).toContain('maxmemory-policy allkeys-lfu\n');
    expect(ofReplica).not.toContain('close-on-replica-write');
    expect(lines.filter((line) => line.startsWith('!'))).toEqual([
      '! Mine/Old is not started: MySQL does not run here yet, PostgreSQL does',
      expect.stringMatching(
        /^! parameters of Mine\/Cache that (Valkey|Redis) [\d.]+ does not take: close-on-replica-write$/,
      ),
      '! parameters of Mine/Objects that are not applied here: maxmemory-policy, close-on-replica-write',
    ]);
    expect((await fetch(environment.address)).status).toBe(200);
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
  const [name, pid] = [...environment.enginePids].find(([engine]) => engine.startsWith('PostgreSQL')) as [
    string,
    number,
  ];
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

test('fails if the state directory cannot be written to', async () => {
  await expect(up({ stateDirectory: '/dev/null/state' })).rejects.toThrow(
    'the state directory /dev/null/state cannot be written to (ENOTDIR): choose another with --state-dir',
  );
});
