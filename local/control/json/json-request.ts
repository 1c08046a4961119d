import { Fault, validationError } from '../faults';

/** The members of a request in AWS JSON, or of a structure in it. */
export class JsonRequest {
  private readonly read = new Set<string>();
  private readonly structuresRead: JsonRequest[] = [];

  /** @throws Fault when it is no JSON object in UTF-8 */
  static parse(body: Buffer): JsonRequest {
    let parsed: unknown;
    try {
      parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    } catch {
      throw new Fault('SerializationException', 'The request is not JSON in UTF-8.');
    }
    if (!isObject(parsed)) {
      throw new Fault('SerializationException', 'The request is not a JSON object.');
    }
    return new JsonRequest(parsed, '');
  }

  private constructor(
    private readonly members: Readonly<Record<string, unknown>>,
    /** Where it stands in the request, with a dot behind. */
    private readonly path: string,
  ) {}

  string(name: string): string | undefined {
    return this.member(name, 'text', (value) => typeof value === 'string') as string | undefined;
  }

  integer(name: string): number | undefined {
    return this.member(name, 'an integer', Number.isSafeInteger) as number | undefined;
  }

  boolean(name: string): boolean | undefined {
    return this.member(name, 'true or false', (value) => typeof value === 'boolean') as boolean | undefined;
  }

  /** Seconds since 1970, as AWS JSON writes times. */
  timestamp(name: string): Date | undefined {
    const isTime = (value: unknown) => typeof value === 'number' && !Number.isNaN(new Date(value * 1_000).getTime());
    const seconds = this.member(name, 'a time in seconds since 1970', isTime) as number | undefined;
    return seconds === undefined ? undefined : new Date(seconds * 1_000);
  }

  strings(name: string): readonly string[] | undefined {
    const isList = (value: unknown) => Array.isArray(value) && value.every((each) => typeof each === 'string');
    return this.member(name, 'a list of texts', isList) as readonly string[] | undefined;
  }

  structure(name: string): JsonRequest | undefined {
    const value = this.member(name, 'a structure', isObject) as Record<string, unknown> | undefined;
    return value === undefined ? undefined : this.inner(value, name);
  }

  structures(name: string): readonly JsonRequest[] | undefined {
    const isList = (value: unknown) => Array.isArray(value) && value.every(isObject);
    const list = this.member(name, 'a list of structures', isList) as Array<Record<string, unknown>> | undefined;
    return list?.map((value, index) => this.inner(value, `${name}[${index}]`));
  }

  /** @throws Fault ValidationError */
  required<T>(name: string, value: T | undefined): T {
    if (value === undefined || value === '') {
      throw validationError(`The request must contain the parameter ${this.path}${name}`);
    }
    return value;
  }

  /** @throws Fault for a member that nobody has read, which would otherwise be left out unsaid */
  refuseUnread(): void {
    const unread = Object.keys(this.members).find((name) => !this.read.has(name));
    if (unread !== undefined) {
      throw validationError(`The parameter ${this.path}${unread} is not supported by the local environment.`);
    }
    for (const structure of this.structuresRead) {
      structure.refuseUnread();
    }
  }

  private member(name: string, what: string, isRight: (value: unknown) => boolean): unknown {
    this.read.add(name);
    // AWS takes null for left out.
    const value = Object.hasOwn(this.members, name) ? (this.members[name] ?? undefined) : undefined;
    if (value !== undefined && !isRight(value)) {
      throw validationError(`The parameter ${this.path}${name} must be ${what}.`);
    }
    return value;
  }

  private inner(members: Readonly<Record<string, unknown>>, name: string): JsonRequest {
    const structure = new JsonRequest(members, `${this.path}${name}.`);
    this.structuresRead.push(structure);
    return structure;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
