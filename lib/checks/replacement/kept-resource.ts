import type { AssemblyStack } from '../../../assembly/assembly';
import { propertyRule, replacingProperties, type Verdict } from './property-rules';
import type { ResolvedValues } from './resolved-values';
import { sameValue } from './same-value';
import { propertyOf, type StoredResource } from './stored-resource';

/** A property that is to change. */
export interface PropertyChange {
  /** Of one within another `Outer.Inner`. */
  readonly name: string;
  readonly before: unknown;
  readonly now: unknown;
  /** Where it is known from what the change does. */
  readonly source: string;
  /** What it refers to and what is replaced itself, for example `prod/data/Subnets`; the value is as it was then. */
  readonly replaced?: string;
}

/** A stack, before or now, with the values of the environment that it is deployed in. */
export interface Side {
  readonly stack: AssemblyStack;
  readonly resources: ReadonlyMap<string, StoredResource>;
  readonly values: ResolvedValues;
}

/** A resource that is there before and now, and what a deploy does to it. */
export class KeptResource {
  /** For example `prod/data/Subnets`. */
  readonly label: string;
  private readonly verdicts = new Map<string, PropertyChange & { readonly verdict: Verdict }>();

  constructor(
    readonly old: Side,
    readonly current: Side,
    readonly logicalId: string,
    readonly before: StoredResource,
    readonly now: StoredResource,
  ) {
    this.label = labelOf(old.stack, logicalId);
    for (const name of replacingProperties(now.Type).filter((property) => this.differs(property))) {
      this.judge(name);
    }
  }

  /** The properties that replace it, or may. */
  replacing(verdict: Verdict): PropertyChange[] {
    return [...this.verdicts.values()].filter((change) => change.verdict === verdict);
  }

  get isReplaced(): boolean {
    return this.replacing('yes').length > 0;
  }

  /** All properties that change. */
  changed(): PropertyChange[] {
    const names = [this.before, this.now].flatMap(({ Properties = {} }) => Object.keys(Properties));
    return [...new Set(names)].filter((name) => this.differs(name)).map((name) => this.changeOf(name));
  }

  /** What its properties refer to by which it could be replaced, by their names. */
  references(): Array<readonly [string, readonly string[]]> {
    return replacingProperties(this.now.Type).map((name) => [
      name,
      this.current.values.references(this.current.stack, propertyOf(this.now, name)),
    ]);
  }

  /** Takes note that what a property refers to is replaced. @returns whether that says anything new of this resource */
  follow(name: string, replaced: string): boolean {
    return !this.verdicts.has(name) && this.judge(name, replaced);
  }

  private judge(name: string, replaced?: string): boolean {
    const { verdict } = propertyRule(this.before, this.now, name);
    if (verdict === 'no') {
      return false;
    }
    this.verdicts.set(name, { ...this.changeOf(name), verdict, ...(replaced === undefined ? {} : { replaced }) });
    return true;
  }

  private changeOf(name: string): PropertyChange {
    const { source } = propertyRule(this.before, this.now, name);
    return { name, before: propertyOf(this.before, name), now: propertyOf(this.now, name), source };
  }

  private differs(name: string): boolean {
    return !sameValue(
      this.old.values.of(this.old.stack, propertyOf(this.before, name)),
      this.current.values.of(this.current.stack, propertyOf(this.now, name)),
    );
  }
}

/** What a resource is known by in an app. */
export function labelOf({ path }: AssemblyStack, logicalId: string): string {
  return `${path}/${logicalId}`;
}
