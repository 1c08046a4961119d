import { Duration, Token } from 'aws-cdk-lib';
import fc from 'fast-check';
import { CacheDay, DailySnapshotTime, MaintenanceWindow, SnapshotWindow } from '../../lib';

const MINUTES_OF_WEEK = 7 * 24 * 60;

const maintenance = fc.record({
  day: fc.constantFrom(...Object.values(CacheDay)),
  hour: fc.integer({ min: 0, max: 23 }),
  minute: fc.integer({ min: 0, max: 59 }),
  minutes: fc.integer({ min: 60, max: 24 * 60 }),
});
const snapshot = fc.record({
  hour: fc.integer({ min: 0, max: 23 }),
  minute: fc.integer({ min: 0, max: 59 }),
  minutes: fc.integer({ min: 60, max: 24 * 60 - 1 }),
});

const weekly = ({ minutes, ...start }: { day: CacheDay; hour: number; minute: number; minutes: number }) =>
  MaintenanceWindow.weekly({ ...start, duration: Duration.minutes(minutes) });
const daily = ({ minutes, ...start }: { hour: number; minute: number; minutes: number }) =>
  SnapshotWindow.daily({ ...start, duration: Duration.minutes(minutes) });

/** The minutes of the week that a window covers, one by one. */
function covered(starts: number[], minutes: number): Set<number> {
  return new Set(
    starts.flatMap((start) => Array.from({ length: minutes }, (_, index) => (start + index) % MINUTES_OF_WEEK)),
  );
}

test('two windows overlap when a minute of the week lies in both', () => {
  fc.assert(
    fc.property(maintenance, snapshot, (one, other) => {
      const day = Object.values(CacheDay).indexOf(one.day);
      const week = covered([day * 1_440 + one.hour * 60 + one.minute], one.minutes);
      const days = covered(
        [0, 1, 2, 3, 4, 5, 6].map((index) => index * 1_440 + other.hour * 60 + other.minute),
        other.minutes,
      );

      expect(weekly(one).overlaps(daily(other))).toBe([...week].some((minute) => days.has(minute)));
    }),
    { numRuns: 300 },
  );
});

test('what is written is read back as it was', () => {
  fc.assert(
    fc.property(maintenance, snapshot, (one, other) => {
      expect(`${MaintenanceWindow.parse(`${weekly(one)}`)}`).toBe(`${weekly(one)}`);
      expect(`${SnapshotWindow.parse(`${daily(other)}`)}`).toBe(`${daily(other)}`);
    }),
  );
});

test('a window that is derived from the other never meets it', () => {
  fc.assert(
    fc.property(maintenance, snapshot, (one, other) => {
      const short = weekly({ ...one, minutes: Math.min(one.minutes, 23 * 60) });
      const brief = daily({ ...other, minutes: Math.min(other.minutes, 23 * 60) });

      expect(short.overlaps(short.snapshotWindowAfter() as SnapshotWindow)).toBe(false);
      expect(brief.maintenanceWindowAfter()?.overlaps(brief)).toBe(false);
    }),
  );
});

test('fails if a window leaves no hour for the other', () => {
  expect(() => MaintenanceWindow.parse('mon:00:00-mon:23:30').snapshotWindowAfter()).toThrow(
    '`maintenanceWindow` mon:00:00-mon:23:30 leaves no hour of the day for snapshots',
  );
  expect(() => SnapshotWindow.parse('00:00-23:30').maintenanceWindowAfter()).toThrow(
    '`snapshotWindow` 00:00-23:30 leaves no hour of the day for maintenance',
  );
});

test('a time of the day is written in UTC', () => {
  expect([DailySnapshotTime.at(5).toString(), DailySnapshotTime.at(23, 5).toString()]).toEqual(['05:00', '23:05']);
});

test('a token is taken as text, and nothing is derived from it', () => {
  const [weekly, daily] = ['Weekly', 'Daily'].map((id) => Token.asString({ Ref: id })) as [string, string];
  const maintenance = MaintenanceWindow.parse(weekly);
  const snapshots = SnapshotWindow.parse(daily);

  expect([`${maintenance}`, `${snapshots}`]).toEqual([weekly, daily]);
  expect([
    maintenance.overlaps(snapshots),
    maintenance.snapshotWindowAfter(),
    snapshots.maintenanceWindowAfter(),
  ]).toEqual([false, undefined, undefined]);
  expect(() => DailySnapshotTime.at(Token.asNumber({ Ref: 'Hour' }))).toThrow('must be numbers known at synth');
});
