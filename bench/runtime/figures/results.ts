import { readFileSync } from 'node:fs';

/** What a run of `main.ts --json` wrote. */
export class Results {
  private readonly document: { run: Record<string, string>; tables: Array<{ id: string; data: unknown }> };

  constructor(file: string) {
    this.document = JSON.parse(readFileSync(file, 'utf8'));
  }

  /** The figures behind a table. @throws Error when the run had no such table */
  data<T>(id: string): T[] {
    const table = this.document.tables.find((one) => one.id === id);
    if (table === undefined) {
      throw new Error(`the run has no table \`${id}\``);
    }
    return table.data as T[];
  }

  /** On what it was measured, in a line. */
  get circumstances(): string {
    const { machine, node, engines, rounds, date } = this.document.run;
    return `${node}, ${engines}; ${machine}; ${rounds}; ${date}`;
  }
}
