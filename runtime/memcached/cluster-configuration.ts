import { MemcachedError } from './memcached-error';
import { type NodeAddress, nodeName } from './node-address';
import { connectionFailure, openSocket, type TlsOptions } from './open-socket';

/** The nodes of a cluster, as its configuration endpoint and each of its nodes know them. */
export interface ClusterConfiguration {
  /** Grows with every change. */
  readonly version: number;
  readonly nodes: readonly NodeAddress[];
}

/** The answer for the 60 nodes that a quota can allow is below 8 KiB. */
const LONGEST_ANSWER_BYTES = 65_536;

const QUESTION = 'config get cluster\r\n';

/** The answer's header, with the length of what follows it. */
const HEADER = /^CONFIG cluster \d+ (\d+)\r\n/;

const TRAILER = '\r\nEND\r\n';

const HIGHEST_PORT = 65_535;

export interface ClusterQuestion {
  readonly address: NodeAddress;
  readonly tls: TlsOptions | undefined;
  /** For the connection and the answer together, in milliseconds. */
  readonly timeoutMs: number;
  /** Ends the question. */
  readonly signal: AbortSignal;
}

/**
 * Asks a configuration endpoint, or any node of an ElastiCache cluster, for the nodes (`config get cluster`).
 *
 * @throws MemcachedError when it does not answer in time, or with something else
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoDiscovery.AddingToYourClientLibrary.html
 */
export function askClusterConfiguration({
  address,
  tls,
  timeoutMs,
  signal,
}: ClusterQuestion): Promise<ClusterConfiguration> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const name = nodeName(address);
    const socket = openSocket({ address, byIp: true, tls, opened: () => socket.write(QUESTION) });
    const fail = (code: 'CONNECTION' | 'TIMEOUT' | 'PROTOCOL' | 'CLOSED', what: string, cause?: unknown) => {
      reject(new MemcachedError(code, `${name} ${what}`, { cause }));
      end();
    };
    const timer = setTimeout(
      () => setImmediate(fail, 'TIMEOUT', `did not tell its cluster within ${timeoutMs} ms`),
      timeoutMs,
    );
    const abort = () => fail('CLOSED', 'is not asked any more');
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      socket.destroy();
    };
    signal.addEventListener('abort', abort);
    socket.setEncoding('latin1');
    socket.on('error', (error) => fail('CONNECTION', connectionFailure(error), error));
    socket.on('close', () => fail('CONNECTION', 'closed the connection before it told its cluster'));
    socket.on('data', (chunk: string) => {
      answer += chunk;
      try {
        const configuration = parseClusterConfiguration(answer);
        if (configuration !== undefined) {
          resolve(configuration);
          end();
        }
      } catch (error) {
        fail('PROTOCOL', (error as Error).message);
      }
    });
  });
}

/**
 * Reads an answer: a header, the configuration's version, then `host|ip|port` for each node.
 *
 * The IP address may be missing, or be an IPv6 address. A node without a host is known by its IP address.
 *
 * @returns undefined if the answer has not arrived completely
 * @throws MemcachedError PROTOCOL when it is not such an answer, or names no node
 */
export function parseClusterConfiguration(answer: string): ClusterConfiguration | undefined {
  const header = HEADER.exec(answer);
  if (header === null) {
    const line = answer.split('\r\n', 1)[0] as string;
    if (answer.includes('\r\n') || answer.length > LONGEST_ANSWER_BYTES || !isBeginning(answer)) {
      throw unreadable(`answered ${JSON.stringify(line.slice(0, 40))}: it is not a configuration endpoint`);
    }
    return undefined;
  }
  const begin = header[0].length;
  const length = Number(header[1]);
  if (length > LONGEST_ANSWER_BYTES) {
    throw unreadable(`announced a configuration of ${length} bytes`);
  }
  if (answer.length < begin + length + TRAILER.length) {
    return undefined;
  }
  if (!answer.startsWith(TRAILER, begin + length)) {
    throw unreadable('sent a configuration of another length than it announced');
  }
  const [version, nodes] = answer.slice(begin, begin + length).split(/\r?\n/);
  if (version === undefined || !/^\d{1,15}$/.test(version)) {
    throw unreadable(`sent a configuration with the version ${JSON.stringify(version?.slice(0, 40))}`);
  }
  const found = new Map<string, NodeAddress>();
  for (const text of (nodes ?? '').trim().split(/ +/)) {
    const address = readNode(text);
    found.set(nodeName(address), address);
  }
  return { version: Number(version), nodes: [...found.values()] };
}

function readNode(text: string): NodeAddress {
  const [host, ip, port, ...rest] = text.split('|');
  const number = /^\d{1,5}$/.test(port ?? '') ? Number(port) : 0;
  const known = host || ip;
  if (!known || number < 1 || number > HIGHEST_PORT || rest.length > 0) {
    throw unreadable(`sent a configuration with the node ${JSON.stringify(text.slice(0, 80))}`);
  }
  return { host: known, port: number, ...(ip ? { ip } : {}) };
}

function isBeginning(answer: string): boolean {
  const expected = 'CONFIG cluster ';
  return expected.startsWith(answer.slice(0, expected.length));
}

function unreadable(what: string): MemcachedError {
  return new MemcachedError('PROTOCOL', what);
}
