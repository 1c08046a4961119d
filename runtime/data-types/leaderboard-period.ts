/** How long one table of a leaderboard runs. A week begins on Monday, as in ISO 8601. */
export type Period = 'day' | 'week' | 'month';

const DAY_MS = 86_400_000;

/** How far behind UTC a time zone can be, in milliseconds: there, a day ends that much later. */
const LAST_ZONE_MS = 12 * 3_600_000;

/** How long a table is kept after its period's end unless `keepMs` says otherwise, in milliseconds. */
export const DEFAULT_KEEP_MS: Readonly<Record<Period, number>> = {
  day: 35 * DAY_MS,
  week: 182 * DAY_MS,
  month: 400 * DAY_MS,
};

/** One period: all moments with one name belong to it. */
export interface NamedPeriod {
  /** The day, the Monday of the week or the month, for example `2026-03-29` or `2026-03`. */
  readonly name: string;
  /** A moment when it is over in every time zone, at most 26 hours after its end, in milliseconds since the epoch. */
  readonly overAt: number;
}

/** Says to which period a moment belongs, by the calendar of a time zone. */
export class PeriodCalendar {
  private readonly format: Intl.DateTimeFormat;

  /** @throws RangeError when there is no such time zone */
  constructor(
    private readonly period: Period,
    timeZone: string,
  ) {
    if (!(period in DEFAULT_KEEP_MS)) {
      throw new RangeError(`\`period\` must be 'day', 'week' or 'month', got ${JSON.stringify(period)}`);
    }
    this.format = formatOf(timeZone);
  }

  /** @throws RangeError when it is no date */
  of(at: Date): NamedPeriod {
    if (Number.isNaN(at.getTime())) {
      throw new RangeError('a period is found by a valid date, got an invalid one');
    }
    const [first, next] = this.limits(this.localDay(at));
    const day = new Date(first).toISOString().slice(0, 10);
    return { name: this.period === 'month' ? day.slice(0, 7) : day, overAt: next + LAST_ZONE_MS };
  }

  /** First day of the period and of the one after it, each as the start of that date in UTC. */
  private limits(day: number): [number, number] {
    switch (this.period) {
      case 'day':
        return [day, day + DAY_MS];
      case 'week': {
        const monday = day - ((new Date(day).getUTCDay() + 6) % 7) * DAY_MS;
        return [monday, monday + 7 * DAY_MS];
      }
      case 'month': {
        const date = new Date(day);
        return [
          Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1),
          Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1),
        ];
      }
    }
  }

  /** The date that the time zone's calendar shows, as the start of that date in UTC. */
  private localDay(at: Date): number {
    const parts = new Map(this.format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    return Date.UTC(parts.get('year') as number, (parts.get('month') as number) - 1, parts.get('day'));
  }
}

/** A format takes as long to make as hundreds of dates to write. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (format === undefined) {
    try {
      format = new Intl.DateTimeFormat('en-u-ca-gregory-nu-latn', {
        timeZone,
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
      });
    } catch (cause) {
      throw new RangeError(
        `\`timeZone\` must be a name of the IANA database, for example 'Europe/Berlin', got ${JSON.stringify(timeZone)}`,
        { cause },
      );
    }
    formats.set(timeZone, format);
  }
  return format;
}
