import { judgeNodes, type NodeCache, type NodeRule, nodeCaches, nodeName, nodesOf, parameter } from './caches';
import { mostConnectionsOf } from './node-types';
import { type DoctorRule, each, unknown, type Verdict } from './rule';
import { highest, last, mean, QUARTER_SECONDS, repeated, span, sum } from './series';
import { cacheGuide } from './sources';
import { figure, listed, percent } from './words';

/** Percent of the connections that a node takes; AWS recommends an alarm, and gives no number. */
const CONNECTION_PERCENT = 80;

/** How connections grow that nobody closes: at each look not fewer, in the end this many times as many, and many. */
const LEAK_GROWTH = 2;
const LEAK_LEAST = 1_000;
const LEAK_LOOKS = 8;

/** Fewest values that show a trend: six hours. */
const LEAK_VALUES = 24;

/**
 * Clients that connect for each command: new connections a second, and for each one that is open in a quarter of an
 * hour. AWS asks to keep connections open, and gives no number.
 */
const NEW_PER_SECOND = 10;
const NEW_PER_OPEN = 10;

/** How clients connect. */
export const CONNECTION_RULES: readonly DoctorRule[] = [
  {
    id: 'connections-near-limit',
    severity: 'high',
    disposable: 'medium',
    title: `A node has ${CONNECTION_PERCENT} % of the connections that it takes or more: at all of them nobody gets in`,
    fix: 'one client for each process, as the runtime makes it, instead of one for each request; then a larger `nodeType`, or more `replicas` or `shards`',
    source: cacheGuide('ParameterGroups.Engine'),
    judge: each(nodeCaches, (cache, state) => judgeNodes(state, cache, limitOf(cache))),
  },
  {
    id: 'connections-not-closed',
    severity: 'medium',
    disposable: 'low',
    title: 'Clients do not close their connections: they grow all the time',
    fix: "one client for each process; and `parameters`: 'tcp-keepalive' and 'timeout' close those whose client is gone",
    source: cacheGuide('BestPractices.Clients.redis'),
    judge: each(nodeCaches, (cache, state) => {
      const short = nodesOf(cache).filter(({ metrics: { CurrConnections, NewConnections } }) => {
        const values = Math.min(CurrConnections?.length ?? 0, NewConnections?.length ?? 0);
        return values > 0 && values < LEAK_VALUES;
      });
      const rest = nodesOf(cache).filter((node) => !short.includes(node));
      const verdicts: Verdict[] = judgeNodes(state, cache, LEAK, rest);
      const why = `there is less than six hours of data of ${listed(short.map((node) => nodeName(cache, node)))}`;
      return short.length === 0 ? verdicts : [...verdicts, unknown(cache.id, why)];
    }),
  },
  {
    id: 'connects-for-each-command',
    severity: 'medium',
    disposable: 'low',
    title: 'Clients connect again and again instead of keeping their connections',
    fix: 'one client for each process, as the runtime makes it: with TLS and a sign-in a connection costs more than a command',
    source: cacheGuide('BestPractices.Clients.redis'),
    judge: each(nodeCaches, (cache, state) => judgeNodes(state, cache, CHURN)),
  },
];

function limitOf(cache: NodeCache): NodeRule<'CurrConnections'> {
  const told = Number(parameter(cache, cache.engine === 'memcached' ? 'max_simultaneous_connections' : 'maxclients'));
  const limit = Math.min(mostConnectionsOf(cache.nodeType), told > 0 ? told : Number.POSITIVE_INFINITY);
  return {
    metrics: ['CurrConnections'],
    judge: ({ CurrConnections }) => {
      const most = highest(CurrConnections);
      const share = (most / limit) * 100;
      return share < CONNECTION_PERCENT
        ? undefined
        : { worth: share, text: `had up to ${figure(most)} of ${figure(limit)} connections, ${percent(share)}` };
    },
  };
}

const LEAK: NodeRule<'CurrConnections' | 'NewConnections'> = {
  metrics: ['CurrConnections', 'NewConnections'],
  judge: ({ CurrConnections, NewConnections }) => {
    const looks = parts(CurrConnections, LEAK_LOOKS).map(mean);
    const [first = 0, end] = [looks[0], last(CurrConnections)];
    const isGrowing = looks.every((look, index) => index === 0 || look > (looks[index - 1] ?? 0));
    const stillComing = sum(parts(NewConnections, LEAK_LOOKS).at(-1) ?? []) > 0;
    return isGrowing && stillComing && last(looks) >= LEAK_GROWTH * first && end > LEAK_LEAST
      ? {
          worth: end,
          text: `went from ${figure(CurrConnections[0] ?? 0)} to ${figure(end)} connections in ${span(CurrConnections)}, and never back`,
        }
      : undefined;
  },
};

const CHURN: NodeRule<'CurrConnections' | 'NewConnections'> = {
  metrics: ['CurrConnections', 'NewConnections'],
  judge: ({ CurrConnections, NewConnections }) => {
    const open = Math.max(1, mean(CurrConnections));
    const times = repeated(
      NewConnections,
      (made) => made >= NEW_PER_SECOND * QUARTER_SECONDS && made >= NEW_PER_OPEN * open,
    );
    const perSecond = highest(NewConnections) / QUARTER_SECONDS;
    return times === undefined
      ? undefined
      : {
          worth: perSecond,
          text: `took up to ${figure(perSecond)} new connections a second with ${figure(open)} open, in ${times} quarters of an hour`,
        };
  },
};

/** Values in so many equal parts, the oldest first. */
function parts(values: readonly number[], many: number): number[][] {
  return Array.from({ length: many }, (_, index) =>
    values.slice(Math.floor((index * values.length) / many), Math.floor(((index + 1) * values.length) / many)),
  );
}
