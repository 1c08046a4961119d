import type { Assembly } from '../assembly/assembly';
import { Problem } from '../assembly/problem';
import { type Resource, Templates } from '../assembly/templates';
import { FLEET_METADATA_KEY } from '../runtime/binding';

/** The environment that is taken of several when none is named. */
const DEFAULT_ENVIRONMENT = 'dev';

/** The templates of one environment, with the fleet that makes it one to run. */
export interface ChosenTemplates {
  readonly templates: Templates;
  /** `undefined` where the environment has only caches and databases that are known how to run. */
  readonly fleet: Resource | undefined;
  /** Names of the other environments that could run. */
  readonly others: readonly string[];
}

/** What runs without a fleet, too. */
const ENGINES = [
  'AWS::ElastiCache::ReplicationGroup',
  'AWS::ElastiCache::CacheCluster',
  'AWS::ElastiCache::ServerlessCache',
  'AWS::RDS::DBInstance',
];

/**
 * The environment of a name; without a name the only one that has a fleet (or, where none has, caches or a database), or
 * else `dev`.
 *
 * @throws Problem that lists the names, when none or more than one could be meant
 */
export function chooseTemplates(assembly: Assembly, name?: string): ChosenTemplates {
  const all = assembly.environments.map((environment) => new Templates(environment));
  const withFleets = all.filter((templates) => fleetsOf(templates).length > 0);
  const runnable = withFleets.length > 0 ? withFleets : all.filter(hasEngines);
  const candidates = name === undefined ? runnable : all.filter((templates) => templates.name === name);
  const templates =
    candidates.length > 1 ? candidates.find((candidate) => candidate.name === DEFAULT_ENVIRONMENT) : candidates[0];
  if (templates === undefined && name !== undefined) {
    throw new Problem(`${assembly.directory} has no environment \`${name}\`, there are: ${namesOf(all)}`);
  }
  if (templates === undefined && runnable.length > 1) {
    throw new Problem(
      `${assembly.directory} has ${runnable.length} environments (${namesOf(runnable)}): choose one with --environment`,
    );
  }
  const [fleet, ...more] = templates === undefined ? [] : fleetsOf(templates);
  if (templates === undefined || (fleet === undefined && !hasEngines(templates))) {
    const stacks = (templates === undefined ? all : [templates]).flatMap((searched) => searched.stacks);
    throw new Problem(
      `${describe(assembly, templates)} has nothing to run: no cache, no database and no Auto Scaling group made by a \`WebFleet\` in it ` +
        `(found: ${stacks.map(({ path }) => path).join(', ') || 'no stack at all'})`,
    );
  }
  if (more.length > 0) {
    throw new Problem(
      `${describe(assembly, templates)} has ${more.length + 1} fleets (${fleetsOf(templates)
        .map(({ label }) => label)
        .join(', ')}): give each environment a \`Stage\` of its own`,
    );
  }
  return { templates, fleet, others: runnable.filter((other) => other !== templates).map((other) => other.name) };
}

function hasEngines(templates: Templates): boolean {
  return ENGINES.some((type) => templates.all(type).length > 0);
}

function fleetsOf(templates: Templates): Resource[] {
  return templates
    .all('AWS::AutoScaling::AutoScalingGroup')
    .filter(({ metadata }) => metadata[FLEET_METADATA_KEY] !== undefined);
}

function describe(assembly: Assembly, templates: Templates | undefined): string {
  return templates === undefined
    ? assembly.directory
    : `the environment \`${templates.name}\` of ${assembly.directory}`;
}

function namesOf(all: readonly Templates[]): string {
  return all.map(({ name }) => name).join(', ') || 'none';
}
