import { type ChildProcess, fork } from 'node:child_process';
import type { Task, TaskName, Tasks } from './tasks/registry';

/** A task that runs in a process of its own: its calls, made from here. */
export type Remote<N extends TaskName> = Task<N> & { readonly pid: number; end(): Promise<void> };

interface Reply {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

/** Starts processes of the bundled worker. */
export class Workers {
  private readonly children = new Set<ChildProcess>();

  constructor(
    private readonly script: string,
    private readonly node = process.execPath,
  ) {}

  async start<N extends TaskName>(
    task: N,
    setup: Parameters<Tasks[N]>[0],
    nodeOptions: string[] = [],
  ): Promise<Remote<N>> {
    const child = fork(this.script, [task, JSON.stringify(setup)], {
      execPath: this.node,
      execArgv: ['--disable-warning=ExperimentalWarning', ...nodeOptions],
      serialization: 'advanced',
    });
    this.children.add(child);
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
    const answer = (id: number) => new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
    child.on('message', ({ id, result, error }: Reply) => {
      const { resolve, reject } = waiting.get(id) ?? {};
      waiting.delete(id);
      error === undefined ? resolve?.(result) : reject?.(new Error(`${task} ${JSON.stringify(setup)}: ${error}`));
    });
    child.once('exit', (code, signal) => {
      this.children.delete(child);
      for (const { reject } of waiting.values()) {
        reject(new Error(`${task} ${JSON.stringify(setup)} ended with ${signal ?? code}`));
      }
    });
    await answer(0);

    let last = 0;
    const call = (name: string) => (argument: unknown) => {
      last += 1;
      child.send({ id: last, call: name, argument });
      return answer(last);
    };
    const end = async () => {
      child.kill('SIGKILL');
      await ended;
    };
    const remote = { pid: child.pid, end };
    return new Proxy(remote, {
      // It is awaited where it is returned, and is no promise.
      get: (target, name) => (name === 'then' ? undefined : ((target as any)[name] ?? call(name as string))),
    }) as unknown as Remote<N>;
  }

  /** Ends what is left of them. */
  async close(): Promise<void> {
    for (const child of this.children) {
      child.kill('SIGKILL');
    }
  }
}
