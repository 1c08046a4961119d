import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { CacheBinding } from '../../runtime/binding';
import { enforce } from '../limits';
import { memcachedRules } from './alarm-rules';
import type { AlarmRule } from './alarms';
import { CacheBase, type ICache } from './cache';
import { combinedMetric, type MetricTarget } from './metrics';
import type { CacheNodeType } from './node-type';
import type { ICacheUser } from './user';

/** A Memcached cluster, made here or before. */
export interface IMemcachedCluster extends ICache {
  /** Id of the cluster. */
  readonly clusterId: string;

  /**
   * A metric of one node.
   *
   * @param node 1 is the first
   */
  metricForNode(node: number, metricName: string, options?: cloudwatch.MetricOptions): cloudwatch.IMetric;

  /** CPU of the machine, in percent. Greatest of a node over 5 minutes. */
  metricCpuUtilization(options?: cloudwatch.MetricOptions): cloudwatch.IMetric;

  /** Bytes that are swapped out. Greatest of a node over 5 minutes. */
  metricSwapUsage(options?: cloudwatch.MetricOptions): cloudwatch.IMetric;
}

/** What Memcached clusters share, whether they are made here or were before. */
export abstract class MemcachedClusterBase extends CacheBase implements IMemcachedCluster {
  /** None: no node is a copy of another. */
  public readonly readerEndpointAddress?: string;
  public abstract readonly clusterId: string;
  public abstract readonly transitEncryption: boolean;
  /** @internal */
  public abstract readonly _nodes: number;
  /** @internal */
  public abstract readonly _nodeType?: CacheNodeType;

  /**
   * Memcached has no users, so there is nothing to grant: access is decided by the security groups.
   *
   * @throws if a user is named
   */
  public grantConnect(grantee: iam.IGrantable, user?: ICacheUser): iam.Grant {
    this.refuseUser(user);
    return iam.Grant.drop(grantee, 'Memcached has no users');
  }

  /**
   * A metric of one node.
   *
   * @param node 1 is the first
   * @throws if there is no such node
   */
  public metricForNode(node: number, metricName: string, options: cloudwatch.MetricOptions = {}): cloudwatch.IMetric {
    const target = this._shards()[node - 1];
    if (target === undefined) {
      throw new Error(`\`node\` must be between 1 and ${this._nodes}, got ${node}`);
    }
    return combinedMetric(this, target, metricName, options);
  }

  /** CPU of the machine, in percent. Greatest of a node over 5 minutes. */
  public metricCpuUtilization(options?: cloudwatch.MetricOptions): cloudwatch.IMetric {
    return this.metric('CPUUtilization', { statistic: cloudwatch.Stats.MAXIMUM, ...options });
  }

  /** Bytes that are swapped out. Greatest of a node over 5 minutes. */
  public metricSwapUsage(options?: cloudwatch.MetricOptions): cloudwatch.IMetric {
    return this.metric('SwapUsage', { statistic: cloudwatch.Stats.MAXIMUM, ...options });
  }

  /** @internal */
  public _shards(): MetricTarget[][] {
    return Array.from({ length: this._nodes }, (_, index) => [
      { CacheClusterId: this.clusterId, CacheNodeId: String(index + 1).padStart(4, '0') },
    ]);
  }

  /** @internal */
  public _alarmRules(): AlarmRule[] {
    return memcachedRules(this._nodeType);
  }

  /** @internal */
  public _bindingEntry(user?: ICacheUser): CacheBinding {
    this.refuseUser(user);
    return {
      engine: 'memcached',
      mode: 'discovery',
      host: this.endpointAddress,
      port: this.endpointPort,
      tls: this.transitEncryption,
      auth: { type: 'none' },
    };
  }

  private refuseUser(user: ICacheUser | undefined): void {
    enforce([
      { broken: user !== undefined, message: `memcached has no users, so ${user?.userName} cannot sign in to it` },
    ]);
  }
}
