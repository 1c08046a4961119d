import { join } from 'node:path';
import { build } from 'esbuild';
import { defaultStateDirectory } from '../../local/state-directory';
import { PROJECT } from '../report';

/**
 * Bundles the worker, as an application would be: a loader that transforms at run time names each function as it is
 * made, which would slow down whatever is written in TypeScript and nothing else.
 *
 * @param runtime a folder to take the runtime from instead of this project's, to measure another version
 * @returns the path of the script
 */
export async function bundleWorker(runtime?: string): Promise<string> {
  // One for each run, in the project, so that packages are found.
  const outfile = join(defaultStateDirectory(PROJECT), 'bench', `worker-${process.pid}.cjs`);
  await build({
    entryPoints: [join(__dirname, 'worker.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    packages: 'external',
    logLevel: 'silent',
    plugins:
      runtime === undefined
        ? []
        : [
            {
              name: 'another runtime',
              setup: ({ onResolve, resolve }) =>
                onResolve({ filter: /^\.\.\/\.\.\/runtime/ }, ({ path }) =>
                  resolve(path.replace('../../runtime', runtime), { kind: 'import-statement', resolveDir: '/' }),
                ),
            },
          ],
  });
  return outfile;
}
