import { Duration, Token } from 'aws-cdk-lib';
import { enforce, type Limit, wholeNumber } from '../limits';

const MINUTES_OF_DAY = 24 * 60;
const MINUTES_OF_WEEK = 7 * MINUTES_OF_DAY;

/** Shortest maintenance window (ElastiCache API, CreateReplicationGroup.PreferredMaintenanceWindow). */
const SHORTEST_MAINTENANCE = 60;

/** Shortest snapshot window (dg/backups-automatic). */
const SHORTEST_SNAPSHOT = 60;

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** A day of the week, in UTC. */
export enum CacheDay {
  /** Sunday. */
  SUNDAY = 'sun',
  /** Monday. */
  MONDAY = 'mon',
  /** Tuesday. */
  TUESDAY = 'tue',
  /** Wednesday. */
  WEDNESDAY = 'wed',
  /** Thursday. */
  THURSDAY = 'thu',
  /** Friday. */
  FRIDAY = 'fri',
  /** Saturday. */
  SATURDAY = 'sat',
}

/** When a weekly maintenance window begins and how long it is. */
export interface MaintenanceWindowOptions {
  /** Day it begins, in UTC. */
  readonly day: CacheDay;

  /** Hour it begins, 0 to 23, in UTC. */
  readonly hour: number;

  /**
   * Minute it begins, 0 to 59.
   *
   * @default 0
   */
  readonly minute?: number;

  /**
   * How long it is: 60 minutes to a day.
   *
   * @default Duration.hours(1)
   */
  readonly duration?: Duration;
}

/**
 * The time of the week at which ElastiCache may install updates.
 *
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/maintenance-window.html
 */
export class MaintenanceWindow {
  /** A window by its day, hour and length. */
  static weekly(options: MaintenanceWindowOptions): MaintenanceWindow {
    const minute = options.minute ?? 0;
    enforce([...timeLimits(options.hour, minute)]);
    const start = DAYS.indexOf(options.day) * MINUTES_OF_DAY + options.hour * 60 + minute;
    return new MaintenanceWindow(start, (options.duration ?? Duration.hours(1)).toMinutes());
  }

  /**
   * A window as ElastiCache writes it, for example `sun:23:00-mon:01:30`.
   *
   * @throws if it is written otherwise, or is shorter than 60 minutes
   */
  static parse(text: string): MaintenanceWindow {
    if (Token.isUnresolved(text)) {
      return new MaintenanceWindow(0, SHORTEST_MAINTENANCE, text);
    }
    const time = '(sun|mon|tue|wed|thu|fri|sat):([01]\\d|2[0-3]):([0-5]\\d)';
    const match = new RegExp(`^${time}-${time}$`).exec(text.toLowerCase());
    if (match === null) {
      throw new Error(
        `\`maintenanceWindow\` must be written ddd:hh:mm-ddd:hh:mm in UTC, for example sun:23:00-mon:01:30, got ${text}`,
      );
    }
    const [start, end] = [match.slice(1, 4), match.slice(4, 7)].map(
      ([day, hour, minute]) => DAYS.indexOf(day as string) * MINUTES_OF_DAY + Number(hour) * 60 + Number(minute),
    ) as [number, number];
    return new MaintenanceWindow(start, (end - start + MINUTES_OF_WEEK) % MINUTES_OF_WEEK);
  }

  private constructor(
    private readonly start: number,
    private readonly minutes: number,
    private readonly token?: string,
  ) {
    enforce([
      {
        broken: minutes < SHORTEST_MAINTENANCE || minutes > MINUTES_OF_DAY,
        message: `a maintenance window must be between ${SHORTEST_MAINTENANCE} minutes and 24 hours long, got ${minutes} minutes`,
      },
    ]);
  }

  /** The window as ElastiCache writes it. */
  toString(): string {
    if (this.token !== undefined) {
      return this.token;
    }
    return [this.start, this.start + this.minutes]
      .map((time) => `${DAYS[Math.floor(time / MINUTES_OF_DAY) % 7]}:${clock(time)}`)
      .join('-');
  }

  /**
   * A daily snapshot window of one hour that begins as this window ends, so that the two never meet; none where this one
   * is not known at synth.
   *
   * @throws if this window is too long to leave an hour of the day
   */
  snapshotWindowAfter(): SnapshotWindow | undefined {
    if (this.token !== undefined) {
      return undefined;
    }
    const end = (this.start + this.minutes) % MINUTES_OF_DAY;
    const window = SnapshotWindow.daily({ hour: Math.floor(end / 60), minute: end % 60 });
    if (this.overlaps(window)) {
      throw new Error(`\`maintenanceWindow\` ${this} leaves no hour of the day for snapshots: make it shorter`);
    }
    return window;
  }

  /** Whether some minute of the week lies in this window and in the daily one. Of a token nothing is known. */
  overlaps(snapshots: SnapshotWindow): boolean {
    if (this.token !== undefined || snapshots._token !== undefined) {
      return false;
    }
    for (let day = -1; day <= 8; day += 1) {
      const start = day * MINUTES_OF_DAY + snapshots.startMinute;
      if (start < this.start + this.minutes && this.start < start + snapshots.minutes) {
        return true;
      }
    }
    return false;
  }
}

/** When a daily snapshot window begins and how long it is. */
export interface SnapshotWindowOptions {
  /** Hour it begins, 0 to 23, in UTC. */
  readonly hour: number;

  /**
   * Minute it begins, 0 to 59.
   *
   * @default 0
   */
  readonly minute?: number;

  /**
   * How long it is: 60 minutes or more, less than a day.
   *
   * @default Duration.hours(1)
   */
  readonly duration?: Duration;
}

/**
 * The time of the day at which ElastiCache begins to take a snapshot.
 *
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/backups-automatic.html
 */
export class SnapshotWindow {
  /** A window by its hour and length. */
  static daily(options: SnapshotWindowOptions): SnapshotWindow {
    const minute = options.minute ?? 0;
    enforce([...timeLimits(options.hour, minute)]);
    return new SnapshotWindow(options.hour * 60 + minute, (options.duration ?? Duration.hours(1)).toMinutes());
  }

  /**
   * A window as ElastiCache writes it, for example `05:00-09:00`.
   *
   * @throws if it is written otherwise, or is shorter than 60 minutes
   */
  static parse(text: string): SnapshotWindow {
    if (Token.isUnresolved(text)) {
      return new SnapshotWindow(0, SHORTEST_SNAPSHOT, text);
    }
    const match = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/.exec(text);
    if (match === null) {
      throw new Error(`\`snapshotWindow\` must be written hh:mm-hh:mm in UTC, for example 05:00-09:00, got ${text}`);
    }
    const [startHour, startMinute, endHour, endMinute] = match.slice(1).map(Number) as [number, number, number, number];
    const start = startHour * 60 + startMinute;
    return new SnapshotWindow(start, (endHour * 60 + endMinute - start + MINUTES_OF_DAY) % MINUTES_OF_DAY);
  }

  /**
   * @param startMinute minutes after midnight, UTC
   * @param minutes how long it is
   */
  private constructor(
    readonly startMinute: number,
    readonly minutes: number,
    /** @internal */
    readonly _token?: string,
  ) {
    enforce([
      {
        broken: minutes < SHORTEST_SNAPSHOT || minutes >= MINUTES_OF_DAY,
        message: `a snapshot window must be at least ${SHORTEST_SNAPSHOT} minutes long and shorter than a day, got ${minutes} minutes`,
      },
    ]);
  }

  /**
   * A maintenance window of one hour on Sundays that begins as this window ends; none where this one is not known at
   * synth.
   *
   * @throws if this window is too long to leave an hour of the day
   */
  maintenanceWindowAfter(): MaintenanceWindow | undefined {
    if (this._token !== undefined) {
      return undefined;
    }
    const end = (this.startMinute + this.minutes) % MINUTES_OF_DAY;
    const window = MaintenanceWindow.weekly({ day: CacheDay.SUNDAY, hour: Math.floor(end / 60), minute: end % 60 });
    if (window.overlaps(this)) {
      throw new Error(`\`snapshotWindow\` ${this} leaves no hour of the day for maintenance: make it shorter`);
    }
    return window;
  }

  /** The window as ElastiCache writes it. */
  toString(): string {
    return this._token ?? `${clock(this.startMinute)}-${clock(this.startMinute + this.minutes)}`;
  }
}

/** The two windows of a cache, given or derived from each other, so that they never meet. */
export function scheduleOf(
  given: { readonly maintenanceWindow?: MaintenanceWindow; readonly snapshotWindow?: SnapshotWindow },
  snapshotRetentionDays: number,
): { maintenanceWindow?: MaintenanceWindow; snapshotWindow?: SnapshotWindow } {
  const { maintenanceWindow, snapshotWindow } = given;
  enforce([
    {
      broken: snapshotWindow !== undefined && snapshotRetentionDays === 0,
      message: '`snapshotWindow` is of no use without snapshots: `snapshotRetentionDays` is 0',
    },
    {
      broken:
        maintenanceWindow !== undefined && snapshotWindow !== undefined && maintenanceWindow.overlaps(snapshotWindow),
      message: `\`snapshotWindow\` ${snapshotWindow} overlaps \`maintenanceWindow\` ${maintenanceWindow} (AWS: "The snapshot window and maintenance window must not overlap.")`,
    },
  ]);
  if (snapshotRetentionDays === 0) {
    return { maintenanceWindow };
  }
  return {
    maintenanceWindow: maintenanceWindow ?? snapshotWindow?.maintenanceWindowAfter(),
    snapshotWindow: snapshotWindow ?? maintenanceWindow?.snapshotWindowAfter(),
  };
}

/** A time of the day, for the daily snapshot of a serverless cache. */
export class DailySnapshotTime {
  /** A time by hour (0 to 23) and minute (0 to 59), in UTC. */
  static at(hour: number, minute: number = 0): DailySnapshotTime {
    enforce([...timeLimits(hour, minute)]);
    return new DailySnapshotTime(hour * 60 + minute);
  }

  private constructor(private readonly minutes: number) {}

  /** The time as ElastiCache writes it, for example `05:30`. */
  toString(): string {
    return clock(this.minutes);
  }
}

/** Times are counted with at synth, so they cannot be tokens; a window as text can be one. */
function timeLimits(hour: number, minute: number): Limit[] {
  return [
    {
      broken: Token.isUnresolved(hour) || Token.isUnresolved(minute),
      message: '`hour` and `minute` must be numbers known at synth: a token can be given as text, with `parse`',
    },
    wholeNumber('hour', hour, 0, 23),
    wholeNumber('minute', minute, 0, 59),
  ];
}

function clock(minutes: number): string {
  const ofDay = minutes % MINUTES_OF_DAY;
  return [Math.floor(ofDay / 60), ofDay % 60].map((part) => String(part).padStart(2, '0')).join(':');
}
