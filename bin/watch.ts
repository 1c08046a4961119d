import Table from 'cli-table3';
import { NO_BORDER } from '../drill/report/no-border';
import type { LocalEnvironment } from '../local/environment';
import type { Topology } from '../local/topology';

const EVERY_MS = 1_000;

const PLAIN = {
  chars: { ...NO_BORDER, middle: '  ' },
  style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
};

/** Shows the topology of an environment in the terminal, anew each second; in a pipe once a second below each other. */
export function watch(environment: LocalEnvironment): () => void {
  let previous = { requests: 0, at: Date.now() };
  let stopped = false;
  void (async () => {
    const { default: update } = await import('log-update');
    while (!stopped) {
      const topology = await environment.topology();
      const at = Date.now();
      const perSecond = ((topology.requests.requests - previous.requests) * 1_000) / Math.max(1, at - previous.at);
      previous = { requests: topology.requests.requests, at };
      if (!stopped) {
        update(watchText(topology, perSecond));
      }
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
    update.done();
  })();
  return () => {
    stopped = true;
  };
}

/** What is shown of a topology. @param perSecond requests a second since the last look */
export function watchText(
  { environment, caches, databases, instances, requests }: Topology,
  perSecond: number,
): string {
  const table = new Table({
    ...PLAIN,
    head: [environment, 'role', 'zone', 'state', 'lag', 'hit ratio', 'memory'],
  });
  for (const { name, nodes, summary } of caches) {
    table.push([{ colSpan: 7, content: `${name}   ${summary}` }]);
    for (const node of nodes) {
      const slots = node.slots === undefined ? '' : ` (${node.slots})`;
      table.push([
        `  ${node.id}${slots}`,
        node.role,
        node.zone,
        node.isUp ? 'up' : 'DOWN',
        node.lagBytes === undefined ? '' : `${node.lagBytes} B`,
        node.hitRatio === undefined ? '' : `${(node.hitRatio * 100).toFixed(1)} %`,
        node.usedBytes === undefined ? '' : `${(node.usedBytes / 1024 ** 2).toFixed(1)} MiB`,
      ]);
    }
  }
  for (const { name, isUp } of databases) {
    table.push([name, 'database', '', isUp ? 'up' : 'DOWN', '', '', '']);
  }
  for (const { name, isHealthy } of instances) {
    table.push([name, 'instance', '', isHealthy ? 'healthy' : 'not healthy', '', '', '']);
  }
  return `${table.toString()}\n\n${perSecond.toFixed(0)} requests a second, ${requests.errors} of ${requests.requests} failed`;
}
