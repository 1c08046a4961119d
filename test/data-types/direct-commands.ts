import { readFileSync } from 'node:fs';
import { createClient, createCluster } from '@redis/client';
import type { CacheBinding } from '../../runtime/binding';
import type { RedisArgument, RedisCommands, RedisReply } from '../../runtime/redis/commands';

/** Blob strings come as bytes. */
const AS_BYTES = { typeMapping: { 36: Buffer } };

type Send = (key: string, command: readonly RedisArgument[]) => Promise<RedisReply>;

/** Commands without deadline and breaker: what is tested over them does not depend on how busy the machine is. */
export async function directCommands(binding: CacheBinding): Promise<RedisCommands> {
  const { send, close } = await (binding.mode === 'cluster' ? clusterOf(binding) : clientOf(binding));
  const unused = () => {
    throw new Error('data types do not use this');
  };
  return {
    name: 'sessions',
    run: send,
    script: (script, key, args) => send(key, ['EVAL', script, '1', key, ...args]),
    knowsClock: false,
    now: () => Date.now(),
    close: async () => close(),
    partOf: unused,
    getMany: unused,
    assertReplicas: unused,
    onRecovered: unused,
    ready: async () => {},
  };
}

/** The same on a clock that the test sets: `TIME` in scripts, and the engine's clock as instances know it. */
export function clockedCommands(commands: RedisCommands, clock: { ms: number }): RedisCommands {
  const timed = (script: string) => {
    const micros = Math.round(clock.ms * 1_000);
    return script.replaceAll("redis.call('TIME')", `{'${Math.floor(micros / 1_000_000)}', '${micros % 1_000_000}'}`);
  };
  return {
    ...commands,
    now: () => clock.ms,
    script: (script, key, args) => commands.script(timed(script), key, args),
  };
}

async function clientOf(binding: CacheBinding): Promise<{ send: Send; close(): void }> {
  const { type, ...login } = binding.auth as { type: string; user?: string; password?: string };
  const client = createClient({
    RESP: 2,
    socket: {
      host: binding.host,
      port: binding.port as number,
      tls: true,
      ca: readFileSync(binding.ca as string),
      // A login that is refused is an error, instead of an attempt for ever.
      reconnectStrategy: false,
    },
    ...(type === 'none' ? {} : { username: login.user, password: login.password }),
  });
  client.on('error', () => {});
  await client.connect();
  return {
    send: (_key, command) => client.sendCommand([...command], AS_BYTES as never) as Promise<RedisReply>,
    close: () => client.destroy(),
  };
}

async function clusterOf(binding: CacheBinding): Promise<{ send: Send; close(): void }> {
  const cluster = createCluster({
    RESP: 2,
    rootNodes: [{ socket: { host: binding.host, port: binding.port as number } }],
    defaults: { socket: { tls: true, ca: readFileSync(binding.ca as string) } },
  } as never);
  cluster.on('error', () => {});
  await cluster.connect();
  return {
    send: (key, command) => cluster.sendCommand(key, false, [...command], AS_BYTES as never) as Promise<RedisReply>,
    close: () => cluster.destroy(),
  };
}
