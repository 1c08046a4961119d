import { connect } from 'node:net';
import { ConfigurationEndpoint } from '../../../local/caches/configuration-endpoint';
import { Endpoint } from '../../../local/caches/endpoint';
import { ManagedProcess } from '../../../local/managed-process';
import { freePort } from '../../../local/port';
import { bindingOf, freeze, type RunningEngines, signal, sleep, variablesOf } from '../../engines/running';
import type { Environment, Fault } from './environment';
import { type Exception, monotonicMs } from './history';

/** How long a lost connection may take to be opened again, in milliseconds. */
const RECONNECT_MS = 3_000;

/** Two nodes, which each process reaches at addresses of its own, under names that are the same for all. */
export class MemcachedEnvironment implements Environment {
  static async start(engines: RunningEngines, processes: number, random: () => number): Promise<MemcachedEnvironment> {
    const { nodes, ports } = await engines.memcached(2);
    const named = await Promise.all(
      ports.map(async (_, node) => ({ host: `node-${node}.cache`, port: await freePort() })),
    );
    const ways: Endpoint[][] = [];
    const endpoints: ConfigurationEndpoint[] = [];
    for (let process = 0; process < processes; process += 1) {
      ways.push(
        await Promise.all(
          named.map(({ port }, node) => Endpoint.to(ports[node] as number, { host: addressOf(process, node), port })),
        ),
      );
      endpoints.push(
        await ConfigurationEndpoint.of(named.map((node, index) => ({ ...node, ip: addressOf(process, index) }))),
      );
    }
    return new MemcachedEnvironment(nodes, ports, ways, endpoints, random);
  }

  private constructor(
    private readonly nodes: ManagedProcess[],
    private readonly ports: readonly number[],
    private readonly ways: ReadonlyArray<readonly Endpoint[]>,
    private readonly endpoints: readonly ConfigurationEndpoint[],
    private readonly random: () => number,
  ) {}

  /** Memcached counts whole seconds: a life is rounded up, and ends within the second after. */
  oldestMs(ttlMs: number): number {
    return Math.ceil((ttlMs * 1.1) / 1_000) * 1_000 + 1_000;
  }

  variables(process: number, database: Parameters<Environment['variables']>[1]): Record<string, string> {
    const port = (this.endpoints[process] as ConfigurationEndpoint).port;
    return variablesOf(
      bindingOf(
        {
          cache: {
            engine: 'memcached',
            mode: 'discovery',
            host: '127.0.0.1',
            port,
            tls: false,
            auth: { type: 'none' },
          },
        },
        { database },
      ),
    );
  }

  names(process: number): Record<string, string> {
    return Object.fromEntries(this.ports.map((_, node) => [`node-${node}.cache`, addressOf(process, node)]));
  }

  readonly hasGutter = true;

  readonly faults: readonly Fault[] = [
    { name: 'frozen node', run: () => this.freeze() },
    { name: 'killed node', run: () => this.kill() },
    { name: 'one process in a black hole', run: () => this.cutOff('hole') },
    { name: 'one process reset and refused by one node', run: () => this.cutOff('reset') },
    { name: 'flush_all', run: () => this.flush() },
  ];

  async stop(): Promise<void> {
    for (const way of this.ways.flat()) {
      way.close();
    }
    for (const endpoint of this.endpoints) {
      endpoint.close();
    }
    await Promise.all(this.nodes.map((node) => node.stop()));
  }

  private async freeze(): Promise<readonly Exception[]> {
    const process = this.nodes[this.any(this.nodes.length)] as ManagedProcess;
    const from = monotonicMs();
    await freeze(process);
    await sleep(1_000 + this.random() * 1_000);
    signal(process, 'SIGCONT');
    return [{ kind: 'apart', from, to: monotonicMs() + RECONNECT_MS }];
  }

  private async kill(): Promise<readonly Exception[]> {
    const index = this.any(this.nodes.length);
    const killed = this.nodes[index] as ManagedProcess;
    const from = monotonicMs();
    signal(killed, 'SIGKILL');
    await killed.ended;
    await sleep(500 + this.random() * 500);
    this.nodes[index] = new ManagedProcess(killed.options);
    return [{ kind: 'apart', from, to: monotonicMs() + RECONNECT_MS }];
  }

  private async cutOff(how: 'hole' | 'reset'): Promise<readonly Exception[]> {
    const process = this.any(this.ways.length);
    const all = this.ways[process] ?? [];
    const ways = how === 'hole' ? all : [all[this.any(all.length)] as Endpoint];
    const from = monotonicMs();
    for (const way of ways) {
      if (how === 'hole') {
        way.blackHole(true);
      } else {
        way.refuse(true);
        way.reset();
      }
    }
    await sleep(2_000 + this.random() * 1_000);
    for (const way of ways) {
      way.blackHole(false);
      way.refuse(false);
    }
    return [{ kind: 'apart', process, from, to: monotonicMs() + RECONNECT_MS }];
  }

  private async flush(): Promise<readonly Exception[]> {
    await Promise.all(this.ports.map((port) => flushAll(port)));
    return [];
  }

  private any(count: number): number {
    return Math.floor(this.random() * count);
  }
}

const addressOf = (process: number, node: number) => `127.0.${20 + node}.${10 + process}`;

/** Empties a node. */
export function flushAll(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port }, () => socket.write('flush_all\r\n'));
    socket.once('error', reject);
    socket.once('data', () => {
      socket.end();
      resolve();
    });
  });
}
