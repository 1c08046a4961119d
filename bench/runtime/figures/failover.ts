import type { TimelineWrite } from '../rows/failover';
import type { Results } from './results';
import { COLORS, figure, type Spec, WIDTH } from './style';

interface Standing {
  readonly client: string;
  readonly errors: number;
  readonly lostByClient: number;
  readonly outageMs: number;
  readonly timeline: readonly TimelineWrite[];
}

const OUTCOMES = {
  acknowledged: { says: 'stored', color: COLORS.ours },
  withheld: { says: 'caller told: not cached', color: COLORS.worse },
  lost: { says: 'acknowledged, yet lost', color: '#7b2d8b' },
  error: { says: 'error', color: COLORS.bad },
  pending: { says: 'no answer', color: COLORS.bad },
} as const;

/** The bottom of the scale. */
const FLOOR_MS = 0.2;

/** Each write of a failover, when it was made and how long it took. */
export function failover(results: Results): Spec {
  const standings = results.data<Standing>('failover');
  const values = standings.flatMap(({ client, errors, lostByClient, timeline }) =>
    timeline.flatMap((write) =>
      dot(write).map((vertex) => ({
        ...vertex,
        client: heading(client, errors, lostByClient),
        outcome: OUTCOMES[write.outcome].says,
      })),
    ),
  );
  const shown = [...new Set(values.map(({ outcome }) => outcome))];
  const outcomes = Object.values(OUTCOMES).filter(({ says }, index, all) => {
    return shown.includes(says) && all.findIndex((other) => other.says === says) === index;
  });
  return figure(
    'A failover behind one endpoint, write by write',
    [
      'A write each 5 ms; at 0 s a replica is promoted, the old primary demoted and the endpoint moved, while the old ' +
        'connections stay open. Half of the writes increment a leaderboard, half store an entry. First of the rounds.',
      results.circumstances,
    ],
    {
      data: { values },
      facet: {
        row: {
          field: 'client',
          type: 'nominal',
          sort: standings.map(({ client, errors, lostByClient }) => heading(client, errors, lostByClient)),
          title: null,
          header: { orient: 'top', labelOrient: 'top', labelAnchor: 'start', labelPadding: 4 },
        },
      },
      spacing: 14,
      spec: {
        width: WIDTH + 140,
        height: 72,
        layer: [
          {
            // Of its own, or it would be drawn once for each write.
            data: { values: [{}] },
            mark: { type: 'rule', color: COLORS.faint, strokeDash: [4, 3] },
            encoding: { x: { datum: 0 } },
          },
          {
            mark: {
              type: 'line',
              strokeWidth: 3,
              strokeCap: 'round',
              opacity: 0.85,
              invalid: 'break-paths-show-domains',
            },
            encoding: {
              x: {
                field: 'seconds',
                type: 'quantitative',
                title: 'seconds after the failover',
                axis: { values: [-1, -0.5, 0, 0.5, 1, 1.5, 2] },
                scale: { domain: [-1, 2], nice: false },
              },
              y: {
                field: 'ms',
                type: 'quantitative',
                title: 'ms',
                scale: { type: 'log', domain: [FLOOR_MS, 3_000], nice: false },
                axis: { values: [1, 10, 100, 1_000], format: ',d' },
              },
              color: {
                field: 'outcome',
                type: 'nominal',
                scale: { domain: outcomes.map(({ says }) => says), range: outcomes.map(({ color }) => color) },
              },
            },
          },
        ],
      },
    },
  );
}

/** A write as a line of no length, followed by a break: all dots of one color are one path, and the file stays small. */
function dot({ afterMs, tookMs }: TimelineWrite) {
  const seconds = afterMs / 1_000;
  const ms = Math.max(FLOOR_MS, tookMs);
  return [
    { seconds, ms },
    { seconds: seconds + 0.001, ms },
    { seconds: seconds + 0.002, ms: null },
  ];
}

function heading(client: string, errors: number, lost: number): string {
  const name = client === 'ours' ? 'this package' : client;
  return `${name}: ${errors} errors, ${lost} acknowledged writes lost`;
}
