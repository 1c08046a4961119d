import type { Bench } from '../bench';
import type { SessionStoreName } from '../clients/session-stores';
import type { EngineKind } from '../engines';
import { percentile } from '../load';
import { round, type Table } from '../table';

const RACES = 20;

/** How long a request works on its session. */
const WORK_MS = 50;

/** Requests whose time is taken. */
const TIMED = 300;

const STORES: ReadonlyArray<{ client: SessionStoreName; engine: EngineKind }> = [
  { client: 'ours', engine: 'valkey' },
  { client: 'ours, Memcached', engine: 'memcached' },
  { client: 'connect-redis', engine: 'valkey' },
];

/** A browser that keeps one session's cookie. */
class Browser {
  private constructor(private readonly cookie: string) {}

  static async signIn(instance: string): Promise<Browser> {
    const response = await fetch(`${instance}/sign-in`);
    return new Browser((response.headers.get('set-cookie') as string).split(';')[0] as string);
  }

  async ask(address: string): Promise<string> {
    const response = await fetch(address, { headers: { cookie: this.cookie } });
    return response.text();
  }

  async fields(instance: string): Promise<string[]> {
    return JSON.parse(await this.ask(`${instance}/fields`));
  }
}

/** Two requests of one session at the same time, on two instances, each changing a field of its own. */
async function loses([one, other]: readonly [string, string]): Promise<boolean> {
  const browser = await Browser.signIn(one);
  await Promise.all([browser.ask(`${one}/set/here/${WORK_MS}`), browser.ask(`${other}/set/there/${WORK_MS}`)]);
  const fields = await browser.fields(one);
  return !fields.includes('here') || !fields.includes('there');
}

/** A request that began before the sign-out, and saves its session after it. */
async function revives([one, other]: readonly [string, string]): Promise<boolean> {
  const browser = await Browser.signIn(one);
  const late = browser.ask(`${one}/set/late/${2 * WORK_MS}`);
  await new Promise((resolve) => setTimeout(resolve, WORK_MS));
  await browser.ask(`${other}/sign-out`);
  await late;
  const fields = [...(await browser.fields(one)), ...(await browser.fields(other))];
  return fields.includes('user') || fields.includes('late');
}

export async function sessions(bench: Bench): Promise<Table[]> {
  const standings = [];
  for (const { client, engine } of STORES.filter(({ client }) => bench.wanted(client))) {
    const server = await bench.engines.start(engine);
    const setup = { client, port: server.port };
    const instances = [await bench.workers.start('sessions', setup), await bench.workers.start('sessions', setup)];
    const addresses = (await Promise.all(instances.map((instance) => instance.address()))) as [string, string];
    const count = async (race: typeof loses) => {
      let happened = 0;
      for (let index = 0; index < RACES; index += 1) {
        happened += Number(await race(addresses));
      }
      return happened;
    };
    standings.push({
      client,
      engine,
      lost: await count(loses),
      revived: await count(revives),
      ...(await requestTimes(addresses)),
    });
    await Promise.all(instances.map((instance) => instance.end()));
    await bench.engines.stop(server);
  }
  const isOurs = ({ client }: { client: string }) => client.startsWith('ours');
  const bestPeer = Math.min(...standings.filter((one) => !isOurs(one)).map(({ lost, revived }) => lost + revived));
  return [
    {
      id: 'sessions',
      title: `Sessions of express-session on two instances: ${RACES} races each`,
      measured:
        'Lost: two concurrent requests each change a field, and one of the changes is gone. Revived: a request that ' +
        'began before the sign-out brings the session back. p50 and p99: a request that changes its session.',
      rows: standings.map(({ client, engine, lost, revived, p50Ms, p99Ms }) => ({
        store: client,
        engine,
        lost,
        revived,
        'p50, ms': round(p50Ms),
        'p99, ms': round(p99Ms),
        'best peer, of both': bestPeer,
      })),
      goals: standings.filter(isOurs).flatMap(({ client, lost, revived }) => [
        { what: `${client}: changes lost`, value: lost, atMost: 0 },
        { what: `${client}: sessions revived`, value: revived, atMost: 0 },
      ]),
      data: standings,
    },
  ];
}

async function requestTimes([instance]: readonly [string, string]): Promise<{ p50Ms: number; p99Ms: number }> {
  const browser = await Browser.signIn(instance);
  const times: number[] = [];
  for (let index = 0; index < TIMED; index += 1) {
    const startedAt = performance.now();
    await browser.ask(`${instance}/set/field/0`);
    times.push(performance.now() - startedAt);
  }
  times.sort((a, b) => a - b);
  return { p50Ms: percentile(times, 0.5), p99Ms: percentile(times, 0.99) };
}
