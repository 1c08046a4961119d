import { REPLACING, SPECIFICATION } from './known-replacements';
import { SPECIAL_RULES } from './special-rules';
import type { StoredResource } from './stored-resource';

/** Whether a change of a property replaces its resource. */
export type Verdict = 'yes' | 'maybe' | 'no';

/** What is known of a property, and where from. */
export interface PropertyRule {
  readonly verdict: Verdict;
  readonly source: string;
}

/** Stateful types that CDK's specification does not mark: they hold data, or decide who gets at it. */
const ALSO_STATEFUL = ['AWS::ElastiCache::ServerlessCache', 'AWS::ElastiCache::User', 'AWS::ElastiCache::UserGroup'];

interface KnownType {
  readonly isStateful: boolean;
  readonly verdicts: ReadonlyMap<string, Verdict>;
}

let known: ReadonlyMap<string, KnownType> | undefined;

/** Whether a resource of the type holds what a new one would not have. */
export function isStateful(type: string): boolean {
  return ALSO_STATEFUL.includes(type) || table().get(type)?.isStateful === true;
}

/** The properties of a type that replace a resource, or may; those within others as `Outer.Inner`. */
export function replacingProperties(type: string): string[] {
  return [...(table().get(type)?.verdicts.keys() ?? [])];
}

/** What a change of a property does to a resource that was `before` and is to be `now`. */
export function propertyRule(before: StoredResource, now: StoredResource, property: string): PropertyRule {
  const verdict = table().get(now.Type)?.verdicts.get(property) ?? 'no';
  const special = SPECIAL_RULES.find(({ type, properties }) => type === now.Type && properties.includes(property));
  return special === undefined
    ? { verdict, source: SPECIFICATION }
    : { verdict: special.judge(before, now), source: special.source };
}

function table(): ReadonlyMap<string, KnownType> {
  known ??= read(REPLACING);
  return known;
}

function read(text: string): Map<string, KnownType> {
  const types = new Map<string, KnownType>();
  let service = '';
  for (const line of text.trim().split('\n')) {
    if (line.includes('::')) {
      service = line;
      continue;
    }
    const [name = '', ...properties] = line.split(' ');
    types.set(`${service}::${name.replace('*', '')}`, {
      isStateful: name.startsWith('*'),
      verdicts: new Map(
        properties.map((property) => [property.replace('?', ''), property.endsWith('?') ? 'maybe' : 'yes']),
      ),
    });
  }
  return types;
}
