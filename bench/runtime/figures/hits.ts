import type { Results } from './results';
import { COLORS, figure, GAP, label, part, type Spec, STEP, WIDTH } from './style';

interface Standing {
  readonly client: string;
  readonly kind: 'ours' | 'peer' | 'reference';
  readonly perSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

const PARTS = [
  { id: 'hits-valkey-64', title: 'Valkey' },
  { id: 'hits-memcached-64', title: 'Memcached' },
  { id: 'tier-64', title: 'In-process tier over Valkey' },
];

/** Hits a second of each client, the fastest first. */
export function hits(results: Results): Spec {
  return figure(
    'A hit, beside the peers in the same run',
    [
      'getOrLoad of 1 KB of JSON, an object out: 10,000 keys, zipf, 64 callers. At each bar: hits a second, and the p50 and p99 of a call.',
      results.circumstances,
    ],
    { vconcat: PARTS.map(({ id, title }) => bars(title, results.data<Standing>(id))) },
  );
}

function bars(title: string, standings: readonly Standing[]): Spec {
  const values = [...standings]
    .sort((a, b) => b.perSecond - a.perSecond)
    .map(({ client, kind, perSecond, p50Us, p99Us }) => ({
      client: label(client),
      kind,
      perSecond,
      text: `${count(perSecond)}/s${GAP}${micros(p50Us)} · ${micros(p99Us)}`,
    }));
  const y = { field: 'client', type: 'nominal', sort: null, title: null };
  const most = Math.max(...values.map(({ perSecond }) => perSecond));
  const x = {
    field: 'perSecond',
    type: 'quantitative',
    title: 'hits a second',
    // Room for the figures that stand at the bars' ends.
    scale: { domain: [0, most * 1.4], nice: false },
    axis: { format: '~s', tickCount: 6 },
  };
  return {
    title: part(title),
    width: WIDTH,
    height: { step: STEP },
    data: { values },
    encoding: { y, x },
    layer: [
      {
        mark: { type: 'bar', height: { band: 0.72 }, cornerRadiusEnd: 2 },
        encoding: {
          color: {
            field: 'kind',
            type: 'nominal',
            scale: {
              domain: ['ours', 'peer', 'reference'],
              range: [COLORS.ours, COLORS.peer, COLORS.reference],
            },
            legend: {
              labelExpr:
                "{ours: 'this package', peer: 'peer', reference: 'no cache-aside, for reference'}[datum.label]",
            },
          },
        },
      },
      { mark: { type: 'text', align: 'left', dx: 6 }, encoding: { text: { field: 'text' } } },
    ],
  };
}

function count(value: number): string {
  return value >= 1e6 ? `${(value / 1e6).toPrecision(3)}M` : `${Math.round(value / 1e3)}k`;
}

function micros(us: number): string {
  return us >= 1_000 ? `${(us / 1_000).toPrecision(2)} ms` : `${Number(us.toPrecision(2))} µs`;
}
