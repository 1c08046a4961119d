import { Annotations, ArnFormat, RemovalPolicy, type Size, SizeRoundingBehavior, Stack, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { CfnServerlessCache } from 'aws-cdk-lib/aws-elasticache';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { CacheBinding } from '../../runtime/binding';
import { enforce, type Limit, wholeNumber } from '../limits';
import { dataConnections } from '../network/data-connections';
import { describe } from '../network/description';
import { dataSubnets } from '../network/subnets';
import { injected } from '../property-injection';
import { Access, type SignInTarget } from './access';
import { serverlessRules } from './alarm-rules';
import type { AlarmRule } from './alarms';
import { CacheBase, type ICache } from './cache';
import { CacheCapability, CacheEngine, engineLimit } from './engine';
import { ValkeyVersion } from './engine-version';
import { type MetricTarget, missesByRate, SERVERLESS_HIT_RATE } from './metrics';
import { idFromPath, idLimit } from './physical-name';
import type { ServerlessCacheAttributes, ServerlessCacheProps } from './serverless-cache-props';
import type { ICacheUser } from './user';
import type { IUserGroup } from './user-group';

/** Data that a serverless cache may hold, in GB, and units it may spend a second (CDK's and the service's own bounds). */
const MOST_GIGABYTES = 5_000;
const UNITS = { least: 1_000, most: 15_000_000 };

/** Ports: the second is for reads that may be a little old, and clients open it by themselves (dg/set-up). */
const PORTS = { valkey: [6379, 6380], memcached: [11_211, 11_212] } as const;

/** A serverless cache, made here or before. */
export interface IServerlessCache extends ICache {
  /** Name of the cache. */
  readonly serverlessCacheName: string;

  /** ARN of the cache. */
  readonly serverlessCacheArn: string;

  /** Processing units (ECPU) that were spent. Sum over 5 minutes. */
  metricProcessingUnits(options?: cloudwatch.MetricOptions): cloudwatch.IMetric;

  /** Bytes that the cache holds. Greatest over 5 minutes. */
  metricBytesUsed(options?: cloudwatch.MetricOptions): cloudwatch.IMetric;

  /** Commands that were slowed down, because the load grew too fast or reached the limit. Sum over 5 minutes. */
  metricThrottledCommands(options?: cloudwatch.MetricOptions): cloudwatch.IMetric;
}

/** What serverless caches share, whether they are made here or were before. */
export abstract class ServerlessCacheBase extends CacheBase implements IServerlessCache {
  public abstract readonly serverlessCacheName: string;
  public abstract readonly serverlessCacheArn: string;
  /** @internal */
  public abstract readonly _access: Access;

  public grantConnect(grantee: iam.IGrantable, user?: ICacheUser): iam.Grant {
    return this._access.grantConnect(grantee, this.signInTarget, user);
  }

  public override metricMisses(options: cloudwatch.MetricOptions = {}): cloudwatch.IMetric {
    return this.engine.isMemcached
      ? super.metricMisses(options)
      : missesByRate(this, { clusterId: this.serverlessCacheName }, options);
  }

  public override metricHitRatio(options: cloudwatch.MetricOptions = {}): cloudwatch.IMetric {
    return this.engine.isMemcached
      ? super.metricHitRatio(options)
      : this.metric(SERVERLESS_HIT_RATE, { label: 'hit ratio, %', ...options, statistic: cloudwatch.Stats.AVERAGE });
  }

  /** Processing units (ECPU) that were spent. Sum over 5 minutes. */
  public metricProcessingUnits(options?: cloudwatch.MetricOptions): cloudwatch.IMetric {
    return this.metric('ElastiCacheProcessingUnits', { statistic: cloudwatch.Stats.SUM, ...options });
  }

  /** Bytes that the cache holds. Greatest over 5 minutes. */
  public metricBytesUsed(options?: cloudwatch.MetricOptions): cloudwatch.IMetric {
    return this.metric('BytesUsedForCache', { statistic: cloudwatch.Stats.MAXIMUM, ...options });
  }

  /** Commands that were slowed down, because the load grew too fast or reached the limit. Sum over 5 minutes. */
  public metricThrottledCommands(options?: cloudwatch.MetricOptions): cloudwatch.IMetric {
    return this.metric('ThrottledCmds', { statistic: cloudwatch.Stats.SUM, ...options });
  }

  /** @internal */
  public _shards(): MetricTarget[][] {
    return [[{ clusterId: this.serverlessCacheName }]];
  }

  /** @internal */
  public _alarmRules(): AlarmRule[] {
    return serverlessRules({ isMemcached: this.engine.isMemcached });
  }

  /** @internal */
  public _bindingEntry(user?: ICacheUser): CacheBinding {
    return {
      engine: this.engine.name as CacheBinding['engine'],
      mode: this.engine.isMemcached ? 'node' : 'cluster',
      host: this.endpointAddress,
      port: this.endpointPort,
      tls: true,
      auth: this._access.bindingAuth(this, this.signInTarget, user),
    };
  }

  private get signInTarget(): SignInTarget {
    return { cacheArn: this.serverlessCacheArn, cacheName: this.serverlessCacheName, serverless: true };
  }
}

/**
 * A cache without nodes to choose: it grows and shrinks by itself, over several Availability Zones, and is billed by what
 * it holds and does. Connections and data are always encrypted.
 *
 * Valkey and Redis OSS speak the cluster's protocol, so clients must know it.
 *
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/WhatIs.deployment.html
 */
export class ServerlessCache extends ServerlessCacheBase {
  /** Identifies the construct to property injectors. */
  static readonly PROPERTY_INJECTION_ID = 'cdk-elasticache.ServerlessCache';

  /** A cache that exists already, to be connected to, granted, watched and bound like one that is made here. */
  static fromServerlessCacheAttributes(
    scope: Construct,
    id: string,
    attributes: ServerlessCacheAttributes,
  ): IServerlessCache {
    enforce([idLimit('serverlessCacheName', attributes.serverlessCacheName)]);
    const serverlessCacheArn = Stack.of(scope).formatArn({
      service: 'elasticache',
      resource: 'serverlesscache',
      resourceName: attributes.serverlessCacheName,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    class Imported extends ServerlessCacheBase {
      readonly engine = attributes.engine;
      readonly serverlessCacheName = attributes.serverlessCacheName;
      readonly serverlessCacheArn = serverlessCacheArn;
      readonly endpointAddress = attributes.endpointAddress;
      readonly endpointPort = attributes.endpointPort ?? portsOf(attributes.engine)[0];
      readonly readerEndpointAddress = attributes.readerEndpointAddress;
      readonly connections = new ec2.Connections({
        securityGroups: attributes.securityGroups,
        defaultPort: ec2.Port.tcpRange(...portsOf(attributes.engine)),
      });
      readonly _access = Access.imported(attributes.userGroup);
    }
    return new Imported(scope, id);
  }

  /** Engine and version. */
  public readonly engine: CacheEngine;
  /** Access of the endpoint's security groups, on both of its ports. */
  public readonly connections: ec2.Connections;
  /** Name of the cache. */
  public readonly serverlessCacheName: string;
  /** ARN of the cache. */
  public readonly serverlessCacheArn: string;
  /** Host name of the endpoint. */
  public readonly endpointAddress: string;
  /** Port of the endpoint. */
  public readonly endpointPort: number;
  /** Host name for reads that may be a little old. Not for Memcached. */
  public readonly readerEndpointAddress?: string;
  /** Who may sign in, for Valkey and Redis OSS. */
  public readonly userGroup?: IUserGroup;
  /** The underlying resource. */
  public readonly resource: CfnServerlessCache;
  /** @internal */
  public readonly _access: Access;
  private readonly limits: { readonly bytes?: number; readonly processingUnits?: number };

  /** @throws if the properties do not go together, in the words of the properties */
  constructor(scope: Construct, id: string, props: ServerlessCacheProps) {
    super(scope, id);
    props = injected(scope, id, ServerlessCache.PROPERTY_INJECTION_ID, props);

    this.engine = props.engine ?? CacheEngine.valkey(ValkeyVersion.V8_1);
    const snapshotRetentionDays = props.snapshotRetentionDays ?? (this.engine.isMemcached ? 0 : 7);
    this.serverlessCacheName = props.serverlessCacheName ?? idFromPath(this);
    enforce(serverlessLimits(props, this.engine, this.serverlessCacheName, snapshotRetentionDays));
    this.engine._warnIfUnknown(this);
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN;
    if (removalPolicy === RemovalPolicy.SNAPSHOT) {
      throw new Error(
        '`removalPolicy` SNAPSHOT is not for serverless caches, CloudFormation takes none of them: use DESTROY with `finalSnapshotName`',
      );
    }
    if (removalPolicy === RemovalPolicy.DESTROY && props.finalSnapshotName === undefined && !this.engine.isMemcached) {
      Annotations.of(this).addWarningV2(
        'cdk-elasticache:no-final-snapshot',
        'what the cache holds is lost when it is deleted: `finalSnapshotName` keeps it',
      );
    }

    const ports = portsOf(this.engine);
    this.connections = new ec2.Connections({
      securityGroups: dataConnections(this, props.vpc, ports[0], props.securityGroups).securityGroups,
      defaultPort: ec2.Port.tcpRange(...ports),
    });
    this._access = this.engine.isMemcached
      ? Access.imported()
      : Access.of(this, { engine: this.engine, transitEncryption: true, userGroup: props.userGroup });
    this.userGroup = this._access.userGroup;
    this.limits = {
      bytes: props.maxDataStorage?.isUnresolved() ? undefined : props.maxDataStorage?.toBytes(),
      processingUnits: Token.isUnresolved(props.maxProcessingUnits) ? undefined : props.maxProcessingUnits,
    };

    this.resource = new CfnServerlessCache(this, 'Resource', {
      serverlessCacheName: this.serverlessCacheName,
      description: props.description ?? describe(this),
      engine: this.engine.name,
      majorEngineVersion: majorVersionOf(this.engine),
      cacheUsageLimits: usageLimits(props),
      subnetIds: props.vpc.selectSubnets(props.vpcSubnets ?? dataSubnets(props.vpc)).subnetIds,
      securityGroupIds: this.connections.securityGroups.map(({ securityGroupId }) => securityGroupId),
      userGroupId: this.userGroup?.userGroupId,
      kmsKeyId: props.encryptionKey?.keyArn,
      networkType: props.networkType,
      snapshotRetentionLimit: snapshotRetentionDays,
      dailySnapshotTime: props.dailySnapshotTime?.toString(),
      snapshotArnsToRestore: props.restoreFromSnapshotArns,
      finalSnapshotName: props.finalSnapshotName,
    });
    this.resource.applyRemovalPolicy(removalPolicy);

    this.serverlessCacheArn = this.resource.attrArn;
    this.endpointAddress = this.resource.attrEndpointAddress;
    this.endpointPort = Token.asNumber(this.resource.attrEndpointPort);
    this.readerEndpointAddress = this.engine.isMemcached ? undefined : this.resource.attrReaderEndpointAddress;
  }

  /** @internal */
  public override _alarmRules(): AlarmRule[] {
    return serverlessRules({ isMemcached: this.engine.isMemcached, ...this.limits });
  }
}

function serverlessLimits(
  props: ServerlessCacheProps,
  engine: CacheEngine,
  name: string,
  snapshotRetentionDays: number,
): Limit[] {
  const [least, most] = [gigabytes(props.minDataStorage), gigabytes(props.maxDataStorage)];
  const units = [props.minProcessingUnits, props.maxProcessingUnits];
  return [
    engineLimit(engine, CacheCapability.SERVERLESS, 'engine'),
    idLimit('serverlessCacheName', name),
    {
      broken: engine.isMemcached && props.userGroup !== undefined,
      message:
        '`userGroup` is for valkey and redis: memcached has no users, its security groups are the whole access control',
    },
    gigabyteLimit('minDataStorage', least),
    gigabyteLimit('maxDataStorage', most),
    {
      broken:
        least !== undefined &&
        most !== undefined &&
        !Token.isUnresolved(least) &&
        !Token.isUnresolved(most) &&
        least > most,
      message: `\`minDataStorage\` must not be more than \`maxDataStorage\` (${most} GB), got ${least} GB`,
    },
    wholeNumber('minProcessingUnits', units[0] ?? UNITS.least, UNITS.least, UNITS.most),
    wholeNumber('maxProcessingUnits', units[1] ?? UNITS.least, UNITS.least, UNITS.most),
    {
      broken:
        units.every((value) => value !== undefined && !Token.isUnresolved(value)) &&
        (units[0] as number) > (units[1] as number),
      message: `\`minProcessingUnits\` must not be more than \`maxProcessingUnits\` (${units[1]}), got ${units[0]}`,
    },
    wholeNumber('snapshotRetentionDays', snapshotRetentionDays, 0, 35),
    {
      broken: props.dailySnapshotTime !== undefined && snapshotRetentionDays === 0,
      message: '`dailySnapshotTime` is of no use without snapshots: `snapshotRetentionDays` is 0',
    },
    {
      broken: props.securityGroups?.length === 0,
      message: '`securityGroups` must not be empty: leave it out for a new group that lets nobody in',
    },
    {
      broken:
        !Token.isUnresolved(props.description) &&
        ((props.description?.length ?? 0) > 255 || /[<>]/.test(props.description ?? '')),
      message: '`description` must be up to 255 characters without < and >',
    },
    {
      broken:
        props.finalSnapshotName !== undefined &&
        !Token.isUnresolved(props.finalSnapshotName) &&
        !/^[a-zA-Z][a-zA-Z0-9]*(-[a-zA-Z0-9]+)*$/.test(props.finalSnapshotName),
      message: `\`finalSnapshotName\` must be letters, digits and single hyphens, beginning with a letter, got ${JSON.stringify(props.finalSnapshotName)}`,
    },
  ];
}

function usageLimits(props: ServerlessCacheProps): CfnServerlessCache.CacheUsageLimitsProperty | undefined {
  const { minDataStorage, maxDataStorage, minProcessingUnits, maxProcessingUnits } = props;
  const storage = minDataStorage !== undefined || maxDataStorage !== undefined;
  const units = minProcessingUnits !== undefined || maxProcessingUnits !== undefined;
  return storage || units
    ? {
        dataStorage: storage
          ? { minimum: gigabytes(minDataStorage), maximum: gigabytes(maxDataStorage), unit: 'GB' }
          : undefined,
        ecpuPerSecond: units ? { minimum: minProcessingUnits, maximum: maxProcessingUnits } : undefined,
      }
    : undefined;
}

function gigabytes(size: Size | undefined): number | undefined {
  return size?.toGibibytes({ rounding: SizeRoundingBehavior.NONE });
}

function gigabyteLimit(name: string, value: number | undefined): Limit {
  const { broken } = wholeNumber(name, value ?? 1, 1, MOST_GIGABYTES);
  return { broken, message: `\`${name}\` must be between 1 and ${MOST_GIGABYTES} whole GB, got ${value} GB` };
}

function majorVersionOf(engine: CacheEngine): string {
  return engine.isMemcached ? engine.version.split('.').slice(0, 2).join('.') : engine.majorVersion;
}

function portsOf(engine: CacheEngine): [number, number] {
  const [first, second] = engine.isMemcached ? PORTS.memcached : PORTS.valkey;
  return [first, second];
}
