import { type Fault, invalidParameterValue, malformedQuery, missingParameter } from '../faults';

const MAX_PARAMETERS = 1_000;

/** ISO 8601, as the SDKs and the AWS CLI write it. */
const TIMESTAMP = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?$/;

/** The parameters of a request in the AWS query protocol, such as `CacheNodeIdsToRemove.CacheNodeId.1=0002`. */
export class QueryRequest {
  private readonly read = new Set(['Action', 'Version']);

  /** @throws Fault when it is not a form in UTF-8, or a parameter is there twice */
  static parse(body: Buffer): QueryRequest {
    const parameters = new Map<string, string>();
    const text = body.toString('latin1');
    if (/[^ -~]/.test(text)) {
      throw notAForm();
    }
    const pairs = text.split('&');
    if (pairs.length > MAX_PARAMETERS) {
      throw malformedQuery(`The request has more than ${MAX_PARAMETERS} parameters.`);
    }
    for (const pair of pairs.filter((each) => each !== '')) {
      const equals = pair.indexOf('=');
      const name = decode(equals === -1 ? pair : pair.slice(0, equals));
      if (parameters.has(name)) {
        throw malformedQuery(`The parameter ${name} is there more than once.`);
      }
      parameters.set(name, equals === -1 ? '' : decode(pair.slice(equals + 1)));
    }
    return new QueryRequest(parameters);
  }

  private constructor(private readonly parameters: ReadonlyMap<string, string>) {}

  get action(): string | undefined {
    return this.parameters.get('Action');
  }

  get version(): string | undefined {
    return this.parameters.get('Version');
  }

  string(name: string): string | undefined {
    this.read.add(name);
    return this.parameters.get(name);
  }

  /** An identifier of a resource, which are lower case throughout; an empty one is as good as none. */
  identifier(name: string): string | undefined {
    return this.string(name)?.trim().toLowerCase() || undefined;
  }

  /** @throws Fault MissingParameter */
  required<T>(name: string, value: T | undefined): T {
    if (value === undefined || value === '') {
      throw missingParameter(name);
    }
    return value;
  }

  integer(name: string): number | undefined {
    const value = this.string(name);
    if (value !== undefined && !/^-?\d{1,9}$/.test(value)) {
      throw invalidParameterValue(`The parameter ${name} must be an integer: ${value}`);
    }
    return value === undefined ? undefined : Number(value);
  }

  boolean(name: string): boolean | undefined {
    const value = this.string(name)?.toLowerCase();
    if (value !== undefined && value !== 'true' && value !== 'false') {
      throw invalidParameterValue(`The parameter ${name} must be true or false: ${value}`);
    }
    return value === undefined ? undefined : value === 'true';
  }

  timestamp(name: string): Date | undefined {
    const value = this.string(name);
    if (value === undefined) {
      return undefined;
    }
    const date = new Date(/T.*\d$/.test(value) && !/[+-]\d\d:?\d\d$/.test(value) ? `${value}Z` : value);
    if (!TIMESTAMP.test(value) || Number.isNaN(date.getTime())) {
      throw invalidParameterValue(`The parameter ${name} must be a time in ISO 8601 format: ${value}`);
    }
    return date;
  }

  /** A choice among the values that AWS documents. */
  choice<T extends string>(name: string, values: readonly T[]): T | undefined {
    const value = this.string(name);
    const known = values.find((each) => each === value);
    if (value !== undefined && known === undefined) {
      throw invalidParameterValue(`The parameter ${name} must be one of ${values.join(', ')}: ${value}`);
    }
    return known;
  }

  /** A list, whose elements AWS's models name `member` where they do not name them otherwise. */
  list(name: string, element = 'member'): readonly string[] | undefined {
    const prefixes = this.elements(name, element).map((prefix) => this.string(prefix) as string);
    return prefixes.length > 0 || this.string(name) !== undefined ? prefixes : undefined;
  }

  /** A list of structures, each as the prefix of its members' names. */
  structures(name: string, element: string): readonly string[] {
    return [...new Set(this.elements(name, element).map((each) => each.split('.').slice(0, 3).join('.')))];
  }

  /** @throws Fault for a parameter that the operation has not asked for, which would otherwise be left out unsaid */
  refuseUnread(): void {
    const [unread] = [...this.parameters.keys()].filter((name) => !this.read.has(name));
    if (unread !== undefined) {
      throw invalidParameterValue(`The parameter ${unread} is not supported by the local environment.`);
    }
  }

  private elements(name: string, element: string): string[] {
    const numberOf = (parameter: string) => Number(parameter.split('.')[2]);
    return [...this.parameters.keys()]
      .filter((parameter) => {
        const [list, member, number] = parameter.split('.');
        return list === name && (member === element || member === 'member') && /^\d{1,4}$/.test(number ?? '');
      })
      .sort((a, b) => numberOf(a) - numberOf(b));
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw notAForm();
  }
}

function notAForm(): Fault {
  return malformedQuery('The request is not a form in UTF-8.');
}
