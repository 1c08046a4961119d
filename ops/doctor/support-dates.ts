import { cacheGuide, databaseGuide } from './sources';

/** Until when an engine's major version is in standard support; afterwards it costs extra. */
export interface SupportEnd {
  readonly engine: string;
  /** The parts of the version that decide, for example `6` or `8.0`. */
  readonly version: string;
  /** Last day, in UTC. */
  readonly until: string;
  readonly source: string;
  readonly next: string;
}

const REDIS = {
  engine: 'redis',
  source: cacheGuide('extended-support'),
  next: '`engine`: Valkey, which takes the data as they are',
};
const POSTGRES = {
  engine: 'postgres',
  source: 'https://docs.aws.amazon.com/AmazonRDS/latest/PostgreSQLReleaseNotes/postgresql-release-calendar.html',
  next: '`engine` and `allowMajorVersionUpgrade` of `Database`: a later major version of PostgreSQL',
};
const MYSQL = {
  engine: 'mysql',
  source: databaseGuide('MySQL.Concepts.VersionMgmt'),
  next: '`engine` and `allowMajorVersionUpgrade` of `Database`: a later major version of MySQL',
};

/**
 * Published ends of standard support, read on 2026-11-28. What has no published end, all versions of Valkey and
 * Memcached among them, is not here.
 */
export const SUPPORT_ENDS: readonly SupportEnd[] = [
  { ...REDIS, version: '4', until: '2026-01-31' },
  { ...REDIS, version: '5', until: '2026-01-31' },
  { ...REDIS, version: '6', until: '2027-01-31' },
  { ...POSTGRES, version: '11', until: '2024-02-29' },
  { ...POSTGRES, version: '12', until: '2025-02-28' },
  { ...POSTGRES, version: '13', until: '2026-02-28' },
  { ...POSTGRES, version: '14', until: '2027-02-28' },
  { ...POSTGRES, version: '15', until: '2028-02-29' },
  { ...POSTGRES, version: '16', until: '2029-02-28' },
  { ...POSTGRES, version: '17', until: '2030-02-28' },
  { ...MYSQL, version: '5.7', until: '2024-02-29' },
  { ...MYSQL, version: '8.0', until: '2026-07-31' },
  { ...MYSQL, version: '8.4', until: '2029-07-31' },
];

export function supportEndOf(engine: string, version: string): SupportEnd | undefined {
  return SUPPORT_ENDS.find((end) => end.engine === engine && `${version}.`.startsWith(`${end.version}.`));
}
