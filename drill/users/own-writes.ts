import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from './visitor';

/** How often, and how long after each other, is looked again for what is not there, in milliseconds: four seconds in all. */
const MOST_LOOKS = 9;
const LOOK_AGAIN_MS = 500;

interface Write {
  readonly text: string;
  /** When it was acknowledged, on `performance.now()`'s clock. */
  acknowledgedAt: number | undefined;
}

/** An answer, and whether it shows what must be there. */
interface Look {
  readonly answer: Answer;
  readonly isThere: boolean;
}

/** What users were told was written, against what they read. */
export class WriteTally {
  acknowledged = 0;
  /** Acknowledged writes that did not come to be read. */
  lost = 0;
  /** Reads older than the last acknowledged write. */
  stale = 0;
  stalestMs = 0;
  /** What was lost or stale, in a sentence each. */
  readonly remarks: string[] = [];
}

/**
 * What one user writes in one place, one write after the other. A write that was not acknowledged may be carried out all
 * the same, also after a later one: what is read is right if it shows the last one that was acknowledged when it was
 * asked for, one that was sent after it, or one that never was acknowledged.
 */
export class OwnWrites {
  private writes: Write[] = [];
  private last: Write | undefined;
  private writing: Promise<unknown> = Promise.resolve();

  /** @param place where it is read, for example a path */
  constructor(
    private readonly place: string,
    private readonly tally: WriteTally,
  ) {}

  /** Resolves once everything that was sent has been answered. */
  async answered(): Promise<void> {
    await this.writing;
  }

  /** Whether something was not acknowledged, and may still be carried out. */
  get isUnsure(): boolean {
    return this.writes.some(({ acknowledgedAt }) => acknowledgedAt === undefined);
  }

  /** @param send resolves when the text has been answered, with whether it was acknowledged */
  write<T extends { readonly isOk: boolean }>(text: string, send: () => Promise<T>): Promise<T> {
    const written = this.writing.then(async () => {
      const write: Write = { text, acknowledgedAt: undefined };
      this.writes.push(write);
      const answer = await send();
      if (answer.isOk) {
        write.acknowledgedAt = performance.now();
        this.tally.acknowledged += 1;
        this.last = write;
        this.writes = this.writes.filter((one) => one === write || one.acknowledgedAt === undefined);
      }
      return answer;
    });
    this.writing = written;
    return written;
  }

  /** Reads what is there once the last write is answered, and counts what is too old. */
  async read(ask: () => Promise<Answer>): Promise<Answer> {
    const looked = await this.look(ask);
    this.judge(looked);
    return looked.answer;
  }

  /** Reads until what was acknowledged is there: what never comes is lost, and what comes late was read too old. */
  async readAtLast(ask: () => Promise<Answer>): Promise<Answer> {
    const first = await this.look(ask);
    for (let looks = 1, { isThere } = first; !isThere; looks += 1) {
      if (looks === MOST_LOOKS) {
        this.tally.lost += 1;
        this.tally.remarks.push(`${this.place} never showed what was acknowledged.`);
        return first.answer;
      }
      await sleep(LOOK_AGAIN_MS);
      ({ isThere } = await this.look(ask));
    }
    this.judge(first);
    return first.answer;
  }

  private async look(ask: () => Promise<Answer>): Promise<Look> {
    await this.writing;
    const { last } = this;
    const answer = await ask();
    const isShown = [last, ...this.writes].some((write) => write !== undefined && answer.body.includes(write.text));
    return { answer, isThere: last === undefined || (isFine(answer.status) && isShown) };
  }

  private judge({ answer, isThere }: Look): void {
    if (!isFine(answer.status) || isThere) {
      return;
    }
    const { tally } = this;
    const ageMs = answer.askedAt - (this.last?.acknowledgedAt ?? answer.askedAt);
    tally.stale += 1;
    tally.stalestMs = Math.max(tally.stalestMs, ageMs);
    const instance = answer.headers['x-instance'];
    tally.remarks.push(
      `${this.place} did not show a write that was acknowledged ${Math.round(ageMs)} ms before` +
        `${instance === undefined ? '' : `, on ${instance}`}.`,
    );
  }
}

/** Whether something was answered as it was asked for. */
export function isFine(status: number): boolean {
  return status >= 200 && status < 300;
}
