import { watchText } from '../../bin/watch';

test('shows nodes, roles, lag, hit ratio, memory, instances and requests', () => {
  const text = watchText(
    {
      environment: 'dev',
      caches: [
        {
          name: 'dev/data/Sessions',
          summary: 'Valkey 8.0.2: primary and 1 replica',
          nodes: [
            {
              id: 'sessions-001',
              slots: '0-16383',
              role: 'primary',
              zone: 'us-east-1a',
              isUp: true,
              lagBytes: undefined,
              hitRatio: 0.925,
              usedBytes: 3 * 1024 ** 2,
            },
            {
              id: 'sessions-002',
              slots: undefined,
              role: 'replica',
              zone: 'us-east-1b',
              isUp: false,
              lagBytes: 42,
              hitRatio: undefined,
              usedBytes: undefined,
            },
          ],
        },
      ],
      databases: [{ name: 'dev/data/Database', isUp: true }],
      instances: [{ name: 'i-local-1', isHealthy: false, pid: 1 }],
      requests: { requests: 120, errors: 3 },
    },
    17.4,
  );

  expect(text.split('\n').map((line) => line.trimEnd())).toEqual([
    'dev                       role      zone        state        lag   hit ratio  memory',
    'dev/data/Sessions   Valkey 8.0.2: primary and 1 replica',
    '  sessions-001 (0-16383)  primary   us-east-1a  up                 92.5 %     3.0 MiB',
    '  sessions-002            replica   us-east-1b  DOWN         42 B',
    'dev/data/Database         database              up',
    'i-local-1                 instance              not healthy',
    '',
    '17 requests a second, 3 of 120 failed',
  ]);
});
