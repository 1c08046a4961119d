import type { EnvironmentState } from '../environment/environment-state';
import { dataOf, withoutData } from './caches';
import { mostCreditsOf } from './node-types';
import { type DoctorRule, each, found } from './rule';
import { highest, last, repeated } from './series';
import { databaseGuide } from './sources';
import { figure, percent, size } from './words';

/** Percent of the CPU; AWS gives no number, and this package's own alarm stands here. */
const DATABASE_CPU_PERCENT = 80;

/**
 * Share of the storage that is free: RDS lets storage grow at a tenth (USER_PIOPS.Autoscaling), so at half of that it
 * could not.
 */
const FREE_SHARE = 0.1;
const FREE_SHARE_GROWING = 0.05;

const DATABASE_CREDIT_SHARE = 0.1;

/** What a database runs short of. */
export const DATABASE_RULES: readonly DoctorRule[] = [
  {
    id: 'database-storage-low',
    severity: 'high',
    disposable: 'medium',
    local: 'skip',
    title: 'A database has little storage left, and stops when it is full',
    fix: '`storage` of `Database`: `DatabaseStorage.gp3` with a larger `sizeGiB` and `maxSizeGiB`',
    source: databaseGuide('USER_PIOPS.Autoscaling'),
    judge: each(databases, ({ id, allocatedBytes, maxAllocatedBytes, metrics }, state) => {
      const subject = `database ${id}`;
      const data = dataOf(metrics, ['FreeStorageSpace']);
      if (data === undefined) {
        return withoutData(state, subject, ['FreeStorageSpace']);
      }
      const free = last(data.FreeStorageSpace);
      const grows = maxAllocatedBytes !== undefined && maxAllocatedBytes > allocatedBytes;
      const end = grows ? `; it may grow to ${size(maxAllocatedBytes)}, and has not` : '; it does not grow';
      return (
        free < allocatedBytes * (grows ? FREE_SHARE_GROWING : FREE_SHARE) &&
        found(
          subject,
          `${size(free)} of ${size(allocatedBytes)} are free, ${percent((free / allocatedBytes) * 100)}${end}`,
        )
      );
    }),
  },
  {
    id: 'database-busy',
    severity: 'high',
    disposable: 'medium',
    local: 'skip',
    title: `The CPU of a database was busy to ${DATABASE_CPU_PERCENT} % for a quarter of an hour, again and again`,
    fix: 'look at its insights for the slowest queries and cache them; then `instanceType` of `Database`',
    source: databaseGuide('CHAP_BestPractices'),
    judge: each(databases, ({ id, metrics }, state) => {
      const data = dataOf(metrics, ['CPUUtilization']);
      if (data === undefined) {
        return withoutData(state, `database ${id}`, ['CPUUtilization']);
      }
      const times = repeated(data.CPUUtilization, (value) => value >= DATABASE_CPU_PERCENT);
      return (
        times !== undefined &&
        found(
          `database ${id}`,
          `up to ${percent(highest(data.CPUUtilization))} on average, in ${times} quarters of an hour`,
        )
      );
    }),
  },
  {
    id: 'database-credits-low',
    severity: 'medium',
    disposable: 'low',
    local: 'skip',
    title: `A burstable database has ${DATABASE_CREDIT_SHARE * 100} % of its CPU credits or less, and does not earn more than it spends`,
    fix: '`instanceType` of `Database`: a class that is not burstable; beyond its credits each vCPU hour is billed',
    source: databaseGuide('Concepts.DBInstanceClass.Types'),
    judge: each(databases, ({ id, instanceClass, metrics }, state) => {
      const most = mostCreditsOf(instanceClass);
      if (most === undefined) {
        return undefined;
      }
      const data = dataOf(metrics, ['CPUCreditBalance']);
      if (data === undefined) {
        return withoutData(state, `database ${id}`, ['CPUCreditBalance']);
      }
      const left = last(data.CPUCreditBalance);
      return (
        left <= most * DATABASE_CREDIT_SHARE &&
        left <= (data.CPUCreditBalance[0] ?? 0) &&
        found(`database ${id}`, `${figure(left)} of ${figure(most)} CPU credits are left`)
      );
    }),
  },
];

function databases(state: EnvironmentState) {
  return state.databases;
}
