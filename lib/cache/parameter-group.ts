import { Annotations, type IResource, Resource, Token } from 'aws-cdk-lib';
import { CfnParameterGroup } from 'aws-cdk-lib/aws-elasticache';
import type { Construct } from 'constructs';
import { enforce, type Limit } from '../limits';
import { injected } from '../property-injection';
import type { CacheEngine } from './engine';
import { compareVersions } from './engine-version';
import { PARAMETER_FAMILIES, PARAMETER_SINCE } from './parameters';

/** A group of engine parameters. */
export interface IParameterGroup extends IResource {
  /** Name of the group. */
  readonly parameterGroupName: string;
  /** Family of the group, for example `valkey8`, where it is known. */
  readonly family?: string;
  /** Whether the group is for cluster mode, where it is known. */
  readonly clusterMode?: boolean;
}

/** Properties of a `ParameterGroup`. */
export interface ParameterGroupProps {
  /** Engine and version, from which the family follows. A change of family makes a new group. */
  readonly engine: CacheEngine;

  /**
   * Parameters by name, checked against the family.
   *
   * @default - the engine's own values
   */
  readonly parameters?: { [name: string]: string };

  /**
   * Whether the group is for cluster mode (`cluster-enabled`).
   *
   * @default false
   */
  readonly clusterMode?: boolean;

  /**
   * Text that describes the group.
   *
   * @default - the construct's path
   */
  readonly description?: string;
}

/**
 * Parameters of an engine, to be shared by several caches. A cache makes a group of its own when it is given
 * `parameters`.
 *
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.html
 */
export class ParameterGroup extends Resource implements IParameterGroup {
  /** Identifies the construct to property injectors. */
  static readonly PROPERTY_INJECTION_ID = 'cdk-elasticache.ParameterGroup';

  /** A group that exists already, by its name, for example `default.valkey8`. Its parameters are not checked. */
  static fromParameterGroupName(scope: Construct, id: string, parameterGroupName: string): IParameterGroup {
    // AWS's own groups say in their names what they are.
    const own = Token.isUnresolved(parameterGroupName)
      ? null
      : /^default\.([a-z]+[\d.]*x?)(\.cluster\.on)?$/.exec(parameterGroupName);
    class Imported extends Resource implements IParameterGroup {
      readonly parameterGroupName = parameterGroupName;
      readonly family = own?.[1]?.replace(/\.$/, '');
      readonly clusterMode = own === null ? undefined : own[2] !== undefined;
    }
    return new Imported(scope, id);
  }

  /** Name of the group. */
  public readonly parameterGroupName: string;
  /** Family of the group, for example `valkey8`. */
  public readonly family?: string;
  /** Whether the group is for cluster mode. */
  public readonly clusterMode?: boolean;
  /** The underlying resource. */
  public readonly resource: CfnParameterGroup;

  /** @throws if a parameter is not one of the family's, or has a value that the family does not take */
  constructor(scope: Construct, id: string, props: ParameterGroupProps) {
    super(scope, id);
    props = injected(scope, id, ParameterGroup.PROPERTY_INJECTION_ID, props);

    const parameters = props.parameters ?? {};
    enforce([
      {
        broken: Token.isUnresolved(parameters),
        message: '`parameters` must be names and values known at synth; a value can be a token',
      },
      {
        broken: props.clusterMode === true && props.engine.isMemcached,
        message: '`clusterMode` is for valkey and redis: memcached has none',
      },
      ...parameterLimits(props.engine, parameters),
    ]);
    const family = props.engine.parameterGroupFamily;
    this.family = family;
    this.clusterMode = props.clusterMode ?? false;
    if (PARAMETER_FAMILIES[family] === undefined) {
      Annotations.of(this).addWarningV2(
        'cdk-elasticache:unknown-parameter-family',
        `this release does not know the parameters of ${family}: they are not checked`,
      );
    }
    this.resource = new CfnParameterGroup(this, 'Resource', {
      cacheParameterGroupFamily: family,
      description: props.description ?? `Parameters of ${this.node.path}`,
      properties: { ...parameters, ...(this.clusterMode ? { 'cluster-enabled': 'yes' } : {}) },
    });
    this.parameterGroupName = this.resource.ref;
  }
}

/** What a cache is told of its parameters. */
export interface ParameterChoice {
  readonly parameterGroup?: IParameterGroup;
  readonly parameters?: Readonly<Record<string, string>>;
}

/**
 * Name of a cache's parameter group: the one it is given, a new one for parameters of its own, or the one that AWS keeps
 * for the engine, whose parameters cannot be changed, but which a cache can leave later.
 */
export function parameterGroupNameOf(
  scope: Construct,
  engine: CacheEngine,
  clusterMode: boolean,
  { parameterGroup, parameters }: ParameterChoice,
): string {
  if (parameterGroup !== undefined) {
    return parameterGroup.parameterGroupName;
  }
  return parameters === undefined
    ? `default.${engine.parameterGroupFamily}${clusterMode ? '.cluster.on' : ''}`
    : new ParameterGroup(scope, 'Parameters', { engine, parameters, clusterMode }).parameterGroupName;
}

/** What is wrong with the choice of a parameter group for a cache. */
export function parameterGroupLimits(engine: CacheEngine, clusterMode: boolean, props: ParameterChoice): Limit[] {
  const { parameterGroup, parameters } = props;
  return [
    {
      broken: parameterGroup !== undefined && parameters !== undefined,
      message: '`parameterGroup` and `parameters` exclude each other',
    },
    {
      broken: parameterGroup?.family !== undefined && parameterGroup.family !== engine.parameterGroupFamily,
      message: `\`parameterGroup\` is of family ${parameterGroup?.family}, and ${engine} needs one of ${engine.parameterGroupFamily} (AWS: "Expected a parameter group of family ${engine.parameterGroupFamily}")`,
    },
    {
      broken: parameterGroup?.clusterMode !== undefined && parameterGroup.clusterMode !== clusterMode,
      message: `\`parameterGroup\` is for cluster mode ${parameterGroup?.clusterMode ? 'on' : 'off'}, and the cache has it ${clusterMode ? 'on' : 'off'} (AWS: "Use a parameter group with cluster-enabled parameter to create more than one node group.")`,
    },
  ];
}

/** What is wrong with parameters, by name, type and range. Nothing is known of a family that this release does not know. */
function parameterLimits(engine: CacheEngine, parameters: Readonly<Record<string, string>>): Limit[] {
  const family = PARAMETER_FAMILIES[engine.parameterGroupFamily];
  if (family === undefined) {
    return [];
  }
  return Object.entries(parameters).map(([name, value]) => {
    const problem = Token.isUnresolved(value) ? undefined : problemOf(engine, family, name, String(value));
    return { broken: problem !== undefined, message: problem ?? '' };
  });
}

function problemOf(
  engine: CacheEngine,
  family: Readonly<Record<string, string>>,
  name: string,
  value: string,
): string | undefined {
  const specification = Object.hasOwn(family, name) ? family[name] : undefined;
  if (name === 'cluster-enabled' && !engine.isMemcached) {
    return '`parameters` must not set cluster-enabled: it follows from `shards` and `clusterMode`';
  }
  if (specification === undefined) {
    return `\`parameters\` has ${name}, which ${engine.parameterGroupFamily} does not have${suggestion(engine, name)}`;
  }
  if (specification === 'fixed') {
    return `\`parameters\` must not set ${name}: AWS sets it by the node type and lets no custom group change it`;
  }
  const since = PARAMETER_SINCE[name];
  if (since !== undefined && compareVersions(engine.version, since) < 0) {
    return `\`parameters\` has ${name}, which needs ${engine.name} ${since} or later, got ${engine}`;
  }
  const expected = expectation(specification, value);
  return expected === undefined ? undefined : `parameter ${name} must be ${expected}, got ${JSON.stringify(value)}`;
}

/** What a value should have been, or undefined where it is right. */
function expectation(specification: string, value: string): string | undefined {
  const [type, ranges] = specification.split(' ') as [string, string | undefined];
  if (type === 'text') {
    return undefined;
  }
  if (type !== 'integer' && type !== 'double') {
    const words = type.split('|');
    return words.includes(value) ? undefined : `one of ${words.join(', ')}`;
  }
  const number = type === 'integer' ? /^-?\d+$/ : /^-?\d+(\.\d+)?$/;
  const noun = type === 'integer' ? 'a whole number' : 'a number';
  if (!number.test(value)) {
    return noun;
  }
  const allowed = (ranges ?? '').split(',').filter((range) => range !== '');
  return allowed.length === 0 || allowed.some((range) => within(range, Number(value)))
    ? undefined
    : `${noun}, ${allowed.map(inWords).join(' or ')}`;
}

function within(range: string, value: number): boolean {
  const { least, most } = bounds(range);
  return value >= least && value <= most;
}

function inWords(range: string): string {
  const { least, most } = bounds(range);
  return least === most
    ? String(least)
    : most === Number.POSITIVE_INFINITY
      ? `${least} or more`
      : `${least} to ${most}`;
}

/** A range such as `1-75`, `20-` (20 and more) or `0`. */
function bounds(range: string): { least: number; most: number } {
  const [, least, dash, most] = /^(-?[\d.]+)(-?)([\d.]*)$/.exec(range) as RegExpExecArray;
  return {
    least: Number(least),
    most: most !== '' ? Number(most) : dash === '-' ? Number.POSITIVE_INFINITY : Number(least),
  };
}

/** Where a parameter of another family, or one with nearly this name, may have been meant. */
function suggestion(engine: CacheEngine, name: string): string {
  const own = Object.keys(PARAMETER_FAMILIES[engine.parameterGroupFamily] ?? {});
  const near = own.find((candidate) => distance(candidate, name) <= 2);
  if (near !== undefined) {
    return `: did you mean ${near}?`;
  }
  const others = Object.keys(PARAMETER_FAMILIES).filter((family) =>
    Object.hasOwn(PARAMETER_FAMILIES[family] ?? {}, name),
  );
  return others.length === 0 ? '' : ` (${others.join(', ')} does)`;
}

/** How many letters have to be changed, added or removed (Levenshtein). */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...one].entries()) {
    const next = [index + 1];
    for (const [column, otherLetter] of [...other].entries()) {
      next.push(
        Math.min(
          (next[column] as number) + 1,
          (row[column + 1] as number) + 1,
          (row[column] as number) + (letter === otherLetter ? 0 : 1),
        ),
      );
    }
    row = next;
  }
  return row.at(-1) as number;
}
