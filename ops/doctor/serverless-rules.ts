import type { EnvironmentState, ServerlessState } from '../environment/environment-state';
import { dataOf, LEAST_RECENTLY_USED, policyOfServerless, withoutData } from './caches';
import { type DoctorRule, each, found } from './rule';
import { highest, last, QUARTER_SECONDS, repeated, span, sum } from './series';
import { cacheGuide } from './sources';
import { counted, figure, percent, size } from './words';

/** Percent of what a serverless cache may hold; AWS gives no number. */
const STORAGE_PERCENT = 90;

/** Percent of the processing units that a serverless cache may do; AWS gives no number. */
const ECPU_PERCENT = 80;

/** Limits of serverless caches. */
export const SERVERLESS_RULES: readonly DoctorRule[] = [
  {
    id: 'serverless-storage-near-limit',
    severity: 'high',
    disposable: 'medium',
    title: `A serverless cache holds ${STORAGE_PERCENT} % of what it may`,
    fix: '`maxDataStorage` of `ServerlessCache`; entries with a time to live are what Valkey and Redis OSS may evict',
    source: cacheGuide('Scaling'),
    judge: each(serverless, (cache, state) => {
      const { id, maxStorageBytes, metrics } = cache;
      if (maxStorageBytes === undefined) {
        return undefined;
      }
      const data = dataOf(metrics, ['BytesUsedForCache']);
      if (data === undefined) {
        return withoutData(state, id, ['BytesUsedForCache']);
      }
      const most = highest(data.BytesUsedForCache);
      const share = (most / maxStorageBytes) * 100;
      return (
        share >= STORAGE_PERCENT &&
        found(id, `it held up to ${size(most)} of ${size(maxStorageBytes)}, ${percent(share)}; ${whenFull(cache)}`)
      );
    }),
  },
  {
    id: 'serverless-throttled',
    severity: 'high',
    disposable: 'medium',
    title: 'A serverless cache slowed commands down',
    fix: '`maxProcessingUnits` and `minProcessingUnits` of `ServerlessCache`: the load reached its limit, or grew faster than it does',
    source: cacheGuide('Scaling'),
    judge: each(serverless, ({ id, metrics }, state) => {
      const data = dataOf(metrics, ['ThrottledCmds']);
      if (data === undefined) {
        return withoutData(state, id, ['ThrottledCmds']);
      }
      const slowed = sum(data.ThrottledCmds);
      return slowed > 0 && found(id, `${counted(slowed, 'command')} slowed down in ${span(data.ThrottledCmds)}`);
    }),
  },
  {
    id: 'serverless-load-near-limit',
    severity: 'medium',
    disposable: 'low',
    title: `A serverless cache did ${ECPU_PERCENT} % of the processing units that it may, again and again`,
    fix: '`maxProcessingUnits` of `ServerlessCache`',
    source: cacheGuide('Scaling'),
    judge: each(serverless, ({ id, maxEcpuPerSecond, metrics }, state) => {
      if (maxEcpuPerSecond === undefined) {
        return undefined;
      }
      const data = dataOf(metrics, ['ElastiCacheProcessingUnits']);
      if (data === undefined) {
        return withoutData(state, id, ['ElastiCacheProcessingUnits']);
      }
      const perSecond = data.ElastiCacheProcessingUnits.map((units) => units / QUARTER_SECONDS);
      const times = repeated(perSecond, (units) => units >= (maxEcpuPerSecond * ECPU_PERCENT) / 100);
      const most = highest(perSecond);
      return (
        times !== undefined &&
        found(
          id,
          `up to ${figure(most)} a second of ${figure(maxEcpuPerSecond)}, ${percent((most / maxEcpuPerSecond) * 100)}, in ${times} quarters of an hour`,
        )
      );
    }),
  },
];

/** Valkey and Redis OSS evict only what has a time to live, and refuse writes where nothing has (dg/RedisConfiguration). */
function whenFull(cache: ServerlessState): string {
  const { CurrItems = [], CurrVolatileItems = [] } = cache.metrics;
  const which =
    last(CurrItems) > 0 ? `, now ${percent((last(CurrVolatileItems) / last(CurrItems)) * 100)} of them` : '';
  return cache.engine === 'memcached'
    ? `full, it evicts ${LEAST_RECENTLY_USED}`
    : `full, it evicts entries with a time to live (${policyOfServerless(cache)})${which}, and else refuses writes`;
}

function serverless(state: EnvironmentState) {
  return state.serverless;
}
