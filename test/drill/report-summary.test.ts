import { summaryText } from '../../drill/report/summary-text';
import { failover, failure, nothing } from './report-results';

test('tells each drill, what was judged and what is worth knowing', () => {
  expect(summaryText([failover(), nothing()], { colour: false, width: 80 })).toBe(
    `Failover drills: 0 of 2 passed
Environment dev, 2026-03-02 10:00:00 UTC
Sentinel on loopback: Valkey 8.0.2, memcached 1.6.18

✗ The primary is killed: failed
  5 requests a second for 2.0 s: 10 requests, 2 failed (20 %), p50 4 ms, p99 40
  ms, hit ratio 50 %. Recovered 800 ms after the fault.
  0.6 s fault: SIGKILL to Sessions-001
  1.0 s promotion: Sessions-002 is primary
  1.4 s recovered: all is answered
  ✓  reads answered  ≥ 99.9 %     100 % (6 of 6)
  ✗  sessions kept   all of them  118 of 120
  Note: replication is asynchronous

– Nobody came: not judged
  5 requests a second for 2.0 s: no request was made.
`,
  );
});

test('breaks its lines where the terminal ends', () => {
  expect(summaryText([failover({ marks: [] })], { colour: false, width: 44 })).toBe(
    `Failover drills: 0 of 1 passed
Environment dev, 2026-03-02 10:00:00 UTC
Sentinel on loopback: Valkey 8.0.2,
memcached 1.6.18

✗ The primary is killed: failed
  5 requests a second for 2.0 s: 10
  requests, 2 failed (20 %), p50 4 ms, p99
  40 ms, hit ratio 50 %.
  ✓  reads         ≥ 99.9 %     100 % (6 of
     answered                   6)
  ✗  sessions      all of them  118 of 120
     kept
  Note: replication is asynchronous
`,
  );
});

test.each([0, Number.NaN, Number.POSITIVE_INFINITY])('writes lines of 40 columns for a terminal of %d', (width) => {
  const lines = summaryText([failover()], { colour: false, width }).split('\n');

  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(40);
});

test('colours what passed and what did not, when asked', () => {
  const text = summaryText([failover({ marks: [] }), nothing()], { colour: true, width: 80 });

  expect(text).toContain('\u001b[1mFailover drills: 0 of 2 passed\u001b[22m\n');
  expect(text).toContain('\u001b[31m✗ The primary is killed: failed\u001b[39m\n');
  expect(text).toContain('  \u001b[32m✓\u001b[39m  reads answered  ≥ 99.9 %     100 % (6 of 6)\n');
  expect(text).toContain('  \u001b[31m✗\u001b[39m  sessions kept   all of them  118 of 120\n');
  expect(text).toContain('\u001b[33m– Nobody came: not judged\u001b[39m\n');
});

test('what it tells cannot steer the terminal', () => {
  const hostile = '\u001b[2J\u0007\nnext';
  const drill = failover({
    title: hostile,
    where: hostile,
    environment: hostile,
    startedAt: hostile,
    notes: [hostile],
    marks: [{ atMs: 0, kind: 'fault', label: hostile }],
    verdicts: [{ name: hostile, wanted: hostile, got: hostile, passed: true }],
  });
  const text = summaryText([drill], { colour: false, width: 80 });

  expect(text).toContain('✓  [2J next: passed\n');
  expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
});

test('tells of no drill, and of one in which everything failed', () => {
  expect(summaryText([], { colour: false, width: 80 })).toBe('Failover drills: no drill was run\n');
  expect(summaryText([nothing({ samples: [failure(0), failure(1)] })], { colour: false, width: 80 })).toContain(
    '  5 requests a second for 2.0 s: 2 requests, 2 failed (100 %).\n',
  );
});
