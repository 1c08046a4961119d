import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { PROJECT } from './engines/folders';

const BINDING = 'runtime/binding.ts';
const EVERYTHING = [
  'assembly',
  'bin',
  'lib',
  'runtime',
  'service',
  'rotation',
  'ops',
  'local',
  'drill',
  'bench',
  'test',
];

/** Who may import what of ours: DESIGN's table. A folder may always import itself. */
const ALLOWED: Record<string, readonly string[]> = {
  assembly: [BINDING],
  bin: EVERYTHING.filter((folder) => folder !== 'test'),
  lib: ['assembly', BINDING],
  runtime: [],
  service: ['runtime'],
  rotation: [],
  ops: [BINDING],
  local: ['assembly', BINDING],
  drill: [BINDING],
  bench: EVERYTHING,
  test: EVERYTHING,
};

/** Packages that a folder must not know. */
const FOREIGN: Record<string, RegExp> = {
  assembly: /^(?!node:)/,
  lib: /^(?!node:|aws-cdk-lib(\/|$)|constructs$)/,
  runtime: /^(aws-cdk-lib|constructs|pg|mysql2|fastify|kysely)(\/|$)/,
  service: /^(aws-cdk-lib|constructs)(\/|$)/,
  local: /^(aws-cdk-lib|constructs)(\/|$)/,
};

/** Imports that break the table, each as `file -> import`. */
function violations(files: ReadonlyMap<string, string>): string[] {
  return [...files].flatMap(([file, source]) => {
    const folder = file.split('/')[0] as string;
    return importsOf(source).flatMap((specifier) => {
      if (!specifier.startsWith('.')) {
        return FOREIGN[folder]?.test(specifier) ? [`${file} -> ${specifier}`] : [];
      }
      const target = relative(PROJECT, resolve(PROJECT, dirname(file), specifier));
      const targetFolder = target.split('/')[0] as string;
      const allowed =
        targetFolder === folder ||
        !EVERYTHING.includes(targetFolder) ||
        (ALLOWED[folder] ?? []).some((entry) => entry === targetFolder || entry === `${target}.ts`);
      return allowed ? [] : [`${file} -> ${specifier}`];
    });
  });
}

function importsOf(source: string): string[] {
  return [...source.matchAll(/(?:from|import|require)\s*\(?\s*['"]([^'"\s]+)['"]/g)].map((match) => match[1] as string);
}

function sources(): Map<string, string> {
  const files = new Map<string, string>();
  for (const folder of EVERYTHING) {
    for (const entry of list(join(PROJECT, folder))) {
      files.set(relative(PROJECT, entry), readFileSync(entry, 'utf8'));
    }
  }
  return files;
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(tsx?|mjs)$/.test(name))
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}

test('every folder imports only what the design lets it', () => {
  const files = sources();

  expect(files.size).toBeGreaterThan(60);
  expect(violations(files)).toEqual([]);
});

test('the Memcached client stands alone', () => {
  const own = [...sources()].filter(([file]) => file.startsWith('runtime/memcached/'));
  const foreign = own.flatMap(([file, source]) =>
    importsOf(source)
      .filter((specifier) => !specifier.startsWith('node:') && !/^\.\/[a-z-]+$/.test(specifier))
      .map((specifier) => `${file} -> ${specifier}`),
  );

  expect(own.length).toBeGreaterThan(5);
  expect(foreign).toEqual([]);
});

test.each([
  ['lib/bad.ts', "import { connect } from '../runtime';", 'lib/bad.ts -> ../runtime'],
  ['lib/bad.ts', "import pg from 'pg';", 'lib/bad.ts -> pg'],
  ['runtime/bad.ts', "import { CacheEngine } from '../lib';", 'runtime/bad.ts -> ../lib'],
  [
    'runtime/redis/bad.ts',
    "const x = await import('../../service/films');",
    'runtime/redis/bad.ts -> ../../service/films',
  ],
  ['local/bad.ts', "import { buildApp } from '../service/app';", 'local/bad.ts -> ../service/app'],
  ['bin/bad.ts', "import { timed } from '../test/engines/running';", 'bin/bad.ts -> ../test/engines/running'],
])('names the offender: %s with %s', (file, source, offence) => {
  expect(violations(new Map([[file, source]]))).toEqual([offence]);
});
