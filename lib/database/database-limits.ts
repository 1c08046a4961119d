import { type Duration, Token } from 'aws-cdk-lib';
import { type Limit, wholeNumber } from '../limits';
import type { DatabaseEngine } from './database-engine';
import type { DatabaseProps } from './database-props';

/** Seconds between measurements (RDS API, CreateDBInstance.MonitoringInterval). */
const MONITORING_SECONDS = [0, 1, 5, 10, 15, 30, 60];

/** Replicas of one instance (RDS user guide, USER_ReadRepl: PostgreSQL and MySQL). */
const MOST_REPLICAS = 15;

/** What a `Database` was asked for, with every default filled in. */
export interface DatabaseChoices extends DatabaseProps {
  readonly engine: DatabaseEngine;
  readonly databaseName: string;
  readonly applicationUser: string;
  readonly masterUser: string;
  readonly multiAz: boolean;
  readonly machine: string;
  readonly monitoringInterval: Duration;
}

/** What RDS would refuse at deploy time. */
export function databaseLimits(props: DatabaseChoices): Limit[] {
  const { engine } = props;
  const { reservedUsers, logs, userLength, withoutInsights } = engine._traits;
  const seconds = props.monitoringInterval.isUnresolved() ? undefined : props.monitoringInterval.toSeconds();
  return [
    wholeNumber('backupRetentionDays', props.backupRetentionDays ?? 7, 1, 35),
    wholeNumber('readReplicas', props.readReplicas ?? 0, 0, MOST_REPLICAS),
    // RDS API, CreateDBInstance.Port.
    ...(props.port === undefined ? [] : [wholeNumber('port', props.port, 1_150, 65_535)]),
    nameLimit('databaseName', props.databaseName, 63),
    nameLimit('applicationUser', props.applicationUser, userLength),
    nameLimit('masterUser', props.masterUser, Math.min(userLength, 16)),
    reservedLimit('applicationUser', props.applicationUser, [...reservedUsers, props.masterUser]),
    reservedLimit('masterUser', props.masterUser, reservedUsers),
    {
      broken: props.multiAz && props.availabilityZone !== undefined,
      message:
        '`availabilityZone` and `multiAz` exclude each other (AWS: "The AvailabilityZone parameter can\'t be specified if the DB instance is a Multi-AZ deployment"): set `multiAz: false`, or leave the zones to RDS',
    },
    ...(props.logExports ?? []).map((log) => ({
      broken: !Token.isUnresolved(log) && !logs.includes(log),
      message: `\`logExports\` of ${engine.name} may name ${logs.join(', ')}, got ${log}`,
    })),
    {
      broken: seconds !== undefined && !MONITORING_SECONDS.includes(seconds),
      message: `\`monitoringInterval\` must be one of ${MONITORING_SECONDS.join(', ')} seconds, got ${seconds}`,
    },
    {
      broken: props.performanceInsights === true && withoutInsights.includes(props.machine),
      message: `\`performanceInsights\` of ${engine.name} does not run on db.${props.machine}: choose db.t4g.medium or a larger machine`,
    },
    {
      broken: props.performanceInsights === false && props.performanceInsightRetention !== undefined,
      message: '`performanceInsightRetention` is given, but `performanceInsights` is false',
    },
    ...Object.keys(engine._traits.tlsParameters).map((name) => ({
      broken: props.parameters?.[name] !== undefined && props.parameters[name] !== engine._traits.tlsParameters[name],
      message: `\`parameters\` must not switch ${name} off: a login in clear text could be read on the way`,
    })),
  ];
}

function nameLimit(property: string, name: string, longest: number): Limit {
  return {
    broken: !Token.isUnresolved(name) && !(/^[a-z][a-z0-9_]*$/.test(name) && name.length <= longest),
    message: `\`${property}\` must be 1 to ${longest} characters of a-z, 0-9 and _, starting with a letter, got ${name}`,
  };
}

function reservedLimit(property: string, name: string, reserved: string[]): Limit {
  return {
    broken: reserved.includes(name),
    message: `\`${property}\` must not be a reserved name (${reserved.join(', ')}), got ${name}`,
  };
}
