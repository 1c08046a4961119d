import type { EnvironmentState, PendingChange, ServiceUpdate } from '../environment/environment-state';
import { nodeCaches } from './caches';
import { becauseOf } from './gaps';
import { waitsForWindow } from './pending-changes';
import { DATABASE_REBOOT, type Reboot, rebootOf } from './reboots';
import { type DoctorRule, each, found, type Judge, unknown } from './rule';
import { cacheGuide, databaseGuide } from './sources';
import { type SupportEnd, supportEndOf } from './support-dates';
import { DAY, day, duration, listed, since } from './words';

/** Half a year: the time that RDS gives between announcing and ending a major version (its FAQ on versions). */
const SUPPORT_DAYS = 180;

/** Days in which every client learns to trust the next authority before a database moves to it; AWS gives no number. */
export const CERTIFICATE_DAYS = 60;

/** What an operator does something about; what waits to start, is scheduled or in progress was applied for already. */
const PRESSING = new Set(['critical', 'important']);
const WAITING = new Set(['not-applied', 'stopped']);

/** Kind of a service update that is more than a patch. */
const MAJOR_UPGRADE = 'engine-major-version-update';

/** What has an end or an update. */
export const LIFECYCLE_RULES: readonly DoctorRule[] = [
  {
    id: 'engine-support-ended',
    severity: 'high',
    disposable: 'medium',
    local: 'skip',
    title: 'An engine is past the end of its standard support',
    fix: 'a later major version',
    source: cacheGuide('extended-support'),
    judge: support((left, end, isExtended) => {
      const then =
        isExtended === false
          ? 'extended support is off, so that AWS upgrades it by itself'
          : 'extended support costs extra';
      return left < 0 && `ended on ${end.until}, ${duration(-left)} ago; ${then}`;
    }),
  },
  {
    id: 'engine-support-ending',
    severity: 'medium',
    disposable: 'low',
    local: 'skip',
    title: `An engine is within ${SUPPORT_DAYS} days of the end of its standard support`,
    fix: 'a later major version',
    source: cacheGuide('extended-support'),
    judge: support(
      (left, end) => left >= 0 && left <= SUPPORT_DAYS * DAY && `ends on ${end.until}, in ${duration(left)}`,
    ),
  },
  {
    id: 'service-update-overdue',
    severity: 'high',
    disposable: 'low',
    local: 'skip',
    title: 'A critical or important service update is overdue',
    fix: 'BatchApplyUpdateAction, at a quiet hour: nodes are replaced one after the other',
    source: cacheGuide('Self-Service-Updates'),
    judge: updates((update, now) => isPressing(update) && isOverdue(update, now)),
  },
  {
    id: 'service-update-due',
    severity: 'medium',
    disposable: 'low',
    local: 'skip',
    title: 'A critical or important service update waits',
    fix: 'BatchApplyUpdateAction, at a quiet hour: nodes are replaced one after the other',
    source: cacheGuide('Self-Service-Updates'),
    judge: updates((update, now) => isPressing(update) && !isOverdue(update, now)),
  },
  {
    id: 'major-upgrade-due',
    severity: 'medium',
    disposable: 'low',
    local: 'skip',
    title: 'AWS wants to move a cache to another major version of its engine',
    fix: 'try the application with the later version, then say it in `engine` and deploy at an hour of your own: after its date AWS may do it in a maintenance window',
    source: cacheGuide('Self-Service-Updates'),
    judge: updates(({ type }) => type === MAJOR_UPGRADE),
  },
  {
    id: 'minor-upgrades-off',
    severity: 'medium',
    disposable: 'low',
    local: 'skip',
    title: 'Minor versions of an engine are not installed by themselves',
    fix: '`autoMinorVersionUpgrade` of `ReplicationGroup` and `MemcachedCluster`: true; `Database` has it always',
    source: cacheGuide('engine-versions'),
    judge: each(engines, ({ subject, engine, version, autoMinorVersionUpgrade, isDatabase }) =>
      autoMinorVersionUpgrade
        ? undefined
        : found(
            subject,
            `automatic minor upgrades are off, and it runs ${engine} ${version}`,
            sourceFor(isDatabase, 'USER_UpgradeDBInstance.Upgrading'),
          ),
    ),
  },
  {
    id: 'pending-change',
    severity: 'low',
    title: 'A change waits for the maintenance window',
    fix: 'wait for the window (`maintenanceWindow`), or modify again with ApplyImmediately',
    source: cacheGuide('maintenance-window'),
    judge: each(engines, ({ subject, pending, window, isDatabase }) => {
      const waiting = pending.filter((change) => isDatabase || waitsForWindow(change));
      return (
        waiting.length > 0 &&
        found(
          subject,
          `${listed(waiting.map(({ what, to }) => `${what} to ${to}`))}${window === undefined ? '' : `; its window is ${window}`}`,
          sourceFor(isDatabase, 'USER_UpgradeDBInstance.Maintenance'),
        )
      );
    }),
  },
  {
    id: 'parameters-wait-for-reboot',
    severity: 'medium',
    disposable: 'low',
    title: 'Parameters that were changed wait for a reboot',
    fix: 'a reboot at a quiet hour, one node after the other: each node of a cache loses what it holds',
    source: cacheGuide('nodes.rebooting'),
    judge: each(engines, ({ subject, parameterStatus, parameterGroup, nodesToReboot, reboot }) => {
      if (parameterStatus === undefined) {
        return unknown(subject, 'it is not known whether its parameters are applied');
      }
      const nodes = nodesToReboot === undefined ? '' : `, at ${listed(nodesToReboot)}`;
      return (
        parameterStatus === 'pending-reboot' &&
        found(subject, `${parameterGroup ?? 'its parameter group'} is ${parameterStatus}${nodes}`, reboot)
      );
    }),
  },
  {
    id: 'database-certificate-expires',
    severity: 'high',
    disposable: 'medium',
    local: 'skip',
    title: `The certificate of a database expires within ${CERTIFICATE_DAYS} days`,
    fix: 'clients trust the new authority first (`rds.pem` of this package has them all), then modify CACertificateIdentifier',
    source: databaseGuide('UsingWithRDS.SSL-certificate-rotation'),
    judge: each(
      ({ databases }) => databases,
      ({ id, certificateAuthority, certificateValidUntil }, _state, now) => {
        const subject = `database ${id}`;
        if (certificateValidUntil === undefined) {
          return unknown(subject, 'RDS does not tell until when its certificate is valid');
        }
        const left = -since(certificateValidUntil, now);
        const when = left < 0 ? `expired ${duration(-left)} ago` : `expires in ${duration(left)}`;
        return (
          left < CERTIFICATE_DAYS * DAY &&
          found(
            subject,
            `its certificate${certificateAuthority === undefined ? '' : ` of ${certificateAuthority}`} ${when}, on ${day(certificateValidUntil)}`,
          )
        );
      },
    ),
  },
];

/** What runs an engine of some version. */
interface Engine {
  readonly subject: string;
  readonly isDatabase: boolean;
  readonly engine: string;
  readonly version: string;
  readonly autoMinorVersionUpgrade: boolean;
  readonly pending: readonly PendingChange[];
  readonly window?: string;
  readonly parameterGroup?: string;
  readonly parameterStatus?: string;
  readonly nodesToReboot?: readonly string[];
  readonly reboot: Reboot;
  readonly isSupportExtended?: boolean;
}

/** Caches of nodes and databases; serverless caches follow the newest minor version and have no window. */
function engines(state: EnvironmentState): readonly Engine[] {
  return [
    ...nodeCaches(state).map((cache) => ({
      ...cache,
      subject: cache.id,
      isDatabase: false,
      version: cache.engineVersion,
      reboot: rebootOf(cache),
      ...(cache.maintenanceWindow === undefined ? {} : { window: cache.maintenanceWindow }),
    })),
    ...state.databases.map((database) => ({
      ...database,
      subject: `database ${database.id}`,
      isDatabase: true,
      version: database.engineVersion,
      reboot: DATABASE_REBOOT,
    })),
  ];
}

/** A page of RDS, where the rule's own is of ElastiCache. */
function sourceFor(isDatabase: boolean, page: string): { readonly source?: string } {
  return isDatabase ? { source: databaseGuide(page) } : {};
}

/** @param when says from the milliseconds that are left whether there is something to say, and what */
function support(when: (left: number, end: SupportEnd, isExtended: boolean | undefined) => string | false): Judge {
  return each(engines, ({ subject, engine, version, isSupportExtended }, _state, now) => {
    if (version === '') {
      return unknown(subject, `the version of its ${engine} is not known`);
    }
    const end = supportEndOf(engine, version);
    // The day itself is still in support.
    const said = end !== undefined && when(-since(end.until, now) + DAY, end, isSupportExtended);
    return (
      said !== false &&
      end !== undefined &&
      found(subject, `standard support of ${engine} ${version} ${said}`, { fix: end.next, source: end.source })
    );
  });
}

function updates(isAsked: (update: ServiceUpdate, now: Date) => boolean): Judge {
  return each(nodeCaches, ({ id, serviceUpdates }, state, now) => {
    if (serviceUpdates === undefined) {
      return unknown(id, becauseOf(state, 'elasticache:DescribeUpdateActions', 'its service updates are not known'));
    }
    const asked = serviceUpdates.filter((update) => WAITING.has(update.status) && isAsked(update, now));
    return asked.length > 0 && found(id, listed(asked.map(inWords)));
  });
}

function isPressing({ severity, type }: ServiceUpdate): boolean {
  return PRESSING.has(severity) && type !== MAJOR_UPGRADE;
}

function isOverdue({ applyBy }: ServiceUpdate, now: Date): boolean {
  return applyBy !== undefined && since(applyBy, now) > 0;
}

function inWords({ name, severity, status, applyBy }: ServiceUpdate): string {
  return `${name} (${severity}) is ${status}${applyBy === undefined ? '' : `, to be applied by ${day(applyBy)}`}`;
}
