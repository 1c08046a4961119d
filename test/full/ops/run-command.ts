import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECT } from '../../engines/folders';

const COMMAND = join(PROJECT, 'dist', 'bin', 'cdk-elasticache.js');

/** What no output may have in it. */
export const SECRET = 'wJalrXUtnFEMI/K7MDENG/not-to-be-seen';

export interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Where it runs. @default a folder without anything in it */
  readonly folder?: string;
  /** Ends it so. */
  readonly killAfterMs?: number;
}

const folder = mkdtempSync(join(tmpdir(), 'ops-'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the command as a user's shell would, in a pipe, with credentials that no output may show. */
export async function runCommand(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    cwd: options.folder ?? folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: SECRET,
      AWS_REGION: 'us-east-1',
      AWS_EC2_METADATA_DISABLED: 'true',
      ...options.env,
    },
  });
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (chunk) => {
      output[stream] += chunk;
    });
  }
  const timer =
    options.killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGINT'), options.killAfterMs);
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  clearTimeout(timer);
  expect(`${output.stdout}${output.stderr}`).not.toContain(SECRET);
  return { status, ...output };
}
