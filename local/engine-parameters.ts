import { execFile } from 'node:child_process';
import type { EngineBinary } from './engines';

/** Longest that a server program may take to read its configuration, in milliseconds. */
const TIMEOUT_MS = 5_000;

/** A directive that no engine has, so that the program always ends at it. */
const END = 'no-such-directive-ends-this-check yes';

/** What an engine takes of a parameter group. */
export interface TakenParameters {
  /** Lines of its configuration, by name. */
  readonly taken: Readonly<Record<string, string>>;
  /** Names of those that it does not know, which are mostly ElastiCache's own, or whose value it refuses. */
  readonly refused: readonly string[];
}

/** Asks a Valkey or Redis which of a group's parameters it takes, by the very configuration reader it starts with. */
export async function takenParameters(
  binary: EngineBinary,
  parameters: Readonly<Record<string, string>>,
): Promise<TakenParameters> {
  const asked = await Promise.all(
    Object.entries(parameters).map(async ([name, value]) => {
      const line = value === '' ? '""' : value;
      return {
        name,
        line,
        isTaken: /^[\w-]+$/.test(name) && !/[\r\n]/.test(value) && (await reads(binary, name, line)),
      };
    }),
  );
  return {
    taken: Object.fromEntries(asked.filter(({ isTaken }) => isTaken).map(({ name, line }) => [name, line])),
    refused: asked.filter(({ isTaken }) => !isTaken).map(({ name }) => name),
  };
}

/** Gives the program two lines, of which the second is wrong: it names that one only when the first was right. */
function reads(binary: EngineBinary, name: string, value: string): Promise<boolean> {
  return new Promise((resolve) => {
    const program = execFile(
      binary.path,
      ['-'],
      { env: { ...binary.environment, PATH: process.env.PATH ?? '' }, timeout: TIMEOUT_MS, killSignal: 'SIGKILL' },
      (_error, stdout, stderr) => resolve(/at line 2\b/.test(`${stdout}${stderr}`)),
    );
    // A program that ends before it has read everything breaks the pipe.
    program.stdin?.on('error', () => {});
    program.stdin?.end(`${name} ${value}\n${END}\n`);
  });
}
