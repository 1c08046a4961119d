import { readFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { PROJECT } from '../report';

/** Packages whose figures are in the tables. */
const PACKAGES = [
  '@redis/client',
  'ioredis',
  'memjs',
  'async-cache-dedupe',
  'keyv',
  '@keyv/redis',
  'cacheable',
  'cache-manager',
  '@epic-web/cachified',
  'bentocache',
  'lru-cache',
  'express-session',
  'connect-redis',
];

/** Programs that run besides; a machine that does nothing has less. */
const IDLE_LOAD = 0.5;

/** On what and with which versions a run was made. */
export function machine(engines: readonly string[]) {
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB, loopback, plain TCP`,
    node: `Node ${process.version}`,
    engines: engines.join(', '),
    packages: PACKAGES.map((name) => `${name} ${versionOf(name)}`).join(', '),
  };
}

function versionOf(name: string): string {
  return JSON.parse(readFileSync(join(PROJECT, 'node_modules', name, 'package.json'), 'utf8')).version;
}

/** Says when figures will be worth little, because the machine is busy with something else. */
export function warnIfBusy(): void {
  const load = loadavg()[0] as number;
  if (load > IDLE_LOAD) {
    console.log(`The machine is busy (load average ${load.toFixed(1)}): the figures will be too.`);
  }
}
