import type { AssemblyEnvironment, AssemblyStack, TemplateResource } from './assembly';

/** A resource and where it stands. Logical ids are a stack's own: two stacks may have the same one. */
export interface Resource {
  /** Its own in the whole assembly; goes into file names. */
  readonly id: string;
  /** What a reader knows it by, for example `dev/data/DatabaseF44359DD`. */
  readonly label: string;
  readonly stack: AssemblyStack;
  readonly type: string;
  readonly properties: Readonly<Record<string, any>>;
  readonly metadata: Readonly<Record<string, any>>;
  /** Whether only a deploy knows if it is made: the template gives it a condition. */
  readonly conditional: boolean;
}

/** A value in a template; what it refers to by logical id is of that stack. */
export interface Placed {
  readonly stack: AssemblyStack;
  readonly value: unknown;
}

/** A resource that a value is made of, and which attribute of it; `undefined` for what `Ref` gives. */
export interface Mention {
  readonly resource: Resource;
  readonly attribute: string | undefined;
}

/** The templates of one environment, as one: references are followed from stack to stack. */
export class Templates {
  /** Of the environment. */
  readonly name: string;
  readonly stacks: readonly AssemblyStack[];
  /** Of all stacks, stack by stack. */
  readonly resources: readonly Resource[];
  private readonly byType: ReadonlyMap<string, readonly Resource[]>;
  private readonly exports: ReadonlyMap<string, Placed>;

  constructor({ name, stacks }: AssemblyEnvironment) {
    this.name = name;
    this.stacks = stacks;
    this.resources = stacks.flatMap((stack) =>
      Object.entries(stack.resources).map(([id, resource]) => resourceOf(stack, id, resource)),
    );
    const byType = new Map<string, Resource[]>();
    for (const resource of this.resources) {
      byType.set(resource.type, [...(byType.get(resource.type) ?? []), resource]);
    }
    this.byType = byType;
    this.exports = new Map(
      stacks.flatMap((stack) =>
        Object.values(stack.outputs).flatMap((output): Array<[string, Placed]> => {
          const { Value: value, Export: exported } = output;
          return exported?.Name === undefined ? [] : [[this.text(stack, exported.Name), { stack, value }]];
        }),
      ),
    );
  }

  /** All resources of a type, stack by stack. */
  all(type: string): Resource[] {
    return [...(this.byType.get(type) ?? [])];
  }

  /** The types of all resources, one entry each. */
  get types(): string[] {
    return this.stacks.flatMap(({ resources }) => Object.values(resources).map(({ Type }) => Type));
  }

  /** The resource of a logical id: of the given stack, or else the only one that another stack has. */
  named(stack: AssemblyStack, logicalId: string): Resource | undefined {
    const own = find(stack, logicalId);
    if (own !== undefined) {
      return own;
    }
    const [found, ...others] = this.stacks.flatMap((other) => find(other, logicalId) ?? []);
    return others.length === 0 ? found : undefined;
  }

  /** The one resource that a value of a stack leads to; `undefined` when it leads to none, or to several. */
  referenced(stack: AssemblyStack, value: unknown): Resource | undefined {
    const [found, ...others] = this.references(stack, value);
    return others.length === 0 ? found : undefined;
  }

  /** All resources that a value of a stack is made of, each once. */
  references(stack: AssemblyStack, value: unknown): Resource[] {
    const found = new Map<string, Resource>();
    for (const { resource } of this.walk({ stack, value }, [])) {
      found.set(resource.id, resource);
    }
    return [...found.values()];
  }

  /** The same with the attributes that the value is made of, each as often as it stands there. */
  mentions(stack: AssemblyStack, value: unknown): Mention[] {
    return [...this.walk({ stack, value }, [])];
  }

  /** The elements of a list, also of one that crossed stacks; `undefined` when only a deploy knows them. */
  elements(stack: AssemblyStack, value: unknown): Placed[] | undefined {
    return this.list({ stack, value });
  }

  /** A value as text, with `${...}` for what only a deploy knows. */
  text(stack: AssemblyStack, value: unknown): string {
    const intrinsic = intrinsicOf(value);
    if (intrinsic === undefined) {
      return typeof value === 'object' ? JSON.stringify(value) : String(value);
    }
    const { name, argument } = intrinsic;
    switch (name) {
      case 'Ref':
        return argument === 'AWS::StackName' ? stack.name : `\${${String(argument)}}`;
      case 'Fn::Join': {
        const [delimiter, parts] = argument as [string, unknown];
        return Array.isArray(parts) ? parts.map((part) => this.text(stack, part)).join(delimiter) : `\${${name}}`;
      }
      case 'Fn::Sub': {
        const { text, variables } = substitution(argument);
        return text.replace(VARIABLE, (_, variable: string) => this.text(stack, variables(variable)));
      }
      default:
        return `\${${name}}`;
    }
  }

  private *walk(placed: Placed, followed: readonly unknown[]): Generator<Mention> {
    const { stack, value } = placed;
    const { name, argument } = intrinsicOf(value) ?? { name: undefined, argument: undefined };
    const parts = (values: readonly unknown[]): Placed[] => values.map((part) => ({ stack, value: part }));
    let next: Placed[] = [];
    switch (name) {
      case undefined:
        next = typeof value === 'object' && value !== null ? parts(Object.values(value)) : [];
        break;
      case 'Ref':
      case 'Fn::GetAtt': {
        const resource = find(stack, logicalIdIn(argument));
        if (resource !== undefined) {
          yield { resource, attribute: name === 'Ref' ? undefined : attributeIn(argument) };
        }
        break;
      }
      case 'Fn::Sub': {
        const { text, variables } = substitution(argument);
        next = parts([...text.matchAll(VARIABLE)].map(([, variable = '']) => variables(variable)));
        break;
      }
      case 'Fn::ImportValue':
      case 'Fn::GetStackOutput': {
        const output = this.output(placed);
        // What imports itself is no assembly that could be deployed.
        if (output !== undefined && !followed.includes(output.value)) {
          yield* this.walk(output, [...followed, output.value]);
        }
        break;
      }
      case 'Fn::Select': {
        const [index, list] = argument as [unknown, unknown];
        next = [this.list({ stack, value: list })?.[Number(index)] ?? { stack, value: list }];
        break;
      }
      default:
        next = parts([argument]);
    }
    for (const part of next) {
      yield* this.walk(part, followed);
    }
  }

  /** What a value of another stack is there; `undefined` for a value of its own, and for a stack that is not here. */
  output({ stack, value }: Placed): Placed | undefined {
    const intrinsic = intrinsicOf(value);
    if (intrinsic?.name === 'Fn::ImportValue') {
      return this.exports.get(this.text(stack, intrinsic.argument));
    }
    if (intrinsic?.name !== 'Fn::GetStackOutput') {
      return undefined;
    }
    const { StackName: stackName, OutputName: outputName } = intrinsic.argument as Record<string, unknown>;
    const name = this.text(stack, stackName);
    const producer = this.stacks.find((candidate) => candidate.name === name);
    const output = producer?.outputs[String(outputName)];
    return producer === undefined || output === undefined ? undefined : { stack: producer, value: output.Value };
  }

  /** The elements of a list, also of one that was joined to cross stacks; `undefined` when only a deploy knows them. */
  private list(placed: Placed): Placed[] | undefined {
    const { stack, value } = placed;
    if (Array.isArray(value)) {
      return value.map((element) => ({ stack, value: element }));
    }
    const split = intrinsicOf(value);
    if (split?.name !== 'Fn::Split') {
      return undefined;
    }
    const [delimiter, source] = split.argument as [string, unknown];
    const joined = this.output({ stack, value: source }) ?? { stack, value: source };
    const join = intrinsicOf(joined.value);
    if (join?.name !== 'Fn::Join' || (join.argument as [string])[0] !== delimiter) {
      return undefined;
    }
    return this.list({ stack: joined.stack, value: (join.argument as [string, unknown])[1] });
  }
}

/** What a resource is called in its template. */
export function logicalIdOf({ id, stack }: Resource): string {
  return id.slice(stack.id.length + 1);
}

/** A name in the text of an `Fn::Sub`; `${!Name}` is the text `${Name}`. */
const VARIABLE = /\$\{([^!}][^}]*)\}/g;

function intrinsicOf(value: unknown): { readonly name: string; readonly argument: unknown } | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return undefined;
  }
  const [entry, ...others] = Object.entries(value);
  return entry !== undefined && others.length === 0 && /^(Ref$|Fn::)/.test(entry[0])
    ? { name: entry[0], argument: entry[1] }
    : undefined;
}

/** The text of an `Fn::Sub`, and what its variables stand for: values of its own, or resources. */
function substitution(argument: unknown): { text: string; variables: (name: string) => unknown } {
  const [text, own] = Array.isArray(argument) ? argument : [argument, {}];
  return {
    text: String(text),
    variables: (name) =>
      Object.hasOwn(own, name) ? own[name] : name.includes('.') ? { 'Fn::GetAtt': name } : { Ref: name },
  };
}

/** Of `Id`, `Id.Attribute` or `[Id, Attribute]`. */
function logicalIdIn(argument: unknown): string {
  return Array.isArray(argument) ? String(argument[0]) : (String(argument).split('.')[0] as string);
}

function attributeIn(argument: unknown): string {
  const parts = Array.isArray(argument) ? argument.map(String) : String(argument).split('.');
  return parts.slice(1).join('.');
}

function find(stack: AssemblyStack, logicalId: string): Resource | undefined {
  const resource = Object.hasOwn(stack.resources, logicalId) ? stack.resources[logicalId] : undefined;
  return resource === undefined ? undefined : resourceOf(stack, logicalId, resource);
}

function resourceOf(stack: AssemblyStack, logicalId: string, resource: TemplateResource): Resource {
  return {
    id: `${stack.id}.${logicalId}`,
    label: `${stack.path}/${logicalId}`,
    stack,
    type: resource.Type,
    properties: resource.Properties ?? {},
    metadata: resource.Metadata ?? {},
    conditional: 'Condition' in resource,
  };
}
