import { Token } from 'aws-cdk-lib';
import * as rds from 'aws-cdk-lib/aws-rds';

/** What differs between the engines. */
interface EngineTraits {
  readonly name: 'postgres' | 'mysql';
  readonly port: number;
  /** Logs that RDS can export, those that are exported by default first. */
  readonly logs: string[];
  readonly defaultLogs: string[];
  /** Parameters that refuse a connection without TLS. */
  readonly tlsParameters: { [name: string]: string };
  /** Names that nobody may sign in with (RDS API, CreateDBInstance.MasterUsername). */
  readonly reservedUsers: string[];
  /** Longest name of a role. */
  readonly userLength: number;
  /** Machines that Performance Insights does not run on (RDS user guide, USER_PerfInsights.Overview.Engines). */
  readonly withoutInsights: string[];
}

const POSTGRES: EngineTraits = {
  name: 'postgres',
  port: 5432,
  logs: ['postgresql', 'upgrade', 'iam-db-auth-error'],
  defaultLogs: ['postgresql', 'upgrade'],
  tlsParameters: { 'rds.force_ssl': '1' },
  reservedUsers: ['admin', 'rdsadmin', 'rdsrepladmin', 'rdswriteforwarduser', 'public', 'postgres'],
  userLength: 63,
  withoutInsights: [],
};

const MYSQL: EngineTraits = {
  name: 'mysql',
  port: 3306,
  logs: ['error', 'general', 'slowquery', 'audit', 'iam-db-auth-error'],
  defaultLogs: ['error', 'slowquery'],
  tlsParameters: { require_secure_transport: '1' },
  reservedUsers: ['rdsadmin', 'rdsrepladmin', 'rds_superuser_role', 'root', 'mysql', 'event_scheduler'],
  userLength: 32,
  withoutInsights: ['t3.micro', 't3.small', 't4g.micro', 't4g.small'],
};

/** The engine of a `Database` and its version. */
export class DatabaseEngine {
  /** PostgreSQL. @param version default: 17 */
  static postgres(version: rds.PostgresEngineVersion = rds.PostgresEngineVersion.VER_17): DatabaseEngine {
    return new DatabaseEngine(POSTGRES, rds.DatabaseInstanceEngine.postgres({ version }), version.postgresFullVersion);
  }

  /** MySQL. @param version default: 8.4, the release with long support */
  static mysql(version: rds.MysqlEngineVersion = rds.MysqlEngineVersion.VER_8_4_7): DatabaseEngine {
    return new DatabaseEngine(MYSQL, rds.DatabaseInstanceEngine.mysql({ version }), version.mysqlFullVersion);
  }

  /**
   * The engine of an instance that exists.
   *
   * @throws if it is neither PostgreSQL nor MySQL
   */
  static of(engine: rds.IInstanceEngine): DatabaseEngine {
    const traits = [POSTGRES, MYSQL].find(({ name }) => name === engine.engineType);
    if (traits === undefined) {
      throw new Error(`a \`Database\` is PostgreSQL or MySQL on RDS, got ${engine.engineType}`);
    }
    return new DatabaseEngine(traits, engine, engine.engineVersion?.fullVersion);
  }

  private constructor(
    private readonly traits: EngineTraits,
    /** The engine in RDS's construct library. */
    public readonly instanceEngine: rds.IInstanceEngine,
    /** Version, where it is known. */
    public readonly version?: string,
  ) {}

  /** `postgres` or `mysql`. */
  get name(): string {
    return this.traits.name;
  }

  /** Port that the engine listens on by default. */
  get defaultPort(): number {
    return this.traits.port;
  }

  /** Engine and version. */
  toString(): string {
    return this.version === undefined ? this.name : `${this.name} ${this.version}`;
  }

  /**
   * What only this library's own constructs ask.
   *
   * @internal
   */
  get _traits(): EngineTraits {
    return this.traits;
  }

  /**
   * Whether RDS is known to have the version: a list ages, so what is not in it is doubtful, never wrong.
   *
   * @internal
   */
  get _isKnownVersion(): boolean {
    if (this.version === undefined || Token.isUnresolved(this.version)) {
      return true;
    }
    const versions: object = this.name === 'postgres' ? rds.PostgresEngineVersion : rds.MysqlEngineVersion;
    // A major version alone is known by its minor ones.
    return Object.values(versions).some((known) =>
      `${known?.postgresFullVersion ?? known?.mysqlFullVersion}.`.startsWith(`${this.version}.`),
    );
  }
}
