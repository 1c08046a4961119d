import type { StackTemplate } from '../estimate';
import { type Resource, type Template, text } from '../template';

/** Stacks as they would be, and what was changed in them, resource by resource. */
export interface ChangedStacks {
  readonly stacks: readonly StackTemplate[];
  readonly changes: readonly string[];
}

/** What a resource would be. */
export interface ChangedResource {
  readonly properties: Readonly<Record<string, unknown>>;
  /** For example `cache.m5.large → cache.m7g.large`. */
  readonly what: string;
}

/** Changes resources one by one. @param change gives nothing for a resource that stays as it is */
export function changedResources(
  stacks: readonly StackTemplate[],
  change: (resource: Resource, template: Template) => ChangedResource | undefined,
): ChangedStacks {
  const changes: string[] = [];
  const changed = stacks.map(({ name, template }) => {
    const resources = Object.entries(template.Resources).map(([id, resource]): [string, Resource] => {
      const to = change(resource, template);
      if (to === undefined) {
        return [id, resource];
      }
      changes.push(`${resourceName(name, id, resource)}: ${to.what}`);
      return [id, { ...resource, Properties: { ...resource.Properties, ...to.properties } }];
    });
    return { name, template: { ...template, Resources: Object.fromEntries(resources) } };
  });
  return { stacks: changed, changes };
}

/** A resource by its stack and its path in there, or its logical id where no path is known. */
export function resourceName(stack: string, id: string, { Metadata }: Resource): string {
  const path = text(Metadata?.['aws:cdk:path']);
  if (path === undefined) {
    return `${stack} ${id}`;
  }
  const own = path.startsWith(`${stack}/`) ? path.slice(stack.length + 1) : path;
  return `${stack} ${own.replace(/(\/(Resource|Default))+$/, '')}`;
}
