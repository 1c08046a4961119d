import type { RedisArgument, RedisCommands, RedisReply } from '../../runtime/redis/commands';

/** Real commands on a clock that the test sets: `TIME` in scripts, and the engine's clock as instances know it. */
export function clockedCommands(commands: RedisCommands, clock: { ms: number }): RedisCommands {
  const timed = (script: string) => {
    const micros = Math.round(clock.ms * 1_000);
    return script.replaceAll("redis.call('TIME')", `{'${Math.floor(micros / 1_000_000)}', '${micros % 1_000_000}'}`);
  };
  return {
    name: commands.name,
    run: (key, command) => commands.run(key, command),
    script: (script: string, key: string, args: readonly RedisArgument[]): Promise<RedisReply> =>
      commands.script(timed(script), key, args),
    partOf: (key) => commands.partOf(key),
    getMany: (keys, from) => commands.getMany(keys, from),
    assertReplicas: () => commands.assertReplicas(),
    now: () => clock.ms,
    onRecovered: (listener) => commands.onRecovered(listener),
    ready: (timeoutMs) => commands.ready(timeoutMs),
    close: () => commands.close(),
  };
}
