import { type IResource, Resource } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type { CacheBinding } from '../../runtime/binding';
import { bindingText } from '../binding-document';
import { enforce } from '../limits';
import { type AlarmRule, type CacheAlarmOptions, CacheAlarms } from './alarms';
import type { CacheEngine } from './engine';
import { combinedMetric, hitRatio, type MetricTarget } from './metrics';
import type { ICacheUser } from './user';

/** A cache that an application can be connected to. */
export interface ICache extends IResource, ec2.IConnectable {
  /** Engine and version. */
  readonly engine: CacheEngine;

  /** Host name of the endpoint that applications connect to, whatever the kind of cache. */
  readonly endpointAddress: string;

  /** Port of the endpoint. */
  readonly endpointPort: number;

  /** Host name that leads to replicas, where the cache has one. What is read there may be older than what was written. */
  readonly readerEndpointAddress?: string;

  /**
   * Lets an identity sign in: the cache and its user in one grant. With passwords it may read the secret.
   *
   * @param user who it signs in as
   * @default user - the first of the cache's user group
   */
  grantConnect(grantee: iam.IGrantable, user?: ICacheUser): iam.Grant;

  /**
   * The binding document for this cache alone, as JSON, to be given to compute in the environment variable
   * `CACHE_BINDINGS`. It holds nothing secret.
   *
   * @param name what the application calls the cache
   * @param user who it signs in as
   * @default user - the first of the cache's user group
   */
  binding(name: string, user?: ICacheUser): string;

  /**
   * A metric of the whole cache: over all its nodes, their sum, mean or extreme as the statistic asks, and for percentiles
   * the greatest of theirs.
   *
   * @param metricName as ElastiCache writes it, for example `CurrItems`
   * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.html
   */
  metric(metricName: string, options?: cloudwatch.MetricOptions): cloudwatch.IMetric;

  /** Reads that the cache answered. Sum over 5 minutes. */
  metricHits(options?: cloudwatch.MetricOptions): cloudwatch.IMetric;

  /** Reads that the cache could not answer. Sum over 5 minutes. */
  metricMisses(options?: cloudwatch.MetricOptions): cloudwatch.IMetric;

  /** The part of all reads that the cache answered, in percent, over 5 minutes. */
  metricHitRatio(options?: cloudwatch.MetricOptions): cloudwatch.IMetric;

  /** Entries that were thrown out before they expired, because memory was short. Sum over 5 minutes. */
  metricEvictions(options?: cloudwatch.MetricOptions): cloudwatch.IMetric;

  /** Open connections. Greatest of a node over 5 minutes. */
  metricConnections(options?: cloudwatch.MetricOptions): cloudwatch.IMetric;

  /** Entries that the cache holds. Greatest of a node over 5 minutes. */
  metricItems(options?: cloudwatch.MetricOptions): cloudwatch.IMetric;

  /** Bytes that came in. Sum over 5 minutes. */
  metricNetworkBytesIn(options?: cloudwatch.MetricOptions): cloudwatch.IMetric;

  /** Bytes that went out. Sum over 5 minutes. */
  metricNetworkBytesOut(options?: cloudwatch.MetricOptions): cloudwatch.IMetric;

  /**
   * The alarms that are right for this kind of cache, each at a threshold that can be moved or switched off.
   *
   * @throws if it has them already
   */
  addAlarms(options?: CacheAlarmOptions): CacheAlarms;

  /**
   * The cache's entry of the binding.
   *
   * @internal
   */
  _bindingEntry(user?: ICacheUser): CacheBinding;

  /**
   * The dimensions of every node, shard by shard.
   *
   * @internal
   */
  _shards(): MetricTarget[][];

  /**
   * What can go wrong with this kind of cache.
   *
   * @internal
   */
  _alarmRules(): AlarmRule[];
}

/** What all caches share. */
export abstract class CacheBase extends Resource implements ICache {
  public abstract readonly engine: CacheEngine;
  public abstract readonly endpointAddress: string;
  public abstract readonly endpointPort: number;
  public abstract readonly connections: ec2.Connections;
  public abstract readonly readerEndpointAddress?: string;

  public abstract grantConnect(grantee: iam.IGrantable, user?: ICacheUser): iam.Grant;

  public binding(name: string, user?: ICacheUser): string {
    return bindingText(this, { caches: { [name]: this._bindingEntry(user) } });
  }

  public metric(metricName: string, options: cloudwatch.MetricOptions = {}): cloudwatch.IMetric {
    return combinedMetric(this, this._shards().flat(), metricName, options);
  }

  public metricHits(options?: cloudwatch.MetricOptions): cloudwatch.IMetric {
    return this.metric(this.hitNames.hits, { statistic: cloudwatch.Stats.SUM, ...options });
  }

  public metricMisses(options?: cloudwatch.MetricOptions): cloudwatch.IMetric {
    return this.metric(this.hitNames.misses, { statistic: cloudwatch.Stats.SUM, ...options });
  }

  public metricHitRatio(options: cloudwatch.MetricOptions = {}): cloudwatch.IMetric {
    return hitRatio(this, this._shards().flat(), this.hitNames, options);
  }

  public metricEvictions(options?: cloudwatch.MetricOptions): cloudwatch.IMetric {
    return this.metric('Evictions', { statistic: cloudwatch.Stats.SUM, ...options });
  }

  public metricConnections(options?: cloudwatch.MetricOptions): cloudwatch.IMetric {
    return this.metric('CurrConnections', { statistic: cloudwatch.Stats.MAXIMUM, ...options });
  }

  public metricItems(options?: cloudwatch.MetricOptions): cloudwatch.IMetric {
    return this.metric('CurrItems', { statistic: cloudwatch.Stats.MAXIMUM, ...options });
  }

  public metricNetworkBytesIn(options?: cloudwatch.MetricOptions): cloudwatch.IMetric {
    return this.metric('NetworkBytesIn', { statistic: cloudwatch.Stats.SUM, ...options });
  }

  public metricNetworkBytesOut(options?: cloudwatch.MetricOptions): cloudwatch.IMetric {
    return this.metric('NetworkBytesOut', { statistic: cloudwatch.Stats.SUM, ...options });
  }

  /**
   * The alarms that are right for this kind of cache, each at a threshold that can be moved or switched off.
   *
   * @throws if it has them already
   */
  public addAlarms(options: CacheAlarmOptions = {}): CacheAlarms {
    enforce([
      {
        broken: this.node.tryFindChild('Alarms') !== undefined,
        message: `\`addAlarms\` was called for ${this.node.path} already: give all its options at once`,
      },
    ]);
    return new CacheAlarms(this, 'Alarms', { cache: this, ...options });
  }

  private get hitNames(): { hits: string; misses: string } {
    return this.engine.isMemcached
      ? { hits: 'GetHits', misses: 'GetMisses' }
      : { hits: 'CacheHits', misses: 'CacheMisses' };
  }

  /**
   * The dimensions of every node, shard by shard.
   *
   * @internal
   */
  public abstract _shards(): MetricTarget[][];

  /**
   * What can go wrong with this kind of cache.
   *
   * @internal
   */
  public abstract _alarmRules(): AlarmRule[];

  /**
   * The cache's entry of the binding.
   *
   * @internal
   */
  public abstract _bindingEntry(user?: ICacheUser): CacheBinding;
}
