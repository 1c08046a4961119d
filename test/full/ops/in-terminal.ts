import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECT } from '../../engines/folders';

export interface TerminalRun {
  readonly status: number | null;
  /** All that came, with what a terminal makes of it. */
  readonly output: string;
}

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/**
 * Runs the command in a real terminal, that of util-linux's `script`.
 *
 * @param types text to type, each once something is on the screen
 */
export async function inTerminal(
  args: readonly string[],
  { columns, rows }: TerminalSize,
  types: ReadonlyArray<readonly [when: string, text: string]> = [],
  env: Readonly<Record<string, string>> = {},
): Promise<TerminalRun> {
  const folder = mkdtempSync(join(tmpdir(), 'terminal-'));
  const command = [process.execPath, join(PROJECT, 'dist', 'bin', 'cdk-elasticache.js'), ...args];
  const quoted = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  const child = spawn('script', ['-qefc', `stty cols ${columns} rows ${rows}; exec ${quoted}`, '/dev/null'], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH, HOME: folder, TERM: 'xterm-256color', ...env },
  });
  let output = '';
  const waiting = [...types];
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    output += chunk;
    const [next] = waiting;
    if (next !== undefined && output.includes(next[0])) {
      waiting.shift();
      child.stdin.write(next[1]);
    }
  });
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  rmSync(folder, { recursive: true, force: true });
  return { status, output };
}
