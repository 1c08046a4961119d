import { Endpoint } from '../../../local/caches/endpoint';
import { FailoverGroup } from '../../engines/failover-group';
import { bindingOf, freeze, type RunningEngines, signal, sleep, variablesOf } from '../../engines/running';
import type { Environment, Fault } from './environment';
import { type Exception, monotonicMs } from './history';
import type { Workers } from './workers';

/** The name that the endpoint has, because the engines' certificate is made out to it. */
const ENDPOINT = 'localhost';

/** How long a lost connection may take to be opened again, in milliseconds: paced up to a second, and the handshake. */
const RECONNECT_MS = 3_000;

/** A new address of the endpoint has to be in use this soon (faults.md, row 14), in milliseconds. */
const MOVE_MS = 5_000;

/** How far a replica may be behind, and the order that promotes it may take, in milliseconds. */
const REPLICATION_LAG_MS = 250;

/**
 * A primary and a replica. Each process reaches each node at an address of its own, so that one process can be cut off
 * while the others are not; the endpoint's name leads to the primary's.
 */
export class ValkeyEnvironment implements Environment {
  private primary = 0;

  static async start(engines: RunningEngines, processes: number, random: () => number): Promise<ValkeyEnvironment> {
    const group = await FailoverGroup.start(engines.folder, engines.certificates, 2);
    const ways: Endpoint[][] = [];
    for (let process = 0; process < processes; process += 1) {
      const first = await Endpoint.to(group.node(0).port, { host: addressOf(process, 0) });
      const second = await Endpoint.to(group.node(1).port, { host: addressOf(process, 1), port: first.port });
      ways.push([first, second]);
    }
    return new ValkeyEnvironment(group, ways, random);
  }

  private constructor(
    private readonly group: FailoverGroup,
    private readonly ways: ReadonlyArray<readonly Endpoint[]>,
    private readonly random: () => number,
  ) {}

  oldestMs(ttlMs: number): number {
    return ttlMs * 1.1;
  }

  variables(process: number, database: Parameters<Environment['variables']>[1]): Record<string, string> {
    const cache = this.group.binding(this.way(process, 0).port, ENDPOINT);
    return variablesOf(bindingOf({ cache }, { database }));
  }

  names(process: number): Record<string, string> {
    return { [ENDPOINT]: addressOf(process, this.primary) };
  }

  readonly hasGutter = false;

  readonly faults: readonly Fault[] = [
    { name: 'failover', run: (workers) => this.failOver(workers, false) },
    { name: 'paused primary and failover', run: (workers) => this.failOver(workers, true) },
    { name: 'frozen primary', run: () => this.freeze() },
    { name: 'one process in a black hole', run: () => this.cutOff('hole') },
    { name: 'one process reset and refused', run: () => this.cutOff('reset') },
    { name: 'FLUSHALL', run: () => this.flush() },
  ];

  async stop(): Promise<void> {
    for (const way of this.ways.flat()) {
      way.close();
    }
    await this.group.stop();
  }

  /** As ElastiCache does it: the replica is promoted, the name moves, and connections to the old primary stay open. */
  private async failOver(workers: Workers, paused: boolean): Promise<readonly Exception[]> {
    const [old, next] = [this.group.node(this.primary), this.group.node(1 - this.primary)];
    await next.untilSynced();
    const before = this.primary;
    const from = monotonicMs() - REPLICATION_LAG_MS;
    if (paused) {
      await freeze(old.process);
    }
    await next.command('REPLICAOF', 'NO', 'ONE');
    this.primary = 1 - before;
    const moves = this.ways.map(async (_, process) => {
      await sleep(this.random() * 500);
      workers.name(process, this.names(process));
    });
    await sleep(200 + this.random() * 600);
    if (paused) {
      await Promise.all(moves);
      signal(old.process, 'SIGCONT');
      await sleep(200);
    }
    await old.command('REPLICAOF', '127.0.0.1', String(next.port));
    const demotedAt = monotonicMs();
    await Promise.all(moves);
    const apart = this.ways.map(async (_, process): Promise<Exception> => {
      const deadline = monotonicMs() + MOVE_MS;
      while (this.way(process, before).open > 0) {
        if (monotonicMs() > deadline) {
          throw new Error(`process ${process} still uses the old primary ${MOVE_MS} ms after its name was moved`);
        }
        await sleep(5);
      }
      return { kind: 'apart', process, from, to: monotonicMs() };
    });
    const lossy: Exception = { kind: 'lossy', from, to: demotedAt + REPLICATION_LAG_MS };
    const exceptions = [lossy, ...(await Promise.all(apart))];
    await old.untilSynced();
    return exceptions;
  }

  private async freeze(): Promise<readonly Exception[]> {
    const { process } = this.group.node(this.primary);
    await freeze(process);
    await sleep(1_000 + this.random() * 1_000);
    signal(process, 'SIGCONT');
    // Reads that could not ask it went to the database: nothing older may be seen.
    return [];
  }

  private async cutOff(how: 'hole' | 'reset'): Promise<readonly Exception[]> {
    const process = Math.floor(this.random() * this.ways.length);
    const ways = this.ways[process] ?? [];
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
    await this.group.node(this.primary).command('FLUSHALL');
    return [];
  }

  private way(process: number, node: number): Endpoint {
    return (this.ways[process] as readonly Endpoint[])[node] as Endpoint;
  }
}

/** Loopback is the whole of 127.0.0.0/8. */
const addressOf = (process: number, node: number) => `127.0.${10 + node}.${10 + process}`;
