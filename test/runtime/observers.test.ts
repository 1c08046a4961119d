import { metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { type CacheEvent, type CacheObserver, connect, OpenTelemetryObserver, PrometheusObserver } from '../../runtime';
import { bindingOf, freeze, RunningEngines, refusedCache, signal, sleep, variablesOf } from '../engines/running';

let engines: RunningEngines;

beforeAll(async () => {
  engines = await RunningEngines.start();
});

afterAll(() => engines.stop());

/** One miss, one hit, one write-through, one value that is too large, then a frozen cache. */
async function useCache(observer: CacheObserver): Promise<void> {
  const { binding, primary } = await engines.valkey();
  const caches = connect(variablesOf(bindingOf({ films: binding })), { observer });
  const films = caches.cache('films').namespace<string>('film', { ttlMs: 60_000, maxBytes: 1_000 });
  await caches.ready(5_000);
  await films.getOrLoad(1, async () => 'Ran');
  await films.getOrLoad(1, async () => 'never');
  await films.writeThrough(2, 'Ikiru', async () => {});
  await films.getOrLoad(3, async () => 'x'.repeat(2_000));
  await freeze(primary);
  await films.getOrLoad(1, async () => 'database');
  await films.writeThrough(2, 'lost', async () => {});
  await caches.close();
  signal(primary, 'SIGCONT');
}

test('Prometheus: reads by outcome, latencies, writes, drops and the breaker, as text', async () => {
  const observer = new PrometheusObserver();
  await useCache(observer);

  const text = await observer.text();

  expect(observer.contentType).toContain('text/plain');
  for (const line of [
    'cache_reads_total{cache="films",namespace="film",outcome="hit"} 1',
    'cache_reads_total{cache="films",namespace="film",outcome="miss"} 2',
    'cache_reads_total{cache="films",namespace="film",outcome="bypass"} 1',
    'cache_read_seconds_count{cache="films",namespace="film",outcome="hit"} 1',
    'cache_load_seconds_count{cache="films",namespace="film"} 3',
    'cache_served_age_seconds_count{cache="films",namespace="film"} 1',
    'cache_writes_total{cache="films",namespace="film",strategy="write-through",reached="true"} 1',
    'cache_writes_total{cache="films",namespace="film",strategy="write-through",reached="false"} 1',
    'cache_drops_total{cache="films",namespace="film",reason="oversized"} 1',
    'cache_breaker_open{cache="films",part=""} 1',
    'cache_state_changes_total{cache="films",state="quarantine"} 1',
  ]) {
    expect(text).toContain(line);
  }
});

test('OpenTelemetry: the same through the application’s meter', async () => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 });
  const provider = new MeterProvider({ readers: [reader] });
  metrics.setGlobalMeterProvider(provider);
  await useCache(new OpenTelemetryObserver(metrics.getMeter('test')));

  await provider.forceFlush();
  const points = exporter
    .getMetrics()
    .flatMap(({ scopeMetrics }) =>
      scopeMetrics.flatMap((scope) =>
        scope.metrics.flatMap(({ descriptor, dataPoints }) =>
          dataPoints.map(({ attributes, value }) => ({ name: descriptor.name, attributes, value })),
        ),
      ),
    );
  await provider.shutdown();

  const measured = (name: string, attributes: object) =>
    points.find((point) => point.name === name && sameAttributes(point.attributes, attributes))?.value;
  const film = { cache: 'films', namespace: 'film' };
  expect(measured('cache.reads', { ...film, outcome: 'hit', failed: false })).toBe(1);
  expect(measured('cache.reads', { ...film, outcome: 'miss', failed: false })).toBe(2);
  expect(measured('cache.load.duration', film)).toMatchObject({ count: 3 });
  expect(measured('cache.writes', { ...film, strategy: 'write-through', reached: false })).toBe(1);
  expect(measured('cache.drops', { ...film, reason: 'oversized' })).toBe(1);
  expect(measured('cache.breaker.open', { cache: 'films', part: '' })).toBe(1);
});

function sameAttributes(one: object, other: object): boolean {
  const text = (value: object) => JSON.stringify(Object.entries(value).sort());
  return text(one) === text(other);
}

test('a change of state is told once, not once a request', async () => {
  const events: CacheEvent[] = [];
  const caches = connect(variablesOf(bindingOf({ films: await refusedCache('valkey') })), {
    observer: { observe: (event) => void events.push(event) },
  });
  const films = caches.cache('films').namespace<string>('film', { ttlMs: 60_000 });
  for (let read = 0; read < 50; read += 1) {
    await films.getOrLoad(read, async () => 'database');
  }
  await sleep(10);
  await caches.close();

  expect(events.filter(({ type }) => type === 'state')).toEqual([
    expect.objectContaining({ cache: 'films', state: 'open', cause: expect.any(Error) }),
  ]);
  expect(events.filter(({ type }) => type === 'read')).toHaveLength(50);
});

test('an observer that throws harms nobody', async () => {
  const caches = connect(variablesOf(bindingOf({ films: await refusedCache('valkey') })), {
    observer: {
      observe() {
        throw new Error('no disk left');
      },
    },
  });
  const films = caches.cache('films').namespace<string>('film', { ttlMs: 60_000 });

  expect(await films.getOrLoad(1, async () => 'database')).toBe('database');
  await caches.close();
});
