import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { PROJECT } from '../../engines/folders';
import type { Exception, Operation } from './history';
import type { Order, Report, WorkerSettings } from './worker';

/** Processes of an application, each with its own view of names. */
export class Workers {
  readonly errors: string[] = [];
  /** When a node was out for a process, by what its runtime told. */
  readonly away: Exception[] = [];
  private readonly children: ChildProcess[] = [];

  static async start(all: readonly WorkerSettings[], names: ReadonlyArray<Record<string, string>>): Promise<Workers> {
    const workers = new Workers();
    await Promise.all(
      all.map(async (settings, index) => {
        const child = fork(join(__dirname, 'worker.ts'), {
          cwd: PROJECT,
          execArgv: ['--import', 'tsx'],
          env: { PATH: process.env.PATH, TSX_TSCONFIG_PATH: join(PROJECT, 'tsconfig.json') },
        });
        workers.children[index] = child;
        workers.name(index, names[index] ?? {});
        await workers.ask(index, { type: 'start', settings });
      }),
    );
    return workers;
  }

  /** From now on this process finds these addresses under these names. */
  name(index: number, names: Readonly<Record<string, string>>): void {
    this.send(index, { type: 'names', names });
  }

  /** Ends what they do. @returns what they saw */
  stop(): Promise<Operation[]> {
    return this.collect({ type: 'stop' });
  }

  /** Lets each read every key once. */
  readAll(): Promise<Operation[]> {
    return this.collect({ type: 'read-all' });
  }

  async end(): Promise<void> {
    await Promise.all(
      this.children.map((child) => {
        if (child.exitCode !== null || !child.connected) {
          return undefined;
        }
        const ended = new Promise((resolve) => child.once('exit', resolve));
        child.send({ type: 'exit' } satisfies Order);
        const timer = setTimeout(() => child.kill('SIGKILL'), 3_000);
        return ended.finally(() => clearTimeout(timer));
      }),
    );
  }

  private async collect(order: Order): Promise<Operation[]> {
    const reports = await Promise.all(this.children.map((_, index) => this.ask(index, order)));
    return reports.flatMap((report) => {
      if (report.type !== 'history') {
        return [];
      }
      this.errors.push(...report.errors);
      this.away.push(...report.away);
      return [...report.operations];
    });
  }

  private ask(index: number, order: Order): Promise<Report> {
    const child = this.children[index] as ChildProcess;
    return new Promise((resolve, reject) => {
      const ended = () => reject(new Error(`worker ${index} ended`));
      child.once('exit', ended);
      child.once('message', (report: Report) => {
        child.off('exit', ended);
        resolve(report);
      });
      this.send(index, order);
    });
  }

  private send(index: number, order: Order): void {
    (this.children[index] as ChildProcess).send(order);
  }
}
