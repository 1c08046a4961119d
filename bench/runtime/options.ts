import { parseArgs } from 'node:util';

export interface Options {
  /** Benchmarks to run, all when empty. */
  readonly rows: readonly string[];
  /** Clients to run, all when undefined; goals that need others are left out. */
  readonly clients: RegExp | undefined;
  readonly rounds: number;
  readonly durationMs: number;
  /** Where the results are written as JSON, for the figures. */
  readonly json: string | undefined;
  /** Other Node binaries to measure on. */
  readonly nodes: readonly string[];
  /** A folder to take the runtime from, to measure another version of it. */
  readonly runtime: string | undefined;
}

export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rows: { type: 'string', default: '' },
      clients: { type: 'string' },
      rounds: { type: 'string', default: '5' },
      duration: { type: 'string', default: '1000' },
      json: { type: 'string' },
      node: { type: 'string', multiple: true, default: [] },
      runtime: { type: 'string' },
    },
  });
  return {
    rows: values.rows.split(',').filter((row) => row !== ''),
    clients: values.clients === undefined ? undefined : new RegExp(values.clients),
    rounds: Number(values.rounds),
    durationMs: Number(values.duration),
    json: values.json,
    nodes: values.node,
    runtime: values.runtime,
  };
}
