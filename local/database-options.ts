import type { Certificates } from './certificates';
import type { ManagedProcess } from './managed-process';

/** What every database here is started with. */
export interface DatabaseOptions {
  readonly name: string;
  /** Kept between runs: what users wrote is still there the next time. */
  readonly directory: string;
  readonly masterUser: string;
  readonly masterPassword: string;
  /** Made with the data directory, as RDS makes the template's `DBName`. */
  readonly databaseName: string;
  readonly certificates: Certificates;
  /** Of the template's parameter group, by name. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly started: (process: ManagedProcess) => void;
}

export interface RunningDatabase {
  readonly port: number;
  readonly process: ManagedProcess;
  /** Parameters that are not applied. */
  readonly leftParameters: readonly string[];
}

/**
 * Parameters that are left as they are: RDS's own, formulas over the memory of an RDS instance, and what would need a
 * server's memory or libraries.
 */
export function isForRdsOnly(name: string, value: string): boolean {
  return (
    name.startsWith('rds.') ||
    /[{}]/.test(value) ||
    /^(shared_buffers|shared_preload_libraries|huge_pages|innodb_buffer_pool_size)$/.test(name)
  );
}
