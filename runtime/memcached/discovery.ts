import { connect } from 'node:net';

export interface MemcachedNode {
  readonly host: string;
  readonly port: number;
}

/** Longest wait for the configuration endpoint, in milliseconds. */
const DISCOVERY_TIMEOUT_MS = 1_000;

/** An answer for the 60 nodes that a quota can allow is below 8 KiB. */
const LARGEST_ANSWER_BYTES = 65_536;

/**
 * Asks a Memcached configuration endpoint for its nodes (`config get cluster`).
 *
 * @throws Error when it does not answer in time or with something else
 */
export function discoverNodes(host: string, port: number): Promise<MemcachedNode[]> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect({ host, port });
    const fail = (error: Error) => {
      socket.destroy();
      reject(error);
    };
    socket.setTimeout(DISCOVERY_TIMEOUT_MS, () => fail(new Error(`no answer within ${DISCOVERY_TIMEOUT_MS} ms`)));
    socket.setEncoding('latin1');
    socket.on('connect', () => socket.write('config get cluster\r\n'));
    socket.on('error', fail);
    socket.on('close', () => fail(new Error('the connection was closed before the answer was complete')));
    socket.on('data', (chunk) => {
      answer += chunk;
      if (answer.length > LARGEST_ANSWER_BYTES || /^(ERROR|CLIENT_ERROR|SERVER_ERROR)/.test(answer)) {
        fail(new Error(`${host}:${port} is not a configuration endpoint, it answered ${answer.slice(0, 40).trim()}`));
      } else if (answer.endsWith('END\r\n')) {
        socket.removeAllListeners('close');
        socket.end();
        try {
          resolve(parseNodes(answer));
        } catch (error) {
          reject(error);
        }
      }
    });
  });
}

/**
 * Reads the nodes out of an answer: a header line, the configuration's version, then `host|ip|port` for each node.
 *
 * @throws Error when a node cannot be read
 */
export function parseNodes(answer: string): MemcachedNode[] {
  const nodes = answer.split(/\r?\n/)[2]?.trim().split(/\s+/) ?? [];
  return nodes.map((node) => {
    const [host, , port] = node.split('|');
    const number = Number(port);
    if (!host || !Number.isInteger(number) || number < 1 || number > 65_535) {
      throw new Error(`cannot read node ${JSON.stringify(node)} in the answer of the configuration endpoint`);
    }
    return { host, port: number };
  });
}
