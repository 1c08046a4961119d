import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OpenLoad } from '../../drill/open-load';
import { type LocalEnvironment, updateRunning } from '../../local/environment';
import { eventually, sleep } from '../engines/running';
import { changeTemplate, copyOfAssembly, removeFolders, stateDirectory, up } from './local/environments';

let environment: LocalEnvironment;
let assembly: string;
let state: string;

beforeAll(async () => {
  assembly = copyOfAssembly();
  state = stateDirectory();
  environment = await up({ assembly, stateDirectory: state });
});

afterAll(async () => {
  await environment?.close();
  removeFolders();
});

/** What `up` does when it is called again. */
async function upAgain(): Promise<string[]> {
  const lines: string[] = [];
  await updateRunning({ assembly, environment: 'dev', stateDirectory: state, report: (line) => lines.push(line) });
  return lines;
}

const pidsOf = (what: RegExp) => [...environment.pids].filter(([name]) => what.test(name)).map(([, pid]) => pid);

test('`up` again without a change changes nothing', async () => {
  const before = [...environment.pids];

  expect(await upAgain()).toEqual(['✓ nothing has changed']);
  expect([...environment.pids]).toEqual(before);
});

test('`up` again with another version replaces every instance and drops no request', async () => {
  changeTemplate(assembly, 'service', (text) =>
    text.replaceAll('"KEEP_ALIVE_MS": "65000"', '"KEEP_ALIVE_MS": "66000"'),
  );
  const [instances, engines] = [environment.instancePids, pidsOf(/^(Valkey|memcached|PostgreSQL)/)];
  for (const film of [1, 2, 3, 4, 5]) {
    // A cold service may shed what comes all at once.
    await eventually(async () => expect((await fetch(`${environment.address}/films/${film}`)).status).toBe(200));
  }
  const load = new OpenLoad(
    50,
    async (number) => (await fetch(`${environment.address}/films/${1 + (number % 5)}`)).status,
  );
  await sleep(500);

  const lines = await upAgain();

  await sleep(500);
  const calls = await load.stop();
  expect(lines).toEqual(['✓ 2 instances replaced, one after the other']);
  expect(calls.length).toBeGreaterThan(50);
  expect(calls.filter(({ result }) => result !== 200)).toEqual([]);
  expect(environment.instancePids).toHaveLength(2);
  expect(environment.instancePids.filter((pid) => instances.includes(pid))).toEqual([]);
  expect(pidsOf(/^(Valkey|memcached|PostgreSQL)/)).toEqual(engines);
});

test('more nodes, more replicas and other parameters come while it runs', async () => {
  changeTemplate(assembly, 'data', (text) =>
    text
      .replace('"NumCacheNodes": 2', '"NumCacheNodes": 3')
      .replace('"NumCacheClusters": 2', '"NumCacheClusters": 3')
      .replace('"maxmemory-policy": "noeviction"', '"maxmemory-policy": "allkeys-lru"'),
  );
  const instances = environment.instancePids;

  const lines = await upAgain();

  const [sessions, objects] = ['Sessions', 'Objects'].map((name) => lines.filter((line) => line.includes(name)));
  expect(sessions).toEqual([expect.stringMatching(/: 2 replicas$/), expect.stringMatching(/: users and parameters$/)]);
  expect(objects).toEqual([expect.stringMatching(/: 3 nodes$/)]);
  expect(environment.instancePids).toEqual(instances);
  const topology = await environment.topology();
  expect(topology.caches.map(({ nodes }) => nodes.filter(({ isUp }) => isUp).length)).toEqual([3, 3]);
});

test('what cannot change while it runs is named, and nothing is changed', async () => {
  changeTemplate(assembly, 'data', (text) => text.replace('"DBName": "app"', '"DBName": "other"'));
  const before = [...environment.pids];

  await expect(upAgain()).rejects.toThrow(
    /^`databaseName` of dev\/data\/Database\w+ cannot change while the environment runs: end it, and start it again\. Nothing was changed$/,
  );
  expect([...environment.pids]).toEqual(before);
  changeTemplate(assembly, 'data', (text) => text.replace('"DBName": "other"', '"DBName": "app"'));
});

test('a version that does not start is told, and the old one goes on', async () => {
  for (const name of readdirSync(assembly)) {
    if (existsSync(join(assembly, name, 'server.js'))) {
      writeFileSync(join(assembly, name, 'broken.js'), 'process.exit(3);\n');
    }
  }
  const entry = '"entry": "server.js"';
  changeTemplate(assembly, 'service', (text) => text.replaceAll(entry, '"entry": "broken.js"'));

  await expect(upAgain()).rejects.toThrow(
    /^the new version does not start, the old one goes on: instance i-local-\d+ ended with status 3/,
  );

  expect(environment.instancePids).toHaveLength(2);
  expect((await fetch(`${environment.address}/films/1`)).status).toBe(200);

  changeTemplate(assembly, 'service', (text) => text.replaceAll('"entry": "broken.js"', entry));
  expect(await upAgain()).toEqual(['✓ nothing has changed']);
});
