import type { Results } from './results';
import { COLORS, duration, figure, GAP, part, type Spec, STEP, WIDTH } from './style';

interface Standing {
  readonly client: string;
  readonly engine: string;
  readonly ours: boolean;
  readonly loads: number;
  readonly mostLoads: number;
  readonly atOnce: number;
  readonly unanswered: number;
  readonly p50Ms: number;
}

/** Loads of the whole fleet for one key. */
export function stampede(results: Results): Spec {
  const worked = results.data<Standing>('stampede').map((standing) => ({
    ...named(standing),
    value: standing.mostLoads,
    text: `${standing.mostLoads}${GAP}half have it after ${duration(standing.p50Ms)}`,
  }));
  const failed = results.data<Standing>('stampede-failing').map((standing) => ({
    ...named(standing),
    value: standing.atOnce,
    text:
      `${standing.atOnce}${GAP}${standing.mostLoads} loads in all` +
      `${standing.unanswered > 0 ? `, ${standing.unanswered} callers never told` : ''}`,
  }));
  return figure(
    'A stampede: what one missing key costs the database',
    [
      '4 processes × 500 callers ask for one key that is not cached; the loader takes 50 ms. Worst of the rounds.',
      results.circumstances,
    ],
    {
      vconcat: [
        dots('Loads of the fleet', 'loads', worked),
        dots('The loader fails: most loads at the same time', 'loads at the same time', failed),
      ],
    },
  );
}

function named({ client, engine, ours }: Standing) {
  return {
    client: ours ? `this package, ${engine === 'valkey' ? 'Valkey' : 'Memcached'}` : client,
    kind: ours ? 'ours' : 'peer',
  };
}

function dots(
  title: string,
  unit: string,
  values: ReadonlyArray<{ client: string; kind: string; value: number }>,
): Spec {
  const x = {
    field: 'value',
    type: 'quantitative',
    title: `${unit} (log scale)`,
    scale: { type: 'log', domain: [0.8, 40_000], nice: false },
    axis: { values: [1, 10, 100, 1_000], format: ',d' },
  };
  const color = {
    field: 'kind',
    type: 'nominal',
    scale: { domain: ['ours', 'peer'], range: [COLORS.ours, COLORS.peer] },
    legend: null,
  };
  return {
    title: part(title),
    width: WIDTH,
    height: { step: STEP },
    data: { values: [...values] },
    encoding: { y: { field: 'client', type: 'nominal', sort: null, title: null }, x },
    layer: [
      { mark: { type: 'rule', strokeWidth: 2 }, encoding: { color, x2: { datum: 0.8 } } },
      { mark: { type: 'circle', size: 110, opacity: 1 }, encoding: { color } },
      { mark: { type: 'text', align: 'left', dx: 10 }, encoding: { text: { field: 'text' } } },
    ],
  };
}
