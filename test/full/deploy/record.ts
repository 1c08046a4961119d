import { readFileSync } from 'node:fs';

interface Line {
  readonly event: 'resolved' | 'created' | 'skipped' | 'deleted';
  readonly stack: string;
  readonly id: string;
  readonly type: string;
  readonly notedOnly?: boolean;
  readonly properties?: Record<string, any>;
}

/** A resource as CloudFormation made it. */
export interface MadeResource {
  readonly id: string;
  readonly type: string;
  /** Whether no service keeps it. */
  readonly notedOnly: boolean;
  /** With every intrinsic function resolved. */
  readonly properties: Record<string, any>;
}

/** What moto's CloudFormation noted of the resources: see `server/record.py`. */
export class DeploymentRecord {
  constructor(private readonly file: string) {}

  /** Types that moto's CloudFormation left out. */
  get skippedTypes(): string[] {
    return [...new Set(this.lines('skipped').map(({ type }) => type))];
  }

  /** Everything that was made for a stack. */
  made(stack: string): MadeResource[] {
    const properties = new Map(this.of('resolved', stack).map((line) => [line.id, line.properties ?? {}]));
    return this.of('created', stack).map(({ id, type, notedOnly = false }) => ({
      id,
      type,
      notedOnly,
      properties: properties.get(id) ?? {},
    }));
  }

  /** Everything of a stack that was deleted, by logical id. */
  deleted(stack: string): string[] {
    return this.of('deleted', stack).map(({ id }) => id);
  }

  private of(event: Line['event'], stack: string): Line[] {
    return this.lines(event).filter((line) => line.stack === stack);
  }

  private lines(event: Line['event']): Line[] {
    return readFileSync(this.file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line)
      .filter((line) => line.event === event);
  }
}
