import { freePort } from '../../local/port';
import type { MemcachedClient } from '../../runtime/memcached';
import { TopologyWatch, type TopologyWatchOptions } from '../../runtime/memcached/topology-watch';
import { eventually, sleep, timed } from '../engines/running';
import { ConfigurationEndpoint, onLoopback } from './configuration-endpoint';
import { kill, MemcachedFixture } from './memcached-fixture';

const FAST = { mode: 'discovery', host: '127.0.0.1', discoveryIntervalMs: 50, callTimeoutMs: 2_000 } as const;

let fixture: MemcachedFixture;
const endpoints: ConfigurationEndpoint[] = [];

beforeAll(() => {
  fixture = new MemcachedFixture();
});

afterEach(() => fixture.closeClients());

afterAll(async () => {
  await Promise.all(endpoints.map((endpoint) => endpoint.close().catch(() => {})));
  await fixture.stop();
});

async function startEndpoint(): Promise<ConfigurationEndpoint> {
  const endpoint = await ConfigurationEndpoint.start();
  endpoints.push(endpoint);
  return endpoint;
}

/** Sets and gets all the time, and counts what fails. */
function traffic(client: MemcachedClient): { stop(): Promise<{ calls: number; errors: unknown[] }> } {
  const errors: unknown[] = [];
  let calls = 0;
  let isRunning = true;
  const workers = Array.from({ length: 16 }, async (_, worker) => {
    for (let number = 0; isRunning; number += 1) {
      const key = `key:${worker}:${number % 100}`;
      try {
        await client.set(key, Buffer.from(key), { ttlS: 60 });
        const item = await client.get(key);
        if (item !== undefined && item.value.toString() !== key) {
          errors.push(`${key} gave ${item.value}`);
        }
      } catch (error) {
        errors.push(error);
      }
      calls += 2;
    }
  });
  return {
    stop: async () => {
      isRunning = false;
      await Promise.all(workers);
      return { calls, errors };
    },
  };
}

test('calls made before the nodes are known wait for them', async () => {
  const node = await fixture.node();
  const endpoint = await startEndpoint();
  endpoint.tell(1, [onLoopback(node)]);
  const client = fixture.client({ ...FAST, port: endpoint.port });

  const items = await Promise.all(Array.from({ length: 500 }, (_, index) => client.get(`key:${index}`)));

  expect(items).toHaveLength(500);
  expect(client.nodes).toEqual([`127.0.0.1:${node.port}`]);
});

test('a node is added and removed under load without a failed call, and the listeners are told', async () => {
  const nodes = await Promise.all([fixture.node(), fixture.node(), fixture.node()]);
  const [first, second, third] = nodes.map(onLoopback) as [string, string, string];
  const endpoint = await startEndpoint();
  endpoint.tell(1, [first, second]);
  const client = fixture.client({ ...FAST, port: endpoint.port });
  const topologies: number[] = [];
  client.onTopology(({ length }) => topologies.push(length));
  await client.ready(2_000);
  const running = traffic(client);

  for (let round = 0; round < 3; round += 1) {
    endpoint.tell(2 + round * 2, [first, second, third]);
    await eventually(() => expect(client.nodes).toHaveLength(3));
    await sleep(100);
    endpoint.tell(3 + round * 2, [third, first]);
    await eventually(() => expect(client.nodes).toHaveLength(2));
    await sleep(100);
  }

  const { calls, errors } = await running.stop();
  expect(errors).toEqual([]);
  expect(calls).toBeGreaterThan(1_000);
  expect(topologies).toEqual([2, 3, 2, 3, 2, 3, 2]);
});

test('a node that cannot be reached joins without a failed call: its keys go to the others', async () => {
  const node = await fixture.node();
  const endpoint = await startEndpoint();
  endpoint.tell(1, [onLoopback(node)]);
  const client = fixture.client({ ...FAST, port: endpoint.port });
  await client.ready(2_000);
  const running = traffic(client);

  endpoint.tell(2, [onLoopback(node), onLoopback({ port: await freePort() })]);
  await eventually(() => expect(client.nodes).toHaveLength(2));
  await sleep(200);

  expect((await running.stop()).errors).toEqual([]);
});

test.each([
  ['an older version', (endpoint: ConfigurationEndpoint) => endpoint.tell(4, ['127.0.0.1|127.0.0.1|1'])],
  ['garbage', (endpoint: ConfigurationEndpoint) => endpoint.tellText('\r\n\r\n\0garbage')],
  ['an error', (endpoint: ConfigurationEndpoint) => endpoint.tellText('ERROR\r\n')],
  ['no node', (endpoint: ConfigurationEndpoint) => endpoint.tell(6, [])],
  ['nothing', (endpoint: ConfigurationEndpoint) => endpoint.tellText('')],
])('%s changes nothing', async (_, change) => {
  const node = await fixture.node();
  const endpoint = await startEndpoint();
  endpoint.tell(5, [onLoopback(node)]);
  const client = fixture.client({ ...FAST, port: endpoint.port, connectTimeoutMs: 200 });
  await client.ready(2_000);
  const running = traffic(client);

  change(endpoint);
  const { asked } = endpoint;
  await eventually(() => expect(endpoint.asked).toBeGreaterThan(asked + 1));

  expect((await running.stop()).errors).toEqual([]);
  expect(client.nodes).toEqual([`127.0.0.1:${node.port}`]);
});

test('an endpoint that dies does not hurt, and the nodes are asked instead', async () => {
  const node = await fixture.node();
  const endpoint = await startEndpoint();
  // Stands for an ElastiCache node, which answers both: it is known as a node, and asked when the endpoint is gone.
  const knowing = await startEndpoint();
  endpoint.tell(1, [onLoopback(node), onLoopback(knowing)]);
  const client = fixture.client({ ...FAST, port: endpoint.port, connectTimeoutMs: 200 });
  await client.ready(2_000);
  await endpoint.close();
  const running = traffic(client);

  knowing.tell(2, [onLoopback(node)]);
  await eventually(() => expect(client.nodes).toEqual([`127.0.0.1:${node.port}`]));

  expect((await running.stop()).errors).toEqual([]);
});

test('when a node fails, the endpoint is asked at once', async () => {
  const [lost, kept] = await Promise.all([fixture.node(), fixture.node()]);
  const endpoint = await startEndpoint();
  endpoint.tell(1, [onLoopback(lost), onLoopback(kept)]);
  const client = fixture.client({ ...FAST, port: endpoint.port, discoveryIntervalMs: 600_000 });
  await client.ready(2_000);
  endpoint.tell(2, [onLoopback(kept)]);

  await kill(lost);

  await eventually(() => expect(client.nodes).toEqual([`127.0.0.1:${kept.port}`]), 2_000);
  expect(endpoint.asked).toBeLessThanOrEqual(3);
});

test('while the endpoint has never answered, calls fail at once with CONNECTION; then it is found', async () => {
  const node = await fixture.node();
  const client = fixture.client({ ...FAST, port: await freePort() });
  const states: string[] = [];
  client.onNodeOut((name, { code }) => states.push(`out ${name} ${code}`));
  client.onNodeBack((name) => states.push(`back ${name}`));
  await expect(client.get('key')).rejects.toMatchObject({ code: 'CONNECTION' });
  expect(client.isAway('key')).toBe(true);

  const { result, ms } = await timed(() => client.get('key').catch(({ code }) => code));

  expect(result).toBe('CONNECTION');
  expect(ms).toBeLessThan(20);
  await expect(client.ready(50)).rejects.toMatchObject({ code: 'CONNECTION', message: 'did not answer within 50 ms' });
  const found = fixture.client({ ...FAST, port: (await startEndpointOf([onLoopback(node)])).port });
  await found.ready(2_000);
  expect(states).toEqual([expect.stringMatching(/^out .* CONNECTION$/)]);
});

async function startEndpointOf(nodes: readonly string[]): Promise<ConfigurationEndpoint> {
  const endpoint = await startEndpoint();
  endpoint.tell(1, nodes);
  return endpoint;
}

test('an endpoint that says nothing lets calls time out at their deadline', async () => {
  const endpoint = await startEndpoint();
  endpoint.tellText('');
  const client = fixture.client({ ...FAST, port: endpoint.port, callTimeoutMs: 100 });

  const { result, ms } = await timed(() => client.get('key').catch(({ code }) => code));

  expect(result).toBe('TIMEOUT');
  expect(ms).toBeLessThan(400);
});

test.each([
  ['without an address', (port: number) => `localhost||${port}`],
  ['without a name', (port: number) => `|127.0.0.1|${port}`],
  ['with an address that nobody has any more', (port: number) => `localhost|127.0.0.2|${port}`],
])('a node %s is reached', async (_, naming) => {
  const node = await fixture.node();
  const endpoint = await startEndpointOf([naming(node.port)]);
  const client = fixture.client({ ...FAST, port: endpoint.port });

  await client.ready(4_000);

  expect(await client.get('absent')).toBeUndefined();
});

describe('TopologyWatch', () => {
  const endpoint = { host: 'endpoint', port: 1 };

  function watching(options: Partial<TopologyWatchOptions>) {
    const versions: number[] = [];
    const watch = new TopologyWatch({
      endpoint,
      intervalMs: 60_000,
      ask: () => Promise.reject(new Error('nobody')),
      others: () => [],
      isAnyLive: () => true,
      changed: ({ version }) => versions.push(version),
      failed: () => {},
      random: () => 0.5,
      now: () => Date.now(),
      ...options,
    });
    return { watch, versions };
  }

  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  test.each([
    [0, 54_000],
    [0.5, 60_000],
    [1, 66_000],
  ])('asks again after its interval, with the random number %d after %d ms', async (random, ms) => {
    let asked = 0;
    const { watch } = watching({
      random: () => random,
      ask: async () => {
        asked += 1;
        return { version: 1, nodes: [endpoint] };
      },
    });

    watch.start();
    await jest.advanceTimersByTimeAsync(ms - 1);
    expect(asked).toBe(1);
    await jest.advanceTimersByTimeAsync(1);

    expect(asked).toBe(2);
    watch.stop();
  });

  test('asks at most once a second, however often it is told to', async () => {
    let asked = 0;
    const { watch } = watching({
      ask: async () => {
        asked += 1;
        return { version: 1, nodes: [endpoint] };
      },
    });
    watch.start();

    for (let count = 0; count < 100; count += 1) {
      await jest.advanceTimersByTimeAsync(50);
      watch.askSoon();
    }

    expect(asked).toBeLessThanOrEqual(6);
    expect(asked).toBeGreaterThanOrEqual(5);
    watch.stop();
  });

  test('an older version counts only while no node answers', async () => {
    const answers = [5, 4, 4, 6];
    let isAnyLive = true;
    const { watch, versions } = watching({
      isAnyLive: () => isAnyLive,
      ask: async () => ({ version: answers.shift() as number, nodes: [endpoint] }),
    });

    watch.start();
    await jest.advanceTimersByTimeAsync(60_000);
    expect(versions).toEqual([5]);
    isAnyLive = false;
    await jest.advanceTimersByTimeAsync(120_000);

    expect(versions).toEqual([5, 4, 6]);
    watch.stop();
  });

  test('before the first answer it keeps trying, at most twice a second', async () => {
    let asked = 0;
    const { watch } = watching({
      ask: async () => {
        asked += 1;
        throw new Error('nobody');
      },
    });

    watch.start();
    await jest.advanceTimersByTimeAsync(10_000);

    expect(asked).toBeGreaterThan(10);
    expect(asked).toBeLessThanOrEqual(20);
    watch.stop();
  });

  test('asks nobody after it was stopped', async () => {
    let asked = 0;
    const { watch } = watching({
      ask: async () => {
        asked += 1;
        throw new Error('nobody');
      },
    });

    watch.start();
    watch.stop();
    watch.askSoon();
    await jest.advanceTimersByTimeAsync(600_000);

    expect(asked).toBe(1);
    expect(jest.getTimerCount()).toBe(0);
  });
});
