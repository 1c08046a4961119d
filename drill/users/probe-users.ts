import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isFine, OwnWrites, WriteTally } from './own-writes';
import { PathUsers } from './path-users';
import { untilDone } from './until-done';
import type { LoadTruth, UserSample, Users } from './users';
import { sampleOf, Visitor } from './visitor';

/** Things that are written, and of so many turns one writes one of them and another reads it. */
const THINGS = 20;
const WRITE_EVERY = 5;

/** How long a service may still carry out a write that nobody waits for any more, in milliseconds. */
const LATE_WRITE_MS = 10_000;

interface Thing {
  readonly path: string;
  readonly writes: OwnWrites;
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
  private readonly tally = new WriteTally();

  /**
   * @param paths what is read, at least one
   * @param probe path below which is written, for example `/probe`
   */
  constructor(address: string, paths: readonly [string, ...string[]], probe: string) {
    this.readers = new PathUsers(address, paths);
    this.hotPath = this.readers.hotPath;
    this.visitor = new Visitor(address);
    const run = randomBytes(4).toString('hex');
    this.things = Array.from({ length: THINGS }, (_, index) => {
      const path = `${probe.replace(/\/$/, '')}/drill-${run}-${index + 1}`;
      return { path, writes: new OwnWrites(path, this.tally) };
    });
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
      case 0:
        return this.write(thing);
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
    await Promise.all(this.things.map(({ path, writes }) => writes.readAtLast(() => this.visitor.get(path))));
    const { acknowledged, lost, stale, stalestMs, remarks } = this.tally;
    return { acknowledged, lost, stale, stalestMs, sessions: 0, dead: 0, remarks };
  }

  async depart(): Promise<readonly string[]> {
    await Promise.all(this.things.map(({ writes }) => writes.answered()));
    let left = await this.deleted(this.things);
    const late = this.things.filter(({ writes }) => writes.isUnsure);
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

  private write({ path, writes }: Thing): Promise<UserSample> {
    const body = randomBytes(8).toString('hex');
    return writes.write(body, async () => {
      const answer = await this.visitor.put(path, { drill: body });
      return sampleOf(answer, 'review', isFine(answer.status));
    });
  }

  /** Reads what was written: what was acknowledged must be there. */
  private async read({ path, writes }: Thing): Promise<UserSample> {
    const answer = await writes.read(() => this.visitor.get(path));
    return sampleOf(answer, 'browse', isFine(answer.status));
  }
}
