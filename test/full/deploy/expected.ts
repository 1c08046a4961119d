/** Stands, within a text, for what only the service knows. */
const ANYTHING = '\u0000';

/** A text that a template hands over in base 64. */
class Encoded {
  constructor(readonly text: string) {}
}

/** What CloudFormation knows when it resolves the references of a stack's template. */
export interface Facts {
  /** By logical id, what `Ref` gives. */
  readonly names: Readonly<Record<string, string>>;
  readonly types: Readonly<Record<string, string>>;
  readonly parameters: Readonly<Record<string, string>>;
  readonly stackId: string;
  readonly stackName: string;
  /** By name, exports of all stacks. */
  readonly exports: Readonly<Record<string, string>>;
}

/**
 * A value of a template as it must have arrived: references by the names and exports that CloudFormation itself gives, and
 * of an attribute what can be known of it.
 */
export function expected(value: unknown, facts: Facts): any {
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  if (Array.isArray(value)) {
    return value.map((item) => expected(item, facts));
  }
  const [[name, argument] = [], ...others] = Object.entries(value) as Array<[string, any]>;
  if (name === undefined || others.length > 0) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, expected(item, facts)]));
  }
  switch (name) {
    case 'Ref':
      return reference(argument, facts);
    case 'Fn::GetAtt':
      return attribute(argument[0], argument[1], facts);
    case 'Fn::ImportValue':
      return known(facts.exports, argument, 'export');
    case 'Fn::Join':
      return expected(argument[1], facts).join(argument[0]);
    case 'Fn::Sub':
      return argument.replace(/\$\{([^}]+)\}/g, (_: string, variable: string) => reference(variable, facts));
    case 'Fn::Split':
      return expected(argument[1], facts).split(argument[0]);
    case 'Fn::Select':
      return expected(argument[1], facts)[Number(argument[0])];
    case 'Fn::Base64':
      return new Encoded(expected(argument, facts));
    default:
      if (name.startsWith('Fn::')) {
        throw new Error(`the template has ${name}, which this test cannot resolve`);
      }
      return { [name]: expected(argument, facts) };
  }
}

/** Where something that arrived is not what it must be, each as a path with both values. */
export function differences(wanted: any, actual: any, path = ''): string[] {
  if (wanted instanceof Encoded) {
    return differences(wanted.text, Buffer.from(String(actual), 'base64').toString(), path);
  }
  if (typeof wanted === 'string' && wanted.includes(ANYTHING)) {
    const [pattern, ...rest] = wanted.split(ANYTHING).map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
    const matches = new RegExp(`^${[pattern, ...rest].join('.+')}$`, 's');
    return ['string', 'number'].includes(typeof actual) && matches.test(actual) ? [] : [difference()];
  }
  if (typeof wanted !== 'object' || wanted === null || typeof actual !== 'object' || actual === null) {
    return wanted === actual ? [] : [difference()];
  }
  return [...new Set([...Object.keys(wanted), ...Object.keys(actual)])].flatMap((key) =>
    differences(wanted[key], actual[key], `${path}.${key}`),
  );

  function difference(): string {
    return `${path}: must be ${JSON.stringify(wanted)?.replaceAll('\\u0000', '*')}, got ${JSON.stringify(actual)}`;
  }
}

function reference(name: string, facts: Facts): string {
  switch (name) {
    case 'AWS::AccountId':
      return '123456789012';
    case 'AWS::Partition':
      return 'aws';
    case 'AWS::Region':
      return 'us-east-1';
    case 'AWS::URLSuffix':
      return 'amazonaws.com';
    case 'AWS::StackId':
      return facts.stackId;
    case 'AWS::StackName':
      return facts.stackName;
    default:
      return facts.parameters[name] ?? known(facts.names, name, 'resource');
  }
}

/** Names stand in ARNs and host names; what else an attribute holds is for the service alone to know. */
function attribute(id: string, name: string, facts: Facts): string {
  const resource = known(facts.names, id, 'resource');
  const type = facts.types[id];
  if (name === 'GroupId' || name === 'AllocationId') {
    return name === 'GroupId' ? resource : ANYTHING;
  }
  if (name === 'Arn' && type !== 'AWS::Lambda::Version') {
    return `arn:aws:${ANYTHING}${resource}`;
  }
  return ANYTHING;
}

function known(values: Readonly<Record<string, string>>, name: string, what: string): string {
  const value = values[name];
  if (value === undefined || value === '') {
    throw new Error(`no ${what} ${name}, there are: ${Object.keys(values).join(', ')}`);
  }
  return value;
}
