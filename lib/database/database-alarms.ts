import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { DatabaseStorage } from './database-storage';

const GIB = 1024 ** 3;

/** Who is told, and what the database has. */
export interface DatabaseAlarmsProps {
  /** The database's CPU and storage metrics. */
  readonly metric: (name: string, statistic: string) => cloudwatch.Metric;
  /** Its storage. */
  readonly storage: DatabaseStorage;
  /** Whom an alarm tells. */
  readonly actions: cloudwatch.IAlarmAction[];
}

/** Alarms of a database: its CPU, and storage that has stopped growing by itself. */
export class DatabaseAlarms extends Construct {
  constructor(scope: Construct, id: string, { metric, storage, actions }: DatabaseAlarmsProps) {
    super(scope, id);

    const alarms = [
      new cloudwatch.Alarm(this, 'Cpu', {
        alarmDescription: 'The database is short of CPU: queries wait. Look at its insights, or cache more.',
        metric: metric('CPUUtilization', cloudwatch.Stats.AVERAGE),
        threshold: 80,
        evaluationPeriods: 3,
        comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      }),
      new cloudwatch.Alarm(this, 'Storage', {
        alarmDescription:
          'The database has little storage left, and has not grown by itself: it stops when it is full.',
        metric: metric('FreeStorageSpace', cloudwatch.Stats.MINIMUM),
        // RDS grows at a tenth left; half of that means that it could not.
        threshold: storage.sizeGiB * 0.05 * GIB,
        evaluationPeriods: 3,
        comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      }),
    ];
    for (const alarm of alarms) {
      alarm.addAlarmAction(...actions);
    }
  }
}

/** Period of a database's metrics. */
export const DATABASE_PERIOD = Duration.minutes(5);
