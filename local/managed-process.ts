import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import type { Identity } from './unprivileged';

/** How long a process may take to end by itself before it is killed, in milliseconds, unless its options say otherwise. */
const GRACE_MS = 5_000;

/** Lines of a log that an error message quotes. */
const QUOTED_LINES = 12;

export interface ProcessOptions {
  /** Name shown to the user: what it is and which one. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly logFile: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly identity?: Identity;
  /** Signal that asks it to end. @default SIGTERM */
  readonly stopSignal?: NodeJS.Signals;
  /** How long it may take to end by itself, in milliseconds. @default 5000 */
  readonly graceMs?: number;
}

/** A child process with its log in a file, ended by its id. */
export class ManagedProcess {
  /** Resolves, once, when the process has ended: how it ended, in words. */
  readonly ended: Promise<string>;
  private readonly child: ChildProcess;
  private stopping = false;
  private running = true;

  constructor(readonly options: ProcessOptions) {
    const log = openSync(options.logFile, 'a', 0o600);
    this.child = spawn(options.command, options.args, {
      // A group of its own, so that Ctrl-C in the terminal reaches this process only, which then ends the others in order.
      detached: true,
      stdio: ['ignore', log, log],
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.environment === undefined ? {} : { env: { ...options.environment } }),
      ...options.identity,
    });
    closeSync(log);
    this.ended = new Promise((resolve) => {
      const end = (how: string) => {
        this.running = false;
        resolve(how);
      };
      this.child.on('error', (error) => end(`could not be started: ${error.message}`));
      this.child.on('exit', (code, signal) =>
        end(signal === null ? `ended with status ${code}` : `ended by ${signal}`),
      );
    });
  }

  get name(): string {
    return this.options.name;
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  get isRunning(): boolean {
    return this.running;
  }

  /** Whether it was asked to end by this program. */
  get isStopping(): boolean {
    return this.stopping;
  }

  /** The last lines of its log. */
  logTail(): string {
    try {
      return readFileSync(this.options.logFile, 'utf8').trimEnd().split('\n').slice(-QUOTED_LINES).join('\n');
    } catch {
      return '';
    }
  }

  /** Sends it a signal, if it runs; when it ends by that, it ended unasked. */
  signal(signal: NodeJS.Signals): void {
    if (this.running) {
      this.child.kill(signal);
    }
  }

  /** Asks it to end, kills it if it does not in time, and waits until it is gone. */
  async stop(graceMs = this.options.graceMs ?? GRACE_MS): Promise<void> {
    this.stopping = true;
    if (!this.running) {
      return;
    }
    this.child.kill(this.options.stopSignal ?? 'SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), graceMs);
    await this.ended;
    clearTimeout(timer);
  }
}

/** A name that is shown, as one that a file can have. */
export function fileName(name: string): string {
  return name.replace(/[^\w.-]+/g, '-');
}

/** Waits until a check passes; fails early when the process ends, with the end of its log. */
export async function waitUntilReady(
  process: ManagedProcess,
  check: () => Promise<void>,
  timeoutMs: number,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      await check();
      return;
    } catch (error) {
      if (!process.isRunning) {
        throw new ProcessFailed(process, await process.ended);
      }
      if (Date.now() > deadline) {
        throw new ProcessFailed(process, `was not ready within ${timeoutMs} ms (${(error as Error).message})`);
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

/** A process that ended or never became ready; the message has its name and the end of its log. */
export class ProcessFailed extends Error {
  constructor(process: ManagedProcess, how: string) {
    const tail = process.logTail();
    super(`${process.name} ${how}${tail === '' ? '' : `, the end of its log:\n${tail.replace(/^/gm, '  | ')}`}`);
  }
}
