import { createHash } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { Problem } from '../assembly/problem';
import { fileName } from './managed-process';
import { isOpenToOthers, unprivilegedIdentity } from './unprivileged';
import type { UpdateAddress } from './update-channel';

/** More environments than a machine can hold side by side. */
const MOST_ENVIRONMENTS = 50;

/** How long what a killed `up` left behind may take to end by itself, in milliseconds. */
const LEFTOVER_GRACE_MS = 3_000;

/**
 * Version of the folder's layout. Version 1 had no file that says so; of its environments only the databases and their
 * passwords are kept, and both are where they were.
 */
const LAYOUT = 2;

/** What an error of the file system means to the user, where it is one that the state directory is to blame for. */
export function stateProblem(error: unknown, path: string): unknown {
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  const reasons: Readonly<Record<string, string>> = {
    ENOSPC: 'is full',
    EDQUOT: 'is full',
    EROFS: 'is read-only',
    EACCES: 'cannot be written to',
    EPERM: 'cannot be written to',
  };
  const reason = code === undefined ? undefined : reasons[code];
  return reason === undefined || error instanceof Problem
    ? error
    : new Problem(`the state directory ${path} ${reason} (${code}): make room, or choose another with --state-dir`, {
        cause: error,
      });
}

/** Where everything that `up` writes goes: downloaded engines, and one folder for each environment that runs. */
export class StateDirectory {
  readonly path: string;

  /** @throws Problem when it cannot be written to */
  constructor(path: string) {
    this.path = resolve(path);
    try {
      mkdirSync(join(this.path, 'environments'), { recursive: true });
      // On a file system that is read-only, making a folder fails in other words.
      accessSync(join(this.path, 'environments'), constants.W_OK);
      this.takeLayout();
    } catch (error) {
      const problem = stateProblem(error, this.path);
      throw problem instanceof Problem
        ? problem
        : new Problem(
            `the state directory ${this.path} cannot be written to (${(error as NodeJS.ErrnoException).code}): ` +
              'choose another with --state-dir',
          );
    }
  }

  private takeLayout(): void {
    const file = join(this.path, 'layout');
    const layout = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
    if (!(layout <= LAYOUT)) {
      throw new Problem(
        `the state directory ${this.path} was written by a newer version of cdk-elasticache: ` +
          'update this one, or choose another directory with --state-dir',
      );
    }
    if (layout !== LAYOUT) {
      writeFileSync(file, String(LAYOUT));
    }
  }

  get engines(): string {
    return join(this.path, 'engines');
  }

  /** The environments that run, by what they say of themselves. */
  running(): RunningEnvironment[] {
    const environments = join(this.path, 'environments');
    return readdirSync(environments).flatMap((folder) => EnvironmentDirectory.read(join(environments, folder)) ?? []);
  }

  /**
   * Takes the first folder of an environment that no running process holds, so that a second `up` has one of its own:
   * `dev`, then `dev-2`. What killed ones of any environment left behind is ended.
   */
  async takeEnvironment(name: string): Promise<EnvironmentDirectory> {
    const environments = join(this.path, 'environments');
    for (const folder of readdirSync(environments)) {
      const path = join(environments, folder);
      (existsSync(join(path, 'lock')) ? await EnvironmentDirectory.take(path) : undefined)?.release();
    }
    for (let number = 1; number <= MOST_ENVIRONMENTS; number += 1) {
      const folder = `${fileName(name)}${number === 1 ? '' : `-${number}`}`;
      const directory = await EnvironmentDirectory.take(join(environments, folder));
      if (directory !== undefined) {
        return directory;
      }
    }
    throw new Problem(`${MOST_ENVIRONMENTS} environments ${name} run in ${this.path} already`);
  }
}

/** What a running environment says of itself to other processes of the same user. */
export interface RunningEnvironment {
  /** Of the stage. */
  readonly name: string;
  /** Absolute path of the assembly it was started from. */
  readonly assembly: string;
  /** Where the service is, where one runs. */
  readonly address?: string;
  /** Where its ElastiCache API is. */
  readonly controlAddress: string;
  readonly update: UpdateAddress;
}

/** The folder of one environment that runs, held by a lock until it is released. */
export class EnvironmentDirectory {
  /** What the environment in a folder says of itself; `undefined` unless it runs. */
  static read(path: string): RunningEnvironment | undefined {
    try {
      const holder = readProcess(readFileSync(join(path, 'lock'), 'utf8'));
      return holder !== undefined && isSameProcess(holder)
        ? JSON.parse(readFileSync(join(path, 'running.json'), 'utf8'))
        : undefined;
    } catch {
      return undefined;
    }
  }

  static async take(path: string): Promise<EnvironmentDirectory | undefined> {
    mkdirSync(path, { recursive: true });
    const lock = join(path, 'lock');
    if (!createLock(lock)) {
      const holder = readProcess(readFileSync(lock, 'utf8'));
      if (holder !== undefined && isSameProcess(holder)) {
        return undefined;
      }
      await endLeftovers(join(path, 'processes'));
      rmSync(lock, { force: true });
      if (!createLock(lock)) {
        return undefined;
      }
    }
    return new EnvironmentDirectory(path);
  }

  private constructor(readonly path: string) {
    writeFileSync(join(path, 'processes'), '');
    rmSync(join(path, 'running.json'), { force: true });
  }

  /** Says to other processes of the same user what runs here. */
  describe(running: RunningEnvironment): void {
    writeFileSync(join(this.path, 'running.json'), JSON.stringify(running), { mode: 0o600 });
  }

  /** A folder in it, made if it is not there. */
  folder(...names: string[]): string {
    const path = join(this.path, ...names);
    mkdirSync(path, { recursive: true });
    return path;
  }

  /** Notes a process, so that the next `up` can end it should this one be killed. */
  note(pid: number | undefined): void {
    if (pid !== undefined) {
      writeFileSync(join(this.path, 'processes'), `${describeProcess(pid)}\n`, { flag: 'a' });
    }
  }

  release(): void {
    rmSync(join(this.path, 'running.json'), { force: true });
    rmSync(join(this.path, 'processes'), { force: true });
    rmSync(join(this.path, 'lock'), { force: true });
  }
}

/** `.cdk-elasticache` in the project, or a folder that PostgreSQL's user can enter where root's own is closed. */
export function defaultStateDirectory(project: string): string {
  const inProject = join(resolve(project), '.cdk-elasticache');
  if (unprivilegedIdentity() === undefined || isOpenToOthers(inProject)) {
    return inProject;
  }
  const name = createHash('sha256').update(resolve(project)).digest('hex').slice(0, 12);
  return `/var/tmp/cdk-elasticache-${name}`;
}

function createLock(path: string): boolean {
  try {
    const file = openSync(path, 'wx', 0o600);
    writeSync(file, describeProcess(process.pid));
    closeSync(file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      return false;
    }
    throw error;
  }
}

interface NotedProcess {
  readonly pid: number;
  readonly startedAt: string;
}

/** A process id is used again, so a process is told by its id and the time it started. */
function describeProcess(pid: number): string {
  return `${pid} ${startTime(pid)}`;
}

function readProcess(line: string): NotedProcess | undefined {
  const match = /^(\d+) (\S+)/.exec(line);
  return match === null ? undefined : { pid: Number(match[1]), startedAt: match[2] as string };
}

function isSameProcess({ pid, startedAt }: NotedProcess): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') {
      return false;
    }
  }
  return startedAt === startTime(pid);
}

/** Ticks since boot at which a process started; `-` where there is none, or the system does not say (macOS). */
function startTime(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A process that has ended and waits for its parent is none any more.
    return fields[0] === 'Z' ? '-' : (fields[19] ?? '-');
  } catch {
    return '-';
  }
}

/** Ends what a killed `up` left behind, but only what is certainly its own. */
async function endLeftovers(file: string): Promise<void> {
  let lines: string[];
  try {
    lines = readFileSync(file, 'utf8').split('\n');
  } catch {
    return;
  }
  const own = lines.flatMap((line) => readProcess(line) ?? []).filter(({ startedAt }) => startedAt !== '-');
  const left = () => own.filter(isSameProcess);
  // All of them end on SIGINT; PostgreSQL then takes away its own lock file.
  for (const { pid } of left()) {
    process.kill(pid, 'SIGINT');
  }
  for (const deadline = Date.now() + LEFTOVER_GRACE_MS; left().length > 0 && Date.now() < deadline; ) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  for (const { pid } of left()) {
    process.kill(pid, 'SIGKILL');
  }
}
