import { Lazy, Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { BINDING_VERSION, type Binding } from '../runtime/binding';

/** What a client is told of, by the names that it calls them. */
export type BindingEntries = Partial<Pick<Binding, 'caches' | 'databases'>>;

/**
 * The binding as its reader expects it, in intrinsics.
 *
 * @param client whose stack names its metrics
 */
export function bindingOf(client: IConstruct, { caches = {}, databases = {} }: BindingEntries): Binding {
  return { version: BINDING_VERSION, caches, databases, metricsNamespace: Stack.of(client).stackName };
}

/** The same as JSON, rendered when the app is synthesized: until then the entries may grow. */
export function bindingText(client: IConstruct, entries: BindingEntries): string {
  return Lazy.string({ produce: () => Stack.of(client).toJsonString(bindingOf(client, entries)) });
}
