import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../local/port';
import { PROJECT } from '../engines/folders';
import { isRunning } from '../engines/processes';

/** Who runs it: an ordinary user, made for the test where the test runs as root. */
const USER: { uid?: number; gid?: number } = process.getuid?.() === 0 ? ordinaryUser('cdk-elasticache-test') : {};

let home: string;
let clone: string;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'fresh-clone-'));
  clone = join(home, 'clone');
  execFileSync('git', ['clone', '--quiet', PROJECT, clone]);
  if (USER.uid !== undefined) {
    execFileSync('chown', ['-R', `${USER.uid}:${USER.gid}`, home]);
  }
});

afterAll(() => rmSync(home, { recursive: true, force: true }));

/** PostgreSQL asks for the name of who runs it, so the user must exist. */
function ordinaryUser(name: string): { uid: number; gid: number } {
  const id = (flag: string) => Number(execFileSync('id', [flag, name], { stdio: ['ignore', 'pipe', 'ignore'] }));
  try {
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    execFileSync('useradd', ['--no-create-home', name]);
    return { uid: id('-u'), gid: id('-g') };
  }
}

function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, HOME: home, LANG: 'C.UTF-8' };
}

/** `npm start`, until it says where the page is. */
async function start(): Promise<{ address: string; seconds: number; output: string; process: ChildProcess }> {
  const port = await freePort();
  const startedAt = Date.now();
  const npm = spawn('npm', ['start', '--', '--port', String(port)], { ...USER, cwd: clone, env: environment() });
  let output = '';
  await new Promise<void>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk;
      if (output.includes('Ctrl-C ends it')) {
        resolve();
      }
    };
    npm.stdout.on('data', read);
    npm.stderr.on('data', read);
    npm.on('exit', () => reject(new Error(output)));
  });
  return { address: `http://localhost:${port}`, seconds: (Date.now() - startedAt) / 1_000, output, process: npm };
}

/** Ends it as a supervisor would, and says which of its processes are left. */
async function end(npm: ChildProcess): Promise<number[]> {
  const noted = readFileSync(join(clone, '.cdk-elasticache', 'environments', 'dev', 'processes'), 'utf8');
  const exited = new Promise((resolve) => npm.on('exit', resolve));
  npm.kill('SIGTERM');
  await exited;
  // npm may end a moment before what it started.
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const pids = noted
    .trim()
    .split('\n')
    .map((line) => Number(line.split(' ')[0]));
  expect(pids.length).toBeGreaterThanOrEqual(7);
  return pids.filter(isRunning);
}

test('`npm start` on a fresh clone, as an ordinary user: a page in under 5 minutes', async () => {
  const run = await start();
  const page = await (await fetch(run.address)).text();

  expect(page).toContain('3,201 films');
  expect(run.seconds).toBeLessThan(300);
  console.log(`first \`npm start\`: ${run.seconds.toFixed(0)} s`);
  expect(await end(run.process)).toEqual([]);
});

test('the second time, nothing having changed: a page in under 15 seconds', async () => {
  const run = await start();

  expect(run.output).toMatch(/✓ install \(unchanged\)[\s\S]*✓ build \(unchanged\)[\s\S]*✓ synth \(unchanged\)/);
  expect((await fetch(run.address)).status).toBe(200);
  expect(run.seconds).toBeLessThan(15);
  console.log(`second \`npm start\`: ${run.seconds.toFixed(1)} s`);
  expect(await end(run.process)).toEqual([]);
});

test('after an edit the new page is there, and only what depends on it was done again', async () => {
  const file = join(clone, 'service', 'pages', 'layout.tsx');
  writeFileSync(file, readFileSync(file, 'utf8').replace('Search 3,201 films', 'Edited by a test'));

  const run = await start();

  expect(await (await fetch(run.address)).text()).toContain('Edited by a test');
  expect(run.output).toContain('✓ install (unchanged)');
  expect(run.output).toMatch(/✓ build \(\d/);
  expect(run.output).toMatch(/✓ synth \(\d/);
  expect(await end(run.process)).toEqual([]);
});
