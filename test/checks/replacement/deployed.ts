import type { AssemblyEnvironment } from '../../../assembly/assembly';
import { type Effect, statefulChanges } from '../../../lib/checks/replacement/changes';

/** Resources of a template. */
export type Resources = Readonly<Record<string, object>>;

/** A template that is written by hand. */
export interface Template {
  readonly Resources: Resources;
  readonly Outputs?: object;
}

/** Stacks of one environment by their paths, as an assembly has them; CloudFormation knows `prod/data` as `prod-data`. */
export function environment(stacks: Readonly<Record<string, Template>>): AssemblyEnvironment[] {
  return [
    {
      name: 'prod',
      stacks: Object.entries(stacks).map(([path, { Resources, Outputs = {} }]) => ({
        id: path.replace('/', '-'),
        path,
        name: path.replace('/', '-'),
        templateFile: `/cdk.out/${path.replace('/', '-')}.template.json`,
        resources: Resources as AssemblyEnvironment['stacks'][number]['resources'],
        outputs: Outputs as AssemblyEnvironment['stacks'][number]['outputs'],
      })),
    },
  ];
}

/** What a deploy does, without what it only updates: effects and properties by the labels of the resources. */
export function effects(
  before: Readonly<Record<string, Template>>,
  now: Readonly<Record<string, Template>>,
): Record<string, [Effect, ...string[]]> {
  return Object.fromEntries(
    statefulChanges(environment(before), environment(now))
      .filter(({ effect }) => effect !== 'update')
      .map(({ stack, logicalId, effect, properties }) => [
        `${stack.path}/${logicalId}`,
        [effect, ...properties.map(({ name }) => name)],
      ]),
  );
}

/** The same between the resources of one stack, by their logical ids. */
export function effectsIn(before: Resources, now: Resources): Record<string, [Effect, ...string[]]> {
  const changes = effects({ 'prod/data': { Resources: before } }, { 'prod/data': { Resources: now } });
  return Object.fromEntries(
    Object.entries(changes).map(([label, change]) => [label.slice('prod/data/'.length), change]),
  );
}

/** What a deploy does to one resource when its properties go from one to the other; `none` when it stays. */
export function effectOn(type: string, before: object, now: object, attributes: object = {}): Effect | 'none' {
  const resource = (properties: object) => ({ R: { Type: type, Properties: properties, ...attributes } });
  return effectsIn(resource(before), resource(now)).R?.[0] ?? 'none';
}
