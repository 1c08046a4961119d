import type { Results } from './results';
import { COLORS, duration, figure, GAP, label, part, type Spec, STEP, WIDTH } from './style';

interface Standing {
  readonly client: string;
  readonly engine: string;
  readonly ours?: boolean;
  readonly firstMs: number;
  readonly nextP50Ms: number;
  readonly errors: number;
}

/** A call is given up then. */
const BOUND_MS = 6_000;

/** The extra time of a call when the cache is lost. */
export function lostCache(results: Results): Spec {
  return figure(
    'A lost cache: the time that it adds to a call',
    [
      'The first caller after the loss, and the median of the 50 that follow, one each 10 ms. Given up after 6 s.',
      results.circumstances,
    ],
    {
      vconcat: [
        times('Gone: connections are refused', results.data<Standing>('lost-cache-refused')),
        times('Frozen: connections stay open, nothing answers', results.data<Standing>('lost-cache-frozen')),
      ],
    },
  );
}

function times(title: string, standings: readonly Standing[]): Spec {
  const values = standings.flatMap(({ client, engine, ours, firstMs, nextP50Ms, errors }) => {
    const name = ours ? `this package, ${engine === 'valkey' ? 'Valkey' : 'Memcached'}` : label(client);
    const row = { client: name, from: Math.min(firstMs, nextP50Ms), to: Math.max(firstMs, nextP50Ms) };
    const spoken = (ms: number) => (ms >= BOUND_MS ? '> 6 s' : duration(ms));
    const failed = errors > 0 ? `${GAP}${errors} of 51 calls failed` : '';
    const text = `${spoken(firstMs)}, then ${spoken(nextP50Ms)}${failed}`;
    return [
      { ...row, call: 'first caller', ms: Math.min(firstMs, BOUND_MS), text, at: Math.min(row.to, BOUND_MS) },
      { ...row, call: 'next callers', ms: Math.min(nextP50Ms, BOUND_MS) },
    ];
  });
  const scale = { type: 'log', domain: [0.1, 2_000_000], nice: false };
  const x = {
    type: 'quantitative',
    title: 'extra time of a call (log scale)',
    scale,
    axis: {
      values: [0.1, 1, 10, 100, 1_000, 6_000],
      labelExpr: "datum.value >= 1000 ? datum.value / 1000 + ' s' : datum.value + ' ms'",
    },
  };
  return {
    title: part(title),
    width: WIDTH,
    height: { step: STEP },
    data: { values },
    encoding: { y: { field: 'client', type: 'nominal', sort: null, title: null } },
    layer: [
      {
        mark: { type: 'rule', strokeWidth: 3, color: '#e3e8ed' },
        encoding: { x: { ...x, field: 'from' }, x2: { field: 'to' } },
      },
      {
        mark: { type: 'circle', size: 95, opacity: 1 },
        encoding: {
          x: { ...x, field: 'ms' },
          color: {
            field: 'call',
            type: 'nominal',
            scale: { domain: ['first caller', 'next callers'], range: [COLORS.worse, COLORS.ours] },
          },
        },
      },
      {
        transform: [{ filter: 'isValid(datum.text)' }],
        mark: { type: 'text', align: 'left', dx: 12 },
        encoding: { x: { ...x, field: 'at' }, text: { field: 'text' } },
      },
    ],
  };
}
