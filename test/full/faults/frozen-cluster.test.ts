import { freeze, sleep } from '../../engines/running';
import { instance } from './instances';
import { figure, fromDatabase, Stage } from './stage';

const stage = new Stage();

/** Most of a core's time that an instance may be busy with a cluster that hangs. */
const MOST_BUSY = 0.4;

test('3, with cluster mode on: an instance whose every shard hangs has its time for its users', async () => {
  const { binding, nodes } = await stage.engines.valkeyCluster(3, 1);
  const { caches } = await instance(binding);
  const namespace = caches.cache('cache').namespace<string>('x', { ttlMs: 60_000 });
  for (let key = 0; key < 50; key += 1) {
    await namespace.getOrLoad(key, fromDatabase);
  }

  await Promise.all(nodes.map(({ process }) => freeze(process)));
  const [before, startedAt] = [process.cpuUsage(), performance.now()];
  for (let call = 0; call < 100; call += 1) {
    void namespace.getOrLoad(call % 50, fromDatabase);
    await sleep(30);
  }
  const { user, system } = process.cpuUsage(before);
  const busy = (user + system) / 1_000 / (performance.now() - startedAt);
  for (const { process: node } of nodes) {
    node.signal('SIGCONT');
  }

  figure(3, `busy for ${Math.round(busy * 100)} % of the time with a cluster that hangs`);
  expect(busy).toBeLessThan(MOST_BUSY);
});
