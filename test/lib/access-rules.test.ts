import type { RedisClientType } from '@redis/client';
import fc from 'fast-check';
import { AccessRules } from '../../lib';
import { RunningEngines } from '../engines/running';

/**
 * Rules that the engine takes and the parser refuses: what ElastiCache does not take, because users are changed through
 * its API, and patterns that are empty, which match nothing that was meant.
 */
const REFUSED_ON_PURPOSE = /^(nopass|resetpass|reset|resetkeys|resetchannels|[><#!].*|~|&|%[RW]*~?)$/i;

let engines: RunningEngines;
let client: RedisClientType;

beforeAll(async () => {
  engines = await RunningEngines.start();
  client = await engines.administrator();
});
afterAll(async () => {
  client?.destroy();
  await engines?.stop();
});

/** Why a real Valkey refuses an access string for a user that is new, or undefined where it takes it. */
async function refusal(text: string): Promise<string | undefined> {
  await client.sendCommand(['ACL', 'DELUSER', 'probe']);
  try {
    await client.sendCommand(['ACL', 'SETUSER', 'probe', ...(text.match(/\([^()]*\)|\S+/g) ?? [])]);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function parserTakes(text: string): boolean {
  try {
    AccessRules.parse(text);
    return true;
  } catch {
    return false;
  }
}

test.each([
  AccessRules.readWrite(),
  AccessRules.readWrite().onKeys('app:*').onChannels('app:*'),
  AccessRules.readOnly(),
  AccessRules.readOnly().onKeys('a*', 'b*'),
  AccessRules.readWrite().onKeysReadOnly('shared:*').deny('@scripting', 'config|get').allow('info'),
  AccessRules.all(),
  AccessRules.off(),
  AccessRules.parse('on ~a* (%R~b* +get) -@all +@read +cluster|slots'),
])('a real engine takes %s', async (rules) => {
  expect(await refusal(rules.toString())).toBeUndefined();
});

test("a user who may read and write can do an application's work, and nothing that harms others", async () => {
  const may = async (rules: AccessRules, ...command: string[]) => {
    await client.sendCommand(['ACL', 'SETUSER', 'probe', 'reset', ...rules.toString().split(' ')]);
    const answer = await client.sendCommand(['ACL', 'DRYRUN', 'probe', ...command]);
    return String(answer) === 'OK';
  };
  const own = AccessRules.readWrite().onKeys('app:*').onChannels('app:*');

  expect(await may(own, 'SET', 'app:1', 'x')).toBe(true);
  expect(await may(own, 'ZADD', 'app:board', '1', 'Ada')).toBe(true);
  expect(await may(own, 'EVAL', 'return 1', '1', 'app:1')).toBe(true);
  expect(await may(own, 'PUBLISH', 'app:news', 'x')).toBe(true);
  expect(await may(own, 'CLUSTER', 'SLOTS')).toBe(true);
  expect(await may(own, 'GET', 'other:1')).toBe(false);
  expect(await may(own, 'PUBLISH', 'other', 'x')).toBe(false);
  for (const harmful of [['FLUSHALL'], ['KEYS', 'app:*'], ['CONFIG', 'GET', '*'], ['MONITOR'], ['ACL', 'LIST']]) {
    expect([harmful, await may(own, ...harmful)]).toEqual([harmful, false]);
  }

  const reader = AccessRules.readOnly().onKeys('app:*');
  expect(await may(reader, 'GET', 'app:1')).toBe(true);
  expect(await may(reader, 'HELLO', '3')).toBe(true);
  expect(await may(reader, 'CLUSTER', 'SHARDS')).toBe(true);
  expect(await may(reader, 'SET', 'app:1', 'x')).toBe(false);
  expect(await may(reader, 'GET', 'other:1')).toBe(false);

  const split = AccessRules.readWrite().onKeys('own:*').onKeysReadOnly('shared:*');
  expect(await may(split, 'SET', 'own:1', 'x')).toBe(true);
  expect(await may(split, 'GET', 'shared:1')).toBe(true);
  expect(await may(split, 'SET', 'shared:1', 'x')).toBe(false);
});

test('whatever text the parser takes, the engine takes too, but for commands that it does not know', async () => {
  const rule = fc.oneof(
    fc.constantFrom('on', 'off', 'allkeys', 'allchannels', 'nocommands', '+@all', '-@all', '+@read', '-@dangerous'),
    fc.constantFrom(
      '+get',
      '-set',
      '+config|get',
      '-cluster|slots',
      '+@nothing',
      '+@',
      '-',
      '+',
      '~',
      '&',
      '%',
      '%X~a',
    ),
    fc.constantFrom('nopass', 'resetpass', 'reset', '>secret', '<secret', '#0a', '!0a', '(~a', ')', '(+get ~b)', '()'),
    fc.string({ minLength: 1, maxLength: 6 }).map((text) => `~${text.replace(/[\s()]/g, '')}`),
    fc.string({ minLength: 1, maxLength: 6 }).map((text) => text.replace(/[\s()]/g, '') || 'x'),
    fc.constantFrom('%R~a*', '%W~b', '%RW~c*', '%r~a', '&news*', 'clearselectors', 'sanitize-payload'),
  );
  const seen = { taken: 0, refused: 0 };

  await fc.assert(
    fc.asyncProperty(fc.array(rule, { minLength: 1, maxLength: 5 }), async (rules) => {
      const text = rules.join(' ');
      const taken = parserTakes(text);
      seen[taken ? 'taken' : 'refused'] += 1;
      const problem = await refusal(text);
      if (taken) {
        // Commands that only the engine knows, and patterns after one that matches everything, are left to it.
        expect([text, problem?.replace(/.*(Unknown command|Adding a pattern after).*/, '$1')]).toEqual([
          text,
          problem === undefined ? undefined : expect.stringMatching(/^(Unknown command|Adding a pattern after)$/),
        ]);
      } else if (!rules.some((one) => REFUSED_ON_PURPOSE.test(one))) {
        expect([text, problem]).toEqual([text, expect.any(String)]);
      }
    }),
    { numRuns: 500 },
  );
  expect(Math.min(seen.taken, seen.refused)).toBeGreaterThan(50);
}, 60_000);

test('no message repeats a password', () => {
  expect(() => AccessRules.parse('on >very-secret-password ~* +@all')).toThrow(/^(?!.*very-secret)/);
  expect(() => AccessRules.parse('on ~* bogus >very-secret-password')).toThrow(/^(?!.*very-secret)/);
});
