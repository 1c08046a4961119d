import { ArnFormat, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type { CacheBinding } from '../../runtime/binding';
import type { Access, SignInTarget } from './access';
import { replicationGroupRules } from './alarm-rules';
import type { AlarmRule } from './alarms';
import { CacheBase, type ICache } from './cache';
import type { CacheEngine } from './engine';
import { combinedMetric, type MetricTarget } from './metrics';
import type { CacheNodeType } from './node-type';
import type { Topology } from './topology';
import type { ICacheUser } from './user';

/** A replication group, made here or before. */
export interface IReplicationGroup extends ICache {
  /** Id of the group, which is part of its ARN and of its nodes' ids. */
  readonly replicationGroupId: string;

  /** ARN of the group. */
  readonly replicationGroupArn: string;

  /** Ids of the nodes, shard by shard: `<group>-001`, or `<group>-0001-001` with shards. */
  readonly nodeIds: string[];

  /**
   * A metric of one shard.
   *
   * @param shard 1 is the first
   */
  metricForShard(shard: number, metricName: string, options?: cloudwatch.MetricOptions): cloudwatch.IMetric;

  /**
   * A metric of one node.
   *
   * @param nodeId one of `nodeIds`
   */
  metricForNode(nodeId: string, metricName: string, options?: cloudwatch.MetricOptions): cloudwatch.IMetric;

  /** CPU of the engine's own thread, in percent. Greatest of a node over 5 minutes. */
  metricEngineCpuUtilization(options?: cloudwatch.MetricOptions): cloudwatch.IMetric;

  /** CPU of the whole machine, in percent. Greatest of a node over 5 minutes. */
  metricCpuUtilization(options?: cloudwatch.MetricOptions): cloudwatch.IMetric;

  /** Memory in use, in percent of what the engine may use. Greatest of a node over 5 minutes. */
  metricMemoryUsage(options?: cloudwatch.MetricOptions): cloudwatch.IMetric;

  /** Seconds that the slowest replica is behind its primary. Greatest over 5 minutes. */
  metricReplicationLag(options?: cloudwatch.MetricOptions): cloudwatch.IMetric;

  /** Failed sign-ins. Sum over 5 minutes. */
  metricAuthenticationFailures(options?: cloudwatch.MetricOptions): cloudwatch.IMetric;
}

/** What replication groups share, whether they are made here or were before. */
export abstract class ReplicationGroupBase extends CacheBase implements IReplicationGroup {
  public abstract override readonly engine: CacheEngine;
  public abstract override readonly connections: ec2.Connections;
  public abstract readonly replicationGroupId: string;
  public abstract readonly transitEncryption: boolean;
  /** @internal */
  protected abstract readonly _topology: Topology;
  /** @internal */
  protected abstract readonly _access: Access;
  /** @internal */
  protected abstract readonly _nodeType?: CacheNodeType;

  public get replicationGroupArn(): string {
    return Stack.of(this).formatArn({
      service: 'elasticache',
      resource: 'replicationgroup',
      resourceName: this.replicationGroupId,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  }

  public get nodeIds(): string[] {
    return this._topology.memberIds(this.replicationGroupId).flat();
  }

  public grantConnect(grantee: iam.IGrantable, user?: ICacheUser): iam.Grant {
    return this._access.grantConnect(grantee, this.signInTarget, user);
  }

  /**
   * A metric of one shard.
   *
   * @param shard 1 is the first
   * @throws if there is no such shard
   */
  public metricForShard(shard: number, metricName: string, options: cloudwatch.MetricOptions = {}): cloudwatch.IMetric {
    const targets = this._shards()[shard - 1];
    if (targets === undefined) {
      throw new Error(`\`shard\` must be between 1 and ${this._topology.shards}, got ${shard}`);
    }
    // Nodes are counted through all shards, so that metrics of two shards can stand in one graph.
    const before = this._shards()
      .slice(0, shard - 1)
      .flat().length;
    return combinedMetric(this, targets, metricName, options, undefined, before);
  }

  /**
   * A metric of one node.
   *
   * @param nodeId one of `nodeIds`
   * @throws if there is no such node
   */
  public metricForNode(nodeId: string, metricName: string, options: cloudwatch.MetricOptions = {}): cloudwatch.IMetric {
    if (!this.nodeIds.includes(nodeId)) {
      throw new Error(`the group has no node ${nodeId}: its nodes are ${this.nodeIds.join(', ')}`);
    }
    return combinedMetric(this, [{ CacheClusterId: nodeId }], metricName, options);
  }

  /** CPU of the engine's own thread, in percent. Greatest of a node over 5 minutes. */
  public metricEngineCpuUtilization(options?: cloudwatch.MetricOptions): cloudwatch.IMetric {
    return this.metric('EngineCPUUtilization', { statistic: cloudwatch.Stats.MAXIMUM, ...options });
  }

  /** CPU of the whole machine, in percent. Greatest of a node over 5 minutes. */
  public metricCpuUtilization(options?: cloudwatch.MetricOptions): cloudwatch.IMetric {
    return this.metric('CPUUtilization', { statistic: cloudwatch.Stats.MAXIMUM, ...options });
  }

  /** Memory in use, in percent of what the engine may use. Greatest of a node over 5 minutes. */
  public metricMemoryUsage(options?: cloudwatch.MetricOptions): cloudwatch.IMetric {
    return this.metric('DatabaseMemoryUsagePercentage', { statistic: cloudwatch.Stats.MAXIMUM, ...options });
  }

  /** Seconds that the slowest replica is behind its primary. Greatest over 5 minutes. */
  public metricReplicationLag(options?: cloudwatch.MetricOptions): cloudwatch.IMetric {
    return this.metric('ReplicationLag', { statistic: cloudwatch.Stats.MAXIMUM, ...options });
  }

  /** Failed sign-ins. Sum over 5 minutes. */
  public metricAuthenticationFailures(options?: cloudwatch.MetricOptions): cloudwatch.IMetric {
    return this.metric('AuthenticationFailures', { statistic: cloudwatch.Stats.SUM, ...options });
  }

  /** @internal */
  public _shards(): MetricTarget[][] {
    return this._topology
      .memberIds(this.replicationGroupId)
      .map((members) => members.map((member) => ({ CacheClusterId: member })));
  }

  /** @internal */
  public _alarmRules(): AlarmRule[] {
    return replicationGroupRules(Math.max(...this._topology.shardReplicas()), this._nodeType);
  }

  /** @internal */
  public _bindingEntry(user?: ICacheUser): CacheBinding {
    return {
      engine: this.engine.name as CacheBinding['engine'],
      mode: this._topology.isCluster ? 'cluster' : 'primary',
      host: this.endpointAddress,
      ...(this.readerEndpointAddress === undefined ? {} : { readerHost: this.readerEndpointAddress }),
      port: this.endpointPort,
      tls: this.transitEncryption,
      auth: this._access.bindingAuth(this, this.signInTarget, user),
    };
  }

  private get signInTarget(): SignInTarget {
    return { cacheArn: this.replicationGroupArn, cacheName: this.replicationGroupId, serverless: false };
  }
}
