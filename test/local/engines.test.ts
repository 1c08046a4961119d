import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Engines, requireVersion } from '../../local/engines';
import { temporaryFolder } from '../engines/temporary-folder';

const kept = process.env.PATH;

afterEach(() => {
  process.env.PATH = kept;
});

/** A PATH with these programs only; each is a shell script. */
function pathWith(programs: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder('path');
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  symlinkSync('/bin/sh', join(folder, 'sh'));
  process.env.PATH = folder;
  return folder;
}

function enginesIn(directory: string, install: boolean, report: (line: string) => void = () => {}): Engines {
  mkdirSync(directory, { recursive: true });
  return new Engines({ directory, install, report });
}

test.each([
  ['valkey', 'valkey-server', 'Valkey server v=8.1.2 sha=0', 'Valkey 8.1.2'],
  ['valkey', 'redis-server', 'Redis server v=7.2.4 sha=0', 'Redis 7.2.4'],
  ['memcached', 'memcached', 'memcached 1.6.31', 'memcached 1.6.31'],
] as const)('finds %s on the PATH as %s', async (kind, program, says, product) => {
  const folder = pathWith({ [program]: `echo "${says}"` });

  const found = await enginesIn(join(folder, 'state'), false).server(kind);

  expect(found).toMatchObject({ path: join(folder, program), product });
});

test('prefers Valkey to the stand-in', async () => {
  const folder = pathWith({ 'redis-server': 'echo "v=7.2.4"', 'valkey-server': 'echo "v=8.1.2"' });

  expect((await enginesIn(join(folder, 'state'), false).server('valkey')).product).toBe('Valkey 8.1.2');
});

test('a missing engine that cannot be fetched: one clear line with the command that installs it', async () => {
  const folder = pathWith({ brew: 'exit 1' });

  await expect(enginesIn(join(folder, 'state'), false).server('memcached')).rejects.toThrow(
    'Install the engines with `brew install valkey memcached`. Or start again with --install-engines.',
  );
});

test('--install-engines shows the command, then runs it', async () => {
  const folder = pathWith({});
  writeFileSync(
    join(folder, 'brew'),
    `#!/bin/sh\necho "$@" > ${folder}/ran\nprintf '#!/bin/sh\\necho memcached 1.6.40\\n' > ${folder}/memcached\n/bin/chmod +x ${folder}/memcached\n`,
    { mode: 0o755 },
  );
  const lines: string[] = [];

  const found = await enginesIn(join(folder, 'state'), true, (line) => lines.push(line)).server('memcached');

  expect(lines).toEqual(['running: brew install valkey memcached']);
  expect(readFileSync(join(folder, 'ran'), 'utf8')).toBe('install valkey memcached\n');
  expect(found.product).toBe('memcached 1.6.40');
});

test('an install that fails says so', async () => {
  const folder = pathWith({ brew: 'echo "no network" >&2; exit 1' });

  await expect(enginesIn(join(folder, 'state'), true).server('memcached')).rejects.toThrow(
    '`brew install valkey memcached` failed: no network',
  );
});

test.each([
  ['Redis 6.2.14', [7, 0], '/bin/redis-server is Redis 6.2.14: at least 7.0 is needed'],
  ['memcached 1.5.22', [1, 6, 12], '/bin/memcached is memcached 1.5.22: at least 1.6.12 is needed'],
  ['memcached 1.6.6', [1, 6, 12], '/bin/memcached is memcached 1.6.6: at least 1.6.12 is needed'],
])('fails if an engine is too old: %s', (product, least, message) => {
  const path = `/bin/${product.startsWith('Redis') ? 'redis-server' : 'memcached'}`;

  expect(() => requireVersion({ path, product, environment: {} }, least)).toThrow(message);
});

test.each([
  ['Valkey 8.0.1', [7, 0]],
  ['Redis 7.0.0', [7, 0]],
  ['memcached 1.6.12', [1, 6, 12]],
  ['memcached 2.0.0', [1, 6, 12]],
])('an engine that is new enough is taken: %s', (product, least) => {
  const binary = { path: '/bin/x', product, environment: {} };

  expect(requireVersion(binary, least)).toBe(binary);
});
