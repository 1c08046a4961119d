import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '../../engines/temporary-folder';

/** A new directory with these files; what is no text is written as JSON. */
export function directoryOf(files: Readonly<Record<string, unknown>>): string {
  const directory = temporaryFolder('baseline');
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return directory;
}

/** A file with this content. */
export function fileOf(content: unknown): string {
  return join(directoryOf({ 'file.json': content }), 'file.json');
}
