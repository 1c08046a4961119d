import { setTimeout as sleep } from 'node:timers/promises';
import type { Drill, DrillEvidence, DrillRun, DrillWindows } from './drill';
import type { DrillTarget } from './drill-target';
import { OpenLoad } from './open-load';
import type { DrillMark, DrillResult } from './report/drill-result';
import type { UserSample, Users } from './users/users';

/** How often the database is asked what it has done, in milliseconds. */
const COUNT_EVERY_MS = 1_000;

/** A database tells what a connection did up to a second later. */
const COUNT_DELAY_MS = 1_200;

/** Longest that an environment may take to be whole again after a fault, in milliseconds. */
const RECOVERY_TIMEOUT_MS = 60_000;

export interface RunOptions {
  readonly windows: DrillWindows;
  /** Requests of all users together. */
  readonly ratePerSecond: number;
  /** Breaks the drill off: what it broke is healed. */
  readonly signal?: AbortSignal;
}

/**
 * Runs one drill: users arrive, the load goes on at a fixed rate, the fault happens and ends, and what users felt is
 * judged. Whatever happens, what was broken is healed.
 *
 * @throws when the users cannot arrive, or the drill is broken off
 */
export async function runDrill(
  target: DrillTarget,
  drill: Drill,
  users: Users,
  { windows, ratePerSecond, signal }: RunOptions,
): Promise<DrillResult> {
  const marks: DrillMark[] = [];
  const notes: string[] = [];
  const kept = new Map<string, number>();
  let startedAt = performance.now();
  const now = () => performance.now() - startedAt;
  const run: DrillRun = {
    target,
    windows,
    users,
    wait: async (ms) => void (await sleep(ms, undefined, signal === undefined ? {} : { signal })),
    mark: (kind, label) => void marks.push({ atMs: now(), kind, label }),
    note: (line) => void notes.push(line),
  };
  const began = new Date();
  let load: OpenLoad<UserSample> | undefined;
  let counter: StatementCounter | undefined;
  const stopTelling = target.onChange((kind, what) => (kind === 'empty' ? run.note(what) : run.mark(kind, what)));
  try {
    await target.settled();
    await drill.prepare?.(run);
    await users.arrive();
    if (drill.countsStatements === true) {
      await run.wait(COUNT_DELAY_MS);
    }
    counter = await StatementCounter.of(target);
    startedAt = performance.now();
    marks.length = 0;
    notes.length = 0;
    load = new OpenLoad(ratePerSecond, (number) => users.act(number));
    await run.wait(windows.beforeMs);
    await drill.inject(run, (name, value) => void kept.set(name, value));
    await drill.heal?.(target);
    run.mark('healed', 'the fault is over');
    await within(RECOVERY_TIMEOUT_MS, target.settled());
    run.mark('recovered', 'everything is back');
    await run.wait(windows.afterMs);
    const calls = await load.stop();
    const durationMs = now();
    const statements = counter.stop();
    const samples = calls
      .flatMap(({ result }) => (result === undefined ? [] : [{ ...result, atMs: result.atMs - startedAt }]))
      .sort((one, other) => one.atMs - other.atMs);
    const evidence: DrillEvidence = {
      target,
      samples,
      marks,
      truth: await users.truth(),
      startedAt,
      statements,
      kept,
    };
    return {
      drill: drill.name,
      title: drill.title,
      environment: target.environment,
      where: target.where,
      startedAt: began.toISOString(),
      durationMs,
      ratePerSecond,
      marks,
      samples,
      verdicts: drill.judge(evidence),
      notes,
    };
  } finally {
    stopTelling();
    counter?.stop();
    await drill.heal?.(target);
    await load?.stop();
  }
}

/** Of each second, what the database carried out in it. */
class StatementCounter {
  private readonly perSecond: number[] = [];
  private last = 0;
  private readonly timer: NodeJS.Timeout;

  static async of(target: DrillTarget): Promise<StatementCounter> {
    const counter = new StatementCounter(target);
    counter.last = (await target.database?.statements()) ?? 0;
    return counter;
  }

  private constructor(target: DrillTarget) {
    this.timer = setInterval(() => {
      const at = this.perSecond.push(0) - 1;
      target.database
        ?.statements()
        .then((statements) => {
          this.perSecond[at] = Math.max(0, statements - this.last);
          this.last = statements;
        })
        .catch(() => {});
    }, COUNT_EVERY_MS);
  }

  stop(): readonly number[] {
    clearInterval(this.timer);
    return this.perSecond;
  }
}

async function within(ms: number, promise: Promise<void>): Promise<void> {
  const timer = new AbortController();
  try {
    await Promise.race([
      promise,
      sleep(ms, undefined, { signal: timer.signal }).then(() => {
        throw new Error(`the environment was not whole again ${ms / 1_000} s after the fault`);
      }),
    ]);
  } finally {
    timer.abort();
  }
}
