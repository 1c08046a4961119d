import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Path of a file that is shipped with this package, whether this code runs from its source or compiled. */
export function packageFile(...path: string[]): string {
  for (let folder = __dirname; folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) {
      const file = join(folder, ...path);
      if (!existsSync(file)) {
        throw new Error(`${file} is missing: in a clone of the repository run \`npm run build\` first`);
      }
      return file;
    }
  }
  throw new Error(`no package.json above ${__dirname}`);
}
