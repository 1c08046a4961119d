import { CfnOutput, RemovalPolicy, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as sns from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { CacheLog } from '../cache/log-delivery';
import { CacheNodeType } from '../cache/node-type';
import { Database } from '../database/database';
import { DatabaseStorage } from '../database/database-storage';
import { DatabaseCache } from '../patterns/database-cache';
import { SessionStore } from '../patterns/session-store';
import type { Environment } from './environment';
import { keyFor } from './environment-key';
import type { NetworkStack } from './network-stack';

/** Properties of a `DataStack`. */
export interface DataStackProps extends StackProps {
  /** Sizes and protection. */
  readonly environment: Environment;
  /** The network it stands in. */
  readonly base: NetworkStack;
}

/** What holds state and must survive: the database, the session store, the object cache, and who is told of trouble. */
export class DataStack extends Stack {
  /** The database. */
  public readonly database: Database;
  /** The cache in front of it. */
  public readonly databaseCache: DatabaseCache;
  /** The session store. */
  public readonly sessionStore: SessionStore;
  /** Where alarms go, where somebody is told. */
  public readonly alarms?: sns.Topic;

  constructor(scope: Construct, id: string, props: DataStackProps) {
    super(scope, id, props);

    const { environment, base } = props;
    const { network } = base;
    const key = keyFor(this, base.key);
    const shared = { vpc: network.vpc, vpcSubnets: network.dataSubnets };
    const encrypted = key === undefined ? {} : { encryptionKey: key };
    const log = CacheLog.toCloudWatch({ retention: environment.logRetentionDays, ...encrypted });
    const removalPolicy = environment.protect ? RemovalPolicy.SNAPSHOT : RemovalPolicy.DESTROY;
    this.database = new Database(this, 'Database', {
      ...shared,
      ...encrypted,
      instanceType: new ec2.InstanceType(environment.databaseInstanceType),
      multiAz: environment.databaseMultiAz,
      storage: DatabaseStorage.gp3({ sizeGiB: environment.databaseStorageGiB }),
      backupRetentionDays: environment.backupRetentionDays,
      deletionProtection: environment.protect,
      removalPolicy,
    });
    this.databaseCache = new DatabaseCache(this, 'Objects', {
      ...shared,
      database: this.database,
      nodeType: CacheNodeType.of(environment.objectNodeType),
      nodes: environment.objectNodes,
    });
    this.sessionStore = new SessionStore(this, 'Sessions', {
      ...shared,
      ...encrypted,
      nodeType: CacheNodeType.of(environment.sessionNodeType),
      replicas: environment.sessionReplicas,
      snapshotRetentionDays: environment.backupRetentionDays,
      removalPolicy,
      slowLog: log,
      engineLog: log,
    });
    if (!environment.protect) {
      const reason = 'an environment that is deleted when it is not used: its data are made up';
      for (const rule of ['AwsSolutions-RDS10', ...(environment.databaseMultiAz ? [] : ['AwsSolutions-RDS3'])]) {
        Validations.of(this.database).acknowledge({ id: rule, reason });
      }
    }

    if (environment.alarmEmail !== undefined) {
      this.alarms = new sns.Topic(this, 'Alarms', {
        displayName: `Alarms of ${environment.name}`,
        enforceSSL: true,
        ...(key === undefined ? {} : { masterKey: key }),
      });
      this.alarms.addSubscription(new EmailSubscription(environment.alarmEmail));
      const action = new SnsAction(this.alarms);
      this.database.addAlarms(action);
      this.databaseCache.cache.addAlarms({ actions: [action] });
      this.sessionStore.cache.addAlarms({ actions: [action] });
    }
    new CfnOutput(this, 'DatabaseEndpoint', { value: this.database.endpointAddress });
    new CfnOutput(this, 'ObjectsEndpoint', { value: this.databaseCache.cache.endpointAddress });
    new CfnOutput(this, 'SessionsEndpoint', { value: this.sessionStore.cache.endpointAddress });
  }
}
