import { takenParameters } from '../../local/engine-parameters';
import { Engines } from '../../local/engines';
import { engineFolder } from '../engines/folders';

const engines = new Engines({ directory: engineFolder(), install: false, report: () => {} });

test('what a real engine takes of a group’s parameters', async () => {
  const { taken, refused } = await takenParameters(await engines.server('valkey'), {
    'maxmemory-policy': 'noeviction',
    'notify-keyspace-events': '',
    'client-output-buffer-limit': 'normal 0 0 0',
    databases: '4',
    // ElastiCache's own.
    'reserved-memory-percent': '25',
    'close-on-replica-write': 'yes',
    // Not a value that it has, and no name at all.
    'lazyfree-lazy-expire': 'maybe',
    'timeout 1\ndir': '/',
    timeout: '1\ndir /',
  });

  expect(taken).toEqual({
    'maxmemory-policy': 'noeviction',
    'notify-keyspace-events': '""',
    'client-output-buffer-limit': 'normal 0 0 0',
    databases: '4',
  });
  expect(refused).toEqual([
    'reserved-memory-percent',
    'close-on-replica-write',
    'lazyfree-lazy-expire',
    'timeout 1\ndir',
    'timeout',
  ]);
});

test('a program that cannot be started takes nothing', async () => {
  const binary = { path: '/does/not/exist', product: 'Valkey 0', environment: {} };

  expect(await takenParameters(binary, { timeout: '1' })).toEqual({ taken: {}, refused: ['timeout'] });
});
