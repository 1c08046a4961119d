import { type CacheEvent, type CacheOptions, type Caches, connect, type StateEvent } from '../../../runtime';
import type { CacheBinding } from '../../../runtime/binding';
import { bindingOf, variablesOf } from '../../engines/running';

/** One instance of an application, and what its runtime told. */
export interface Instance {
  readonly caches: Caches;
  readonly events: Array<CacheEvent & { readonly at: number }>;
  states(state: StateEvent['state']): number;
}

const opened: Caches[] = [];

/** Opens an instance; `closeInstances` closes it. */
export async function instance(binding: CacheBinding, options: CacheOptions = {}, ready = true): Promise<Instance> {
  const events: Instance['events'] = [];
  const caches = connect(variablesOf(bindingOf({ cache: binding })), {
    observer: { observe: (event) => void events.push({ ...event, at: performance.now() }) },
  });
  opened.push(caches);
  caches.cache('cache', options);
  if (ready) {
    await caches.ready(5_000);
  }
  return {
    caches,
    events,
    states: (state) => events.filter((event) => event.type === 'state' && event.state === state).length,
  };
}

export async function closeInstances(): Promise<void> {
  await Promise.all(opened.splice(0).map((caches) => caches.close()));
}
