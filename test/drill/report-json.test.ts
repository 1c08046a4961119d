import { reportJson } from '../../drill/report/report-json';
import { failover, nothing, request } from './report-results';

const SHORT = nothing({
  marks: [{ atMs: 600, kind: 'fault', label: 'SIGKILL' }],
  verdicts: [{ name: 'reads', wanted: 'all', got: '1 of 1', passed: true }],
  samples: [request(0)],
  notes: ['one'],
});

test('tells each drill without its requests', () => {
  expect(reportJson([SHORT])).toBe(`[
  {
    "drill": "failover",
    "title": "Nobody came",
    "environment": "dev",
    "where": "Sentinel on loopback: Valkey 8.0.2, memcached 1.6.18",
    "startedAt": "2026-03-02T10:00:00.123Z",
    "durationMs": 2000,
    "ratePerSecond": 5,
    "outcome": "passed",
    "figures": {
      "requests": 1,
      "failed": 0,
      "p50Ms": 4,
      "p99Ms": 4,
      "hits": 1,
      "misses": 0,
      "bypasses": 0,
      "hitRatio": 1,
      "p99CacheMs": 1
    },
    "marks": [
      {
        "atMs": 600,
        "kind": "fault",
        "label": "SIGKILL"
      }
    ],
    "verdicts": [
      {
        "name": "reads",
        "wanted": "all",
        "got": "1 of 1",
        "passed": true
      }
    ],
    "notes": [
      "one"
    ]
  }
]
`);
});

test('tells the requests when asked', () => {
  const [drill] = JSON.parse(reportJson([SHORT], { samples: true }));

  expect(JSON.stringify(drill.samples)).toBe(
    '[{"atMs":0,"ms":4,"action":"browse","status":200,"isOk":true,"answer":"hit","cacheMs":1}]',
  );
});

test('what it tells of a drill can be read back as one', () => {
  const [read] = JSON.parse(reportJson([failover()], { samples: true }));

  expect(read).toMatchObject(JSON.parse(JSON.stringify(failover())));
});

test('the order of the keys is its own', () => {
  const reversed = Object.fromEntries(Object.entries(SHORT).reverse()) as unknown as typeof SHORT;

  expect(reportJson([reversed], { samples: true })).toBe(reportJson([SHORT], { samples: true }));
});

test('no drill is an empty list', () => {
  expect(reportJson([])).toBe('[]\n');
});
