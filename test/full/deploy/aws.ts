import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { MotoServer } from '../../engines/moto';
import { pythonTools } from '../../engines/python';

interface Answer {
  readonly result?: any;
  readonly error?: string;
}

/** AWS's own client for Python, which comes with moto, as one process: it knows every service, and one call is a line. */
export class Aws {
  static async of(server: MotoServer): Promise<Aws> {
    const { python } = await pythonTools();
    const child = spawn(python, [join(__dirname, 'aws.py')], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { PATH: process.env.PATH, ...server.environment },
    });
    return new Aws(child);
  }

  /** Those who wait for an answer, in the order they asked. */
  private readonly waiting: Array<(answer: Answer) => void> = [];

  private constructor(private readonly child: ChildProcessByStdio<Writable, Readable, null>) {
    createInterface({ input: child.stdout }).on('line', (line) => this.waiting.shift()?.(JSON.parse(line)));
    child.on('exit', (code) => {
      for (const answer of this.waiting.splice(0)) {
        answer({ error: `the client ended with status ${code}` });
      }
    });
  }

  /**
   * What an operation answers, all pages of it.
   *
   * @param operation by its Python name, such as `describe_vpcs`
   * @throws what the service refuses with
   */
  async call(service: string, operation: string, parameters: Readonly<Record<string, unknown>> = {}): Promise<any> {
    const { result, error } = await new Promise<Answer>((resolve) => {
      this.waiting.push(resolve);
      this.child.stdin.write(`${JSON.stringify([service, operation, parameters])}\n`);
    });
    if (error !== undefined) {
      throw new Error(`${service} ${operation}: ${error}`);
    }
    return result;
  }

  close(): void {
    this.child.stdin.end();
  }
}
