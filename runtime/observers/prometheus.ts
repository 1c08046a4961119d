import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { CacheEvent, CacheObserver } from '../observer';

/** Bounds of the latency histograms, in seconds: from a hit of a fifth of a millisecond to a load of ten seconds. */
const SECONDS = [0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/**
 * Metrics in Prometheus' text format, by `prom-client`. Serve `text()` under `/metrics`.
 *
 * The hit ratio of a namespace is `cache_reads_total` with outcome hit, tier, stale or wait, of all; the loads saved are
 * the same outcomes.
 */
export class PrometheusObserver implements CacheObserver {
  private readonly registry = new Registry();
  private readonly reads: Counter;
  private readonly latency: Histogram;
  private readonly loads: Histogram;
  private readonly failures: Counter;
  private readonly age: Histogram;
  private readonly writes: Counter;
  private readonly writePenalty: Histogram;
  private readonly drops: Counter;
  private readonly open: Gauge;
  private readonly states: Counter;

  constructor() {
    const registers = [this.registry];
    const labelNames = ['cache', 'namespace'];
    this.reads = new Counter({
      name: 'cache_reads_total',
      help: 'Reads by how they were answered',
      labelNames: [...labelNames, 'outcome'],
      registers,
    });
    this.latency = new Histogram({
      name: 'cache_read_seconds',
      help: 'Time that reads waited for the cache',
      labelNames: [...labelNames, 'outcome'],
      buckets: SECONDS,
      registers,
    });
    this.loads = new Histogram({
      name: 'cache_load_seconds',
      help: 'Time that loads took',
      labelNames,
      buckets: SECONDS,
      registers,
    });
    this.failures = new Counter({
      name: 'cache_failed_reads_total',
      help: 'Reads whose load failed and that had nothing older to serve',
      labelNames,
      registers,
    });
    this.age = new Histogram({
      name: 'cache_served_age_seconds',
      help: 'Age of what was served from the cache',
      labelNames,
      buckets: [1, 5, 15, 60, 300, 900, 3_600, 14_400, 86_400],
      registers,
    });
    this.writes = new Counter({
      name: 'cache_writes_total',
      help: 'Writes and invalidations, by whether the cache was told',
      labelNames: [...labelNames, 'strategy', 'reached'],
      registers,
    });
    this.writePenalty = new Histogram({
      name: 'cache_write_penalty_seconds',
      help: 'Time that the cache added to writes',
      labelNames: [...labelNames, 'strategy'],
      buckets: SECONDS,
      registers,
    });
    this.drops = new Counter({
      name: 'cache_drops_total',
      help: 'What did not stay in, or come out of, the cache',
      labelNames: [...labelNames, 'reason'],
      registers,
    });
    this.open = new Gauge({
      name: 'cache_breaker_open',
      help: '1 while the cache, or a part of it, is not asked because it does not answer',
      labelNames: ['cache', 'part'],
      registers,
    });
    this.states = new Counter({
      name: 'cache_state_changes_total',
      help: 'Changes of state',
      labelNames: ['cache', 'state'],
      registers,
    });
  }

  observe(event: CacheEvent): void {
    const { cache } = event;
    switch (event.type) {
      case 'read': {
        const { namespace, outcome, cacheMs, loadMs, ageMs, failed } = event;
        if (failed) {
          this.failures.inc({ cache, namespace });
        }
        this.reads.inc({ cache, namespace, outcome });
        this.latency.observe({ cache, namespace, outcome }, cacheMs / 1_000);
        if (outcome === 'miss' || outcome === 'bypass') {
          this.loads.observe({ cache, namespace }, loadMs / 1_000);
        } else {
          this.age.observe({ cache, namespace }, ageMs / 1_000);
        }
        break;
      }
      case 'write': {
        const { namespace, strategy, reached, cacheMs } = event;
        this.writes.inc({ cache, namespace, strategy, reached: String(reached) });
        this.writePenalty.observe({ cache, namespace, strategy }, cacheMs / 1_000);
        break;
      }
      case 'drop':
        this.drops.inc({ cache, namespace: event.namespace, reason: event.reason });
        break;
      case 'state':
        this.states.inc({ cache, state: event.state });
        if (event.state === 'open' || event.state === 'closed') {
          this.open.set({ cache, part: event.part ?? '' }, event.state === 'open' ? 1 : 0);
        }
        break;
    }
  }

  /** All metrics as text. */
  text(): Promise<string> {
    return this.registry.metrics();
  }

  /** What to send as `content-type` with it. */
  get contentType(): string {
    return this.registry.contentType;
  }
}
