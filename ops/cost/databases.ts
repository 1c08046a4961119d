import type { Pricing } from './resource-lines';
import { flag, list, type Resource, referenced, type Template, text, wholeNumber } from './template';

/**
 * Days of performance data that are free.
 *
 * @see https://cloudacademy.com/course/understanding-amazon-rds-performance-insights-1071/performance-insights-costs/
 */
const FREE_INSIGHT_DAYS = 7;

/** What databases cost. */
export const DATABASES: Readonly<Record<string, Pricing>> = {
  'AWS::RDS::DBInstance': (resource, lines, template) => {
    const own = resource.Properties ?? {};
    const { Engine, AllocatedStorage, StorageType } = withSource(resource, template);
    const [engine, size, storage] = [text(Engine), text(own.DBInstanceClass), text(StorageType, 'gp2')];
    const multiAz = flag(own.MultiAZ);
    const zones = multiAz === undefined ? undefined : multiAz ? 'multi-az' : 'single-az';
    const label = `${own.SourceDBInstanceIdentifier === undefined ? 'database' : 'read replica'}, ${engine ?? 'some engine'}`;
    const id = (what: string | undefined): string | undefined =>
      engine === undefined || zones === undefined || what === undefined ? undefined : `rds/${engine}/${zones}/${what}`;

    lines.hours(`${label}, ${size ?? 'some class'}, ${zones ?? 'some zones'}`, id(size), 1);
    lines.units(`${label}, storage ${storage ?? ''}`.trim(), id(storage), wholeNumber(AllocatedStorage));
    if (own.Iops !== undefined || own.StorageThroughput !== undefined) {
      lines.unknown(`${label}, provisioned speed of the storage`, 'its price is not in the list');
    }
    if (own.MaxAllocatedStorage !== undefined) {
      lines.byUse(`${label}, storage that it grows by`, id(storage));
    }
    if (wholeNumber(own.BackupRetentionPeriod, 1) !== 0) {
      lines.byUse(`${label}, backups beyond its size`, engine && `rds/${engine}/backup`);
    }
    if (size?.startsWith('db.t')) {
      lines.byUse(`${label}, CPU credits beyond those earned`, engine && `rds/${engine}/cpu-credits`);
    }
    const managed = flag(own.ManageMasterUserPassword);
    if (managed !== false) {
      lines.units(`${label}, secret that RDS keeps`, 'secrets-manager/secret', managed && 1);
      lines.byUse(`${label}, reads of the secret`, 'secrets-manager/calls');
    }
    if (wholeNumber(own.MonitoringInterval, 0) !== 0) {
      lines.byUse(`${label}, Enhanced Monitoring`, 'logs/ingestion');
    }
    if (list(own.EnableCloudwatchLogsExports)?.length !== 0) {
      lines.byUse(`${label}, logs`, 'logs/ingestion');
    }
    insights(own).forEach((insight) => {
      lines.hours(`${label}, ${insight.what}`, insight.priceId, 1);
    });
  },
};

/** A replica has the engine and the storage of the database that it follows, unless it says otherwise. */
export function withSource(resource: Resource, template: Template): Readonly<Record<string, unknown>> {
  const { SourceDBInstanceIdentifier, ...own } = resource.Properties ?? {};
  const source = referenced(template, SourceDBInstanceIdentifier)?.Properties ?? {};
  const { Engine, AllocatedStorage, StorageType } = source;
  return { Engine, AllocatedStorage, ...(StorageType === undefined ? {} : { StorageType }), ...own };
}

function insights(own: Readonly<Record<string, unknown>>): ReadonlyArray<{ what: string; priceId: string }> {
  if (text(own.DatabaseInsightsMode, 'standard') !== 'standard') {
    return [{ what: 'Database Insights, advanced', priceId: 'rds/database-insights' }];
  }
  const days = wholeNumber(own.PerformanceInsightsRetentionPeriod, FREE_INSIGHT_DAYS);
  return flag(own.EnablePerformanceInsights) !== false && (days === undefined || days > FREE_INSIGHT_DAYS)
    ? [{ what: `Performance Insights, ${days ?? 'some'} days`, priceId: 'rds/performance-insights' }]
    : [];
}
