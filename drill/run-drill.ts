import { setTimeout as sleep } from 'node:timers/promises';
import type { Drill, DrillEvidence, DrillRun, DrillWindows } from './drill';
import type { DrilledEnvironment } from './drill-target';
import { OpenLoad } from './open-load';
import type { DrillMark, DrillResult } from './report/drill-result';
import type { UserSample, Users } from './users/users';

/** How often the database is asked what it has done, in milliseconds. */
const COUNT_EVERY_MS = 1_000;

/** A database tells what a connection did up to a second later. */
const COUNT_DELAY_MS = 1_200;

/**
 * Statements are counted for so long at least before a fault and during it, in milliseconds: of the same users they differ
 * by a third from second to second (measured: 33 on average, 11 to 60), and by a quarter from two seconds to the next two.
 */
const COUNTED_MS = 10_000;

/** Longest that an environment on this machine may take to be whole again after a fault, in milliseconds. */
const RECOVERY_TIMEOUT_MS = 60_000;

export interface RunOptions {
  readonly windows: DrillWindows;
  /** Requests of all users together. */
  readonly ratePerSecond: number;
  /** Longest that it may take until everything is back after the fault, in milliseconds. @default a minute */
  readonly recoveryMs?: number;
  /** Breaks the drill off: what it broke is healed. */
  readonly signal?: AbortSignal;
  /** Told what users could not take back of what they wrote, when there is no result that says it. @default nobody */
  readonly left?: (what: string) => void;
}

/** It took too long until everything was back, or nobody could tell. */
class NotWholeError extends Error {}

/**
 * Runs one drill: users arrive, the load goes on at a fixed rate, the fault happens and ends, and what users felt is
 * judged. Whatever happens, what was broken is healed.
 *
 * @throws when the users cannot arrive, or the drill is broken off
 */
export async function runDrill<Target extends DrilledEnvironment>(
  target: Target,
  drill: Drill<Target>,
  users: Users,
  { windows: wanted, ratePerSecond, recoveryMs = RECOVERY_TIMEOUT_MS, signal, left = () => {} }: RunOptions,
): Promise<DrillResult> {
  const marks: DrillMark[] = [];
  const notes: string[] = [];
  const kept = new Map<string, number>();
  let startedAt = performance.now();
  let began = new Date();
  const now = () => performance.now() - startedAt;
  const windows = drill.countsStatements === true ? longEnoughToCount(wanted) : wanted;
  const run: DrillRun<Target> = {
    target,
    windows,
    users,
    wait: async (ms) => void (await sleep(ms, undefined, signal === undefined ? {} : { signal })),
    settled: async () => {
      try {
        await within(recoveryMs, target.settled());
      } catch (error) {
        throw signal?.aborted === true ? error : new NotWholeError((error as Error).message);
      }
    },
    mark: (kind, label) => void marks.push({ atMs: now(), kind, label }),
    note: (line) => void notes.push(line),
  };
  let load: OpenLoad<UserSample> | undefined;
  let hasDeparted = false;
  let counter: StatementCounter | undefined;
  const stopTelling = target.onChange(({ kind, what, at }) => {
    const atMs = at === undefined ? now() : at.getTime() - began.getTime();
    if (kind === 'note') {
      run.note(at === undefined ? what : `after ${(atMs / 1_000).toFixed(1)} s: ${what}`);
    } else {
      marks.push({ atMs, kind, label: what });
    }
  });
  try {
    await target.settled();
    await drill.prepare?.(run);
    await users.arrive();
    if (drill.countsStatements === true) {
      await run.wait(COUNT_DELAY_MS);
    }
    counter = await StatementCounter.of(target);
    startedAt = performance.now();
    began = new Date();
    marks.length = 0;
    notes.length = 0;
    load = new OpenLoad(ratePerSecond, (number) => users.act(number));
    await run.wait(windows.beforeMs);
    let notWhole: NotWholeError | undefined;
    try {
      await drill.inject(run, (name, value) => void kept.set(name, value));
      await drill.heal?.(target);
      run.mark('healed', 'the fault is over');
      await run.settled();
      run.mark('recovered', 'everything is back');
      await run.wait(windows.afterMs);
    } catch (error) {
      if (!(error instanceof NotWholeError)) {
        throw error;
      }
      // What users felt so far is told all the same.
      notWhole = error;
    }
    const calls = await load.stop();
    const durationMs = now();
    const statements = counter.stop();
    const samples = calls
      .flatMap(({ result }) => (result === undefined ? [] : [{ ...result, atMs: result.atMs - startedAt }]))
      .sort((one, other) => one.atMs - other.atMs);
    const evidence: DrillEvidence<Target> = {
      target,
      samples,
      marks: inOrder(marks),
      truth: await users.truth(),
      startedAt,
      statements,
      kept,
    };
    hasDeparted = true;
    notes.push(...evidence.truth.remarks, ...(await users.depart()));
    return {
      drill: drill.name,
      title: drill.title,
      environment: target.environment,
      where: target.where,
      startedAt: began.toISOString(),
      durationMs,
      ratePerSecond,
      marks: evidence.marks,
      samples,
      verdicts: [
        ...(notWhole === undefined
          ? []
          : [{ name: 'everything is back', wanted: 'in time', got: notWhole.message, passed: false }]),
        ...drill.judge(evidence),
      ],
      notes,
    };
  } finally {
    stopTelling();
    counter?.stop();
    await drill.heal?.(target);
    await load?.stop();
    if (!hasDeparted) {
      for (const what of await users.depart()) {
        left(what);
      }
    }
  }
}

function longEnoughToCount({ beforeMs, faultMs, afterMs }: DrillWindows): DrillWindows {
  return { beforeMs: Math.max(beforeMs, COUNTED_MS), faultMs: Math.max(faultMs, COUNTED_MS), afterMs };
}

/** What is told later than it happened stands where it happened. */
function inOrder(marks: readonly DrillMark[]): DrillMark[] {
  return [...marks].sort((one, other) => one.atMs - other.atMs);
}

/** Of each second, what the database carried out in it. */
class StatementCounter {
  private readonly perSecond: number[] = [];
  private last = 0;
  private readonly timer: NodeJS.Timeout;

  static async of(target: DrilledEnvironment): Promise<StatementCounter> {
    const counter = new StatementCounter(target);
    counter.last = (await target.database?.statements()) ?? 0;
    return counter;
  }

  private constructor(target: DrilledEnvironment) {
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
