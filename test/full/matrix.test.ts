import { replicationGroups } from '../lib/matrix';

test('replication groups in which every three choices meet are clean under the built-in validator and cdk-preflight', () => {
  const { tried, found } = replicationGroups(3);

  expect(found).toEqual([]);
  expect(tried).toBeGreaterThan(400);
  process.stdout.write(`matrix: ${tried} replication groups, every three choices together\n`);
});
