import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { PathUsers } from './path-users';
import { untilDone } from './until-done';
import type { LoadTruth, UserSample, Users } from './users';
import { type Answer, sampleOf, Visitor } from './visitor';

/** Things that are written, and of so many turns one writes one of them and another reads it. */
const THINGS = 20;
const WRITE_EVERY = 5;

/** How long a service may still carry out a write that nobody waits for any more, in milliseconds. */
const LATE_WRITE_MS = 10_000;

interface Thing {
  readonly path: string;
  /** What was acknowledged last; nothing while nothing was. */
  written: { readonly body: string; readonly at: number } | undefined;
  /** Whether a later one, sent and not acknowledged, may have taken its place. */
  mayBeOlder: boolean;
  writing: Promise<unknown>;
}

/**
 * Users of any service that read given paths, and that write, read and at the end delete things below one path of its
 * own, which the service has for them: `PUT`, `GET` and `DELETE` of `<probe path>/<id>`, with JSON.
 */
export class ProbeUsers implements Users {
  readonly hotPath: string;
  private readonly readers: PathUsers;
  private readonly visitor: Visitor;
  private readonly things: readonly Thing[];
  private acknowledged = 0;
  private stale = 0;
  private stalestMs = 0;

  /**
   * @param paths what is read, at least one
   * @param probe path below which is written, for example `/probe`
   */
  constructor(address: string, paths: readonly [string, ...string[]], probe: string) {
    this.readers = new PathUsers(address, paths);
    this.hotPath = this.readers.hotPath;
    this.visitor = new Visitor(address);
    const run = randomBytes(4).toString('hex');
    this.things = Array.from({ length: THINGS }, (_, index) => ({
      path: `${probe.replace(/\/$/, '')}/drill-${run}-${index + 1}`,
      written: undefined,
      mayBeOlder: false,
      writing: Promise.resolve(),
    }));
  }

  coldPath(): undefined {}

  async arrive(): Promise<void> {
    await this.readers.arrive();
    for (const thing of this.things) {
      const { isOk, status } = await this.write(thing);
      if (!isOk) {
        throw new Error(
          `PUT ${thing.path} was answered ${status} before the drill: a probe path takes PUT, GET and DELETE`,
        );
      }
    }
  }

  act(number: number): Promise<UserSample> {
    const thing = this.things[Math.floor(number / WRITE_EVERY) % THINGS] as Thing;
    switch (number % WRITE_EVERY) {
      case 0: {
        const writing = thing.writing.then(() => this.write(thing));
        thing.writing = writing;
        return writing;
      }
      case 1:
        return this.read(thing);
      default:
        return this.readers.act(number);
    }
  }

  ask(path: string): Promise<UserSample> {
    return this.readers.ask(path);
  }

  async truth(): Promise<LoadTruth> {
    const lost = await Promise.all(
      this.things.map(async ({ path, written, mayBeOlder, writing }) => {
        await writing;
        return written !== undefined && !mayBeOlder && !shows(await this.visitor.get(path), written.body);
      }),
    );
    return {
      acknowledged: this.acknowledged,
      lost: lost.filter(Boolean).length,
      stale: this.stale,
      stalestMs: this.stalestMs,
      sessions: 0,
      dead: 0,
    };
  }

  async depart(): Promise<readonly string[]> {
    await Promise.all(this.things.map(({ writing }) => writing));
    let left = await this.deleted(this.things);
    const late = this.things.filter(({ mayBeOlder }) => mayBeOlder);
    if (late.length > 0) {
      await sleep(LATE_WRITE_MS);
      left = [...left.filter((thing) => !late.includes(thing)), ...(await this.deleted(late))];
    }
    return left.length === 0 ? [] : [`these could not be deleted: ${left.map(({ path }) => path).join(', ')}`];
  }

  /** Deletes things. @returns those that it could not */
  private async deleted(things: readonly Thing[]): Promise<Thing[]> {
    const gone = await Promise.all(
      things.map(({ path }) =>
        untilDone(async () => {
          const { status } = await this.visitor.delete(path);
          return isFine(status) || status === 404;
        }),
      ),
    );
    return things.filter((_, index) => gone[index] !== true);
  }

  private async write(thing: Thing): Promise<UserSample> {
    const body = randomBytes(8).toString('hex');
    const answer = await this.visitor.put(thing.path, { drill: body });
    const isOk = isFine(answer.status);
    if (isOk) {
      this.acknowledged += 1;
      thing.written = { body, at: performance.now() };
      thing.mayBeOlder = false;
    } else {
      thing.mayBeOlder = true;
    }
    return sampleOf(answer, 'review', isOk);
  }

  /** Reads what was written: what was acknowledged must be there. */
  private async read(thing: Thing): Promise<UserSample> {
    await thing.writing;
    const { written } = thing;
    const answer = await this.visitor.get(thing.path);
    const isCurrent = written === undefined || thing.mayBeOlder || written !== thing.written;
    if (isFine(answer.status) && !isCurrent && !shows(answer, (written as { body: string }).body)) {
      this.stale += 1;
      this.stalestMs = Math.max(this.stalestMs, answer.askedAt - (written as { at: number }).at);
    }
    return sampleOf(answer, 'browse', isFine(answer.status));
  }
}

function isFine(status: number): boolean {
  return status >= 200 && status < 300;
}

function shows({ status, body }: Answer, written: string): boolean {
  return isFine(status) && body.includes(written);
}
