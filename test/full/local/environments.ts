import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalEnvironment, type UpOptions } from '../../../local/environment';
import { engineFolder, PROJECT, testFolder } from '../../engines/folders';

const folders: string[] = [];

/** A state directory of its own that shares the engines with all other tests. */
export function stateDirectory(): string {
  const folder = testFolder();
  folders.push(folder);
  if (existsSync(engineFolder())) {
    symlinkSync(engineFolder(), join(folder, 'engines'));
  }
  return folder;
}

/** Starts an environment of this project, `dev` unless it is said otherwise. */
export function up(options: Partial<UpOptions> & { readonly stateDirectory: string }): Promise<LocalEnvironment> {
  return LocalEnvironment.start({
    assembly: join(PROJECT, 'cdk.out'),
    installEngines: false,
    report: () => {},
    ...options,
  });
}

/** A copy of this project's assembly whose files a test may change. */
export function copyOfAssembly(): string {
  const folder = mkdtempSync(join(tmpdir(), 'assembly-'));
  folders.push(folder);
  cpSync(join(PROJECT, 'cdk.out'), folder, { recursive: true });
  return folder;
}

/** Changes the text of a template of `dev`. */
export function changeTemplate(assembly: string, stack: 'data' | 'service', change: (text: string) => string): void {
  const directory = join(assembly, 'assembly-dev');
  const manifest = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8'));
  const found = Object.values(manifest.artifacts as Record<string, { displayName?: string; properties?: any }>).find(
    ({ displayName, properties }) => displayName === `dev/${stack}` && properties?.templateFile !== undefined,
  );
  const file = join(directory, found?.properties.templateFile);
  const before = readFileSync(file, 'utf8');
  const after = change(before);
  if (after === before) {
    throw new Error(`the change of ${stack} changed nothing`);
  }
  writeFileSync(file, after);
}

export function removeFolders(): void {
  for (const folder of folders.splice(0)) {
    rmSync(folder, { recursive: true, force: true });
  }
}
