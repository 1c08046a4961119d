import type { CacheEvent, CacheObserver } from '../observer';

type Attributes = Record<string, string | boolean>;

/** The part of an OpenTelemetry `Meter` (`@opentelemetry/api` 1) that is used. */
export interface MeterLike {
  createCounter(
    name: string,
    options?: { description?: string; unit?: string },
  ): {
    add(value: number, attributes?: Attributes): void;
  };
  createHistogram(
    name: string,
    options?: { description?: string; unit?: string },
  ): {
    record(value: number, attributes?: Attributes): void;
  };
  createUpDownCounter(
    name: string,
    options?: { description?: string; unit?: string },
  ): {
    add(value: number, attributes?: Attributes): void;
  };
}

/**
 * Metrics through OpenTelemetry, by the meter that the application has: `metrics.getMeter('my-service')`. Durations are
 * in seconds, as its conventions say.
 */
export class OpenTelemetryObserver implements CacheObserver {
  private readonly reads;
  private readonly latency;
  private readonly loads;
  private readonly age;
  private readonly writes;
  private readonly writePenalty;
  private readonly drops;
  private readonly open;
  private readonly states;
  private readonly openParts = new Set<string>();

  constructor(meter: MeterLike) {
    const count = (name: string, description: string) => meter.createCounter(name, { description });
    const time = (name: string, description: string) => meter.createHistogram(name, { description, unit: 's' });
    this.reads = count('cache.reads', 'Reads by how they were answered');
    this.latency = time('cache.read.duration', 'Time that reads waited for the cache');
    this.loads = time('cache.load.duration', 'Time that loads took');
    this.age = time('cache.served.age', 'Age of what was served from the cache');
    this.writes = count('cache.writes', 'Writes and invalidations, by whether the cache was told');
    this.writePenalty = time('cache.write.penalty', 'Time that the cache added to writes');
    this.drops = count('cache.drops', 'What did not stay in, or come out of, the cache');
    this.states = count('cache.state.changes', 'Changes of state');
    this.open = meter.createUpDownCounter('cache.breaker.open', {
      description: 'Caches, or parts of them, that are not asked because they do not answer',
    });
  }

  observe(event: CacheEvent): void {
    const { cache } = event;
    switch (event.type) {
      case 'read': {
        const { namespace, outcome, cacheMs, loadMs, ageMs, failed } = event;
        this.reads.add(1, { cache, namespace, outcome, failed });
        this.latency.record(cacheMs / 1_000, { cache, namespace, outcome });
        if (outcome === 'miss' || outcome === 'bypass') {
          this.loads.record(loadMs / 1_000, { cache, namespace });
        } else {
          this.age.record(ageMs / 1_000, { cache, namespace });
        }
        break;
      }
      case 'write': {
        const { namespace, strategy, reached, cacheMs } = event;
        this.writes.add(1, { cache, namespace, strategy, reached });
        this.writePenalty.record(cacheMs / 1_000, { cache, namespace, strategy });
        break;
      }
      case 'drop':
        this.drops.add(1, { cache, namespace: event.namespace, reason: event.reason });
        break;
      case 'state':
        this.states.add(1, { cache, state: event.state });
        this.breaker(cache, event.part ?? '', event.state);
        break;
    }
  }

  private breaker(cache: string, part: string, state: string): void {
    const name = JSON.stringify([cache, part]);
    if (state === 'open' && !this.openParts.has(name)) {
      this.openParts.add(name);
      this.open.add(1, { cache, part });
    } else if (state === 'closed' && this.openParts.delete(name)) {
      this.open.add(-1, { cache, part });
    }
  }
}
