import type { DrillResult, DrillSample } from '../../drill/report/drill-result';

/** A request that was answered well in 4 ms by the cache; whatever else is said of it. */
export function request(atMs: number, changes: Partial<DrillSample> = {}): DrillSample {
  const plain = {
    action: 'browse',
    status: 200,
    isOk: true,
    answer: 'hit',
    cacheMs: 1,
    databaseMs: undefined,
  } as const;
  return { atMs, ms: 4, ...plain, ...changes };
}

/** A request that failed. */
export function failure(atMs: number, changes: Partial<DrillSample> = {}): DrillSample {
  return request(atMs, { ms: 1_000, status: 0, isOk: false, answer: undefined, cacheMs: undefined, ...changes });
}

/** Two seconds in which the primary is killed: ten requests, two of them failed, one judged too bad. */
export function failover(changes: Partial<DrillResult> = {}): DrillResult {
  return {
    drill: 'failover',
    title: 'The primary is killed',
    environment: 'dev',
    where: 'Sentinel on loopback: Valkey 8.0.2, memcached 1.6.18',
    startedAt: '2026-03-02T10:00:00.123Z',
    durationMs: 2_000,
    ratePerSecond: 5,
    marks: [
      { atMs: 600, kind: 'fault', label: 'SIGKILL to Sessions-001' },
      { atMs: 1_000, kind: 'promotion', label: 'Sessions-002 is primary' },
      { atMs: 1_400, kind: 'recovered', label: 'all is answered' },
    ],
    samples: [
      request(0, { ms: 20, answer: 'miss', databaseMs: 15 }),
      request(200),
      request(400, { action: 'account', answer: undefined }),
      failure(600, { action: 'account' }),
      request(800, { ms: 30, answer: 'bypass', cacheMs: undefined, databaseMs: 22 }),
      failure(1_000, { action: 'sign-in', ms: 250, status: 503 }),
      request(1_200, { ms: 40, answer: 'miss', databaseMs: 25 }),
      request(1_400),
      request(1_600),
      request(1_800, { action: 'review', ms: 9, answer: undefined, databaseMs: 5 }),
    ],
    verdicts: [
      { name: 'reads answered', wanted: '≥ 99.9 %', got: '100 % (6 of 6)', passed: true },
      { name: 'sessions kept', wanted: 'all of them', got: '118 of 120', passed: false },
    ],
    notes: ['replication is asynchronous'],
    ...changes,
  };
}

/** A drill in which nothing happened. */
export function nothing(changes: Partial<DrillResult> = {}): DrillResult {
  return failover({ title: 'Nobody came', marks: [], samples: [], verdicts: [], notes: [], ...changes });
}
