import type { FakeState } from './fake-state';

type Change = (state: FakeState, at: Date) => void;

interface Planned {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly change: Change;
}

/** What is to happen as time passes. It happens when somebody looks, in order, each thing as of its own time. */
export class Timeline {
  private planned: Planned[] = [];

  /** @param at in milliseconds since the epoch; `Infinity` for what never happens */
  plan(at: number, change: Change): void {
    this.planned.push({ at, change });
  }

  /** Does all that was to happen until now. */
  catchUp(state: FakeState, now: Date): void {
    const due = this.planned.filter(({ at }) => at <= now.getTime());
    this.planned = this.planned.filter(({ at }) => at > now.getTime());
    for (const { at, change } of due.sort((one, other) => one.at - other.at)) {
      change(state, new Date(at));
    }
  }
}
