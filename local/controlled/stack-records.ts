import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type AssemblyStack, readJson } from '../../assembly/assembly';
import type { ControlledStack } from '../control/controlled-resources';

/** What is kept of a stack from when it was run: its files may change meanwhile. */
export interface StackRecord
  extends Pick<
    ControlledStack,
    'name' | 'status' | 'createdAt' | 'updatedAt' | 'isTerminationProtected' | 'tags' | 'template'
  > {
  readonly stack: AssemblyStack;
  /** What makes its ARN one of this run. */
  readonly uuid: string;
}

/** A stack as the files of its assembly have it. */
type StackFiles = Pick<StackRecord, 'stack' | 'isTerminationProtected' | 'tags' | 'template'>;

interface Manifest {
  readonly artifacts?: Readonly<
    Record<
      string,
      {
        readonly properties?: {
          readonly tags?: Readonly<Record<string, string>>;
          readonly terminationProtection?: boolean;
        };
      }
    >
  >;
}

/** The stacks of a running environment, as CloudFormation would remember them. */
export class StackRecords {
  private records: readonly StackRecord[];
  private next: readonly StackFiles[] = [];

  /** @throws Problem when a file of the assembly cannot be read */
  constructor(stacks: readonly AssemblyStack[]) {
    this.records = stacks.map(filesOf).map(created);
  }

  get all(): readonly StackRecord[] {
    return this.records;
  }

  /** Those that change are being updated from now on. @throws Problem when a file of the assembly cannot be read */
  begin(stacks: readonly AssemblyStack[]): void {
    this.next = stacks.map(filesOf);
    this.records = this.records.map((record) => {
      const next = this.next.find(({ stack }) => stack.name === record.name);
      return next === undefined || isSame(record, next) ? record : { ...record, status: 'UPDATE_IN_PROGRESS' };
    });
  }

  /** What was begun is done: stacks are as they then were. */
  done(): void {
    this.records = this.next.map((files) => {
      const record = this.records.find(({ name }) => name === files.stack.name);
      if (record === undefined) {
        return created(files);
      }
      return isSame(record, files)
        ? { ...record, ...files }
        : { ...record, ...files, status: 'UPDATE_COMPLETE', updatedAt: new Date() };
    });
  }

  /** What was begun could not be done. */
  failed(): void {
    this.records = this.records.map((record) =>
      record.status === 'UPDATE_IN_PROGRESS' ? { ...record, status: 'UPDATE_FAILED', updatedAt: new Date() } : record,
    );
  }
}

function created(files: StackFiles): StackRecord {
  return {
    ...files,
    name: files.stack.name,
    status: 'CREATE_COMPLETE',
    createdAt: new Date(),
    updatedAt: undefined,
    uuid: randomUUID(),
  };
}

function filesOf(stack: AssemblyStack): StackFiles {
  const manifest = readJson(join(dirname(stack.templateFile), 'manifest.json')) as Manifest;
  const { tags = {}, terminationProtection = false } = manifest.artifacts?.[stack.id]?.properties ?? {};
  return {
    stack,
    tags,
    isTerminationProtected: terminationProtection,
    template: readFileSync(stack.templateFile, 'utf8'),
  };
}

/** A stack whose update has failed is not what its record says, and is updated whatever comes. */
function isSame(record: StackRecord, files: StackFiles): boolean {
  return (
    record.status !== 'UPDATE_IN_PROGRESS' &&
    record.status !== 'UPDATE_FAILED' &&
    record.template === files.template &&
    record.isTerminationProtected === files.isTerminationProtected &&
    JSON.stringify(record.tags) === JSON.stringify(files.tags)
  );
}
