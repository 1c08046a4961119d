import { Annotations, Token } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { CfnReplicationGroupProps } from 'aws-cdk-lib/aws-elasticache';
import type { Construct } from 'constructs';
import { enforce, type Limit, wholeNumber } from '../limits';
import { requireZonesIn } from '../network/subnets';
import { CacheCapability, type CacheEngine } from './engine';
import { compareVersions } from './engine-version';

/** Replicas that a primary may have (ElastiCache API, CreateReplicationGroup.ReplicasPerNodeGroup). */
const MOST_REPLICAS = 5;

/** Shards with and without the newer engines (L1, CfnReplicationGroup.NodeGroupConfiguration). */
const MOST_SHARDS = 500;
const MOST_SHARDS_BEFORE = 250;

/** Nodes that a cluster ever has: 500 shards without replicas, 83 with five (L1, CfnReplicationGroup). */
const MOST_NODES = 500;

/** Nodes of a cluster without a higher quota (dg/quota-limits). */
const NODES_QUOTA = 90;

/** Hash slots of a cluster. */
const SLOTS = 16_384;

/** Whether the data are spread over shards. */
export enum ClusterMode {
  /** One shard, and clients that know one endpoint. */
  DISABLED = 'disabled',
  /**
   * One shard that both kinds of clients can use, on the way from disabled to enabled. Change nothing else in the same
   * deploy.
   */
  COMPATIBLE = 'compatible',
  /** Shards, and clients that know the cluster's protocol. There is no way back. */
  ENABLED = 'enabled',
}

/** One shard of a group in cluster mode. */
export interface ShardConfiguration {
  /**
   * Hash slots of the shard, for example `0-5460` or `0-99,200-299`. For restores only: a later change of the number of
   * shards moves slots, and then this must be taken out of the code.
   *
   * @default - as many as every other shard
   */
  readonly slots?: string;

  /**
   * Availability Zone of the primary. A change may replace the group: set it once.
   *
   * @default - chosen by AWS
   */
  readonly primaryAvailabilityZone?: string;

  /**
   * Availability Zones of the replicas, one each.
   *
   * @default - chosen by AWS
   */
  readonly replicaAvailabilityZones?: string[];

  /**
   * Replicas of this shard, 0 to 5. Like `replicasPerShard` it cannot change through a template without a new group.
   *
   * @default - as many as `replicasPerShard`
   */
  readonly replicas?: number;
}

/** What of a group's properties says how many nodes it has, and where. */
export interface TopologyProps {
  readonly replicas?: number;
  readonly shards?: number;
  readonly replicasPerShard?: number;
  readonly shardConfigurations?: ShardConfiguration[];
  readonly clusterMode?: ClusterMode;
  readonly multiAz?: boolean;
  readonly automaticFailover?: boolean;
  readonly availabilityZones?: string[];
}

/** How many nodes a replication group has, and where. */
export class Topology {
  /** How clients see the group. */
  readonly clusterMode: ClusterMode;
  /**
   * Whether the template counts in shards. A group that was brought to cluster mode from without goes on being counted
   * in nodes: to count it in shards would replace it.
   */
  readonly isSharded: boolean;
  /** How many shards there are; 1 where the data are not spread. */
  readonly shards: number;
  /** How many replicas every shard has that does not say otherwise. */
  readonly replicas: number;
  /** Whether a replica takes over by itself. */
  readonly automaticFailover: boolean;
  /** Whether the nodes stand in several Availability Zones. */
  readonly multiAz: boolean;
  private readonly configurations: ShardConfiguration[];

  /** @throws if the numbers do not go together */
  constructor(
    private readonly props: TopologyProps,
    engine: CacheEngine,
  ) {
    this.isSharded = [props.shards, props.shardConfigurations, props.replicasPerShard].some(
      (prop) => prop !== undefined,
    );
    this.clusterMode = props.clusterMode ?? (this.isSharded ? ClusterMode.ENABLED : ClusterMode.DISABLED);
    this.configurations = props.shardConfigurations ?? [];
    this.shards = props.shards ?? (this.configurations.length || 1);
    this.replicas = (this.isSharded ? props.replicasPerShard : props.replicas) ?? 1;
    // First, because all else is counted with them.
    enforce(this.numberLimits(engine));
    const fewest = Math.min(...this.shardReplicas());
    this.automaticFailover = props.automaticFailover ?? (this.isCluster || fewest > 0);
    this.multiAz = props.multiAz ?? (this.automaticFailover && fewest > 0);
    enforce([this.sizeLimit(), ...this.placeLimits(), ...this.failoverLimits(fewest)]);
  }

  /** Whether clients must know the cluster's protocol. */
  get isCluster(): boolean {
    return this.clusterMode === ClusterMode.ENABLED;
  }

  private get nodes(): number {
    return this.shardReplicas().reduce((sum, replicas) => sum + replicas + 1, 0);
  }

  private get replicasName(): string {
    return this.isSharded ? 'replicasPerShard' : 'replicas';
  }

  /** Replicas of each shard. */
  shardReplicas(): number[] {
    return Array.from({ length: this.shards }, (_, index) => this.configurations[index]?.replicas ?? this.replicas);
  }

  /** Ids of the shards, by which they are known in node ids and in the template. */
  get shardIds(): string[] {
    return Array.from({ length: this.shards }, (_, index) => String(index + 1).padStart(4, '0'));
  }

  /**
   * Ids of the nodes of each shard: `<group>-001` in a group without shards, `<group>-0001-001` in one with.
   *
   * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Shards.html
   */
  memberIds(replicationGroupId: string): string[][] {
    const shardIds = this.shardIds;
    return this.shardReplicas().map((replicas, index) =>
      Array.from({ length: replicas + 1 }, (_, node) => {
        const shard = this.isSharded ? `-${shardIds[index]}` : '';
        return `${replicationGroupId}${shard}-${String(node + 1).padStart(3, '0')}`;
      }),
    );
  }

  /** The properties of the resource that say the same. */
  render(): Partial<CfnReplicationGroupProps> {
    const zones = this.props.availabilityZones;
    return {
      // Security Hub ElastiCache.3. Written out, because the defaults differ by engine and by API.
      automaticFailoverEnabled: this.automaticFailover,
      multiAzEnabled: this.multiAz,
      ...(this.props.clusterMode === undefined ? {} : { clusterMode: this.clusterMode }),
      ...(this.isSharded
        ? {
            numNodeGroups: this.shards,
            replicasPerNodeGroup: this.replicas,
            // With ids of their own, so that a change of their number names the shards that stay.
            nodeGroupConfiguration: this.shardIds.map((nodeGroupId, index) => {
              const { replicas, ...configuration } = this.configurations[index] ?? {};
              return { nodeGroupId, ...configuration, ...(replicas === undefined ? {} : { replicaCount: replicas }) };
            }),
          }
        : { numCacheClusters: this.replicas + 1, ...(zones === undefined ? {} : { preferredCacheClusterAZs: zones }) }),
    };
  }

  /** Says what is allowed and still doubtful. */
  warn(scope: Construct): void {
    const { availabilityZones } = this.props;
    if (availabilityZones !== undefined) {
      Annotations.of(scope).addWarningV2(
        'cdk-elasticache:preferred-zones-fix-size',
        '`availabilityZones` cannot change without a new group, so neither can `replicas`: leave it out, and AWS spreads the nodes',
      );
    }
    const together = this.zonesByShard().filter((zones) => zones.length > 1 && new Set(zones).size === 1);
    if (this.multiAz && together.length > 0) {
      Annotations.of(scope).addWarningV2(
        'cdk-elasticache:multi-az-in-one-zone',
        `\`multiAz\` is on, but all nodes of a shard are put into ${together[0]?.[0]}: name a second zone`,
      );
    }
    const { nodes } = this;
    if (nodes > NODES_QUOTA) {
      Annotations.of(scope).addWarningV2(
        'cdk-elasticache:nodes-quota',
        `the group has ${nodes} nodes, more than the ${NODES_QUOTA} that a cluster may have without a higher quota`,
      );
    }
  }

  /** Refuses subnets that do not lie in the zones that are asked for. */
  requireZonesIn(subnets: ec2.SelectedSubnets): void {
    requireZonesIn(this.zonesByShard().flat(), subnets);
  }

  private zonesByShard(): string[][] {
    const { availabilityZones } = this.props;
    return availabilityZones === undefined
      ? this.configurations.map(({ primaryAvailabilityZone, replicaAvailabilityZones }) => [
          ...(primaryAvailabilityZone === undefined ? [] : [primaryAvailabilityZone]),
          ...(replicaAvailabilityZones ?? []),
        ])
      : [availabilityZones];
  }

  private numberLimits(engine: CacheEngine): Limit[] {
    const { props } = this;
    const newer = compareVersions(engine.version, engine.name === 'redis' ? '5.0.6' : '0') >= 0;
    return [
      ...(['replicas', 'replicasPerShard', 'shards'] as const).map((name) => ({
        broken: Token.isUnresolved(props[name]),
        message: `\`${name}\` must be a number known at synth, because CloudFormation cannot count with it`,
      })),
      {
        broken: this.isSharded && props.replicas !== undefined,
        message: '`replicas` is for a group without shards: with `shards` use `replicasPerShard`',
      },
      {
        broken: this.isSharded && !this.isCluster,
        message: `\`clusterMode\` ${this.clusterMode} has one shard: use \`replicas\`, not \`shards\` (${this.shards}), \`replicasPerShard\` or \`shardConfigurations\``,
      },
      wholeNumber(this.replicasName, this.replicas, 0, MOST_REPLICAS),
      wholeNumber('shards', this.shards, 1, newer ? MOST_SHARDS : MOST_SHARDS_BEFORE),
      {
        broken: this.configurations.length > 0 && this.configurations.length !== this.shards,
        message: `\`shardConfigurations\` must have one entry for each of the ${this.shards} \`shards\`, got ${this.configurations.length}`,
      },
      {
        broken: this.clusterMode === ClusterMode.COMPATIBLE && !engine.supports(CacheCapability.CLUSTER_MODE_MIGRATION),
        message: `\`clusterMode\` compatible needs valkey 7.2 or redis 7.0 or later, got ${engine}`,
      },
      ...this.configurations.flatMap(({ replicas }, index) => [
        {
          broken: Token.isUnresolved(replicas),
          message: `\`shardConfigurations[${index}].replicas\` must be a number known at synth`,
        },
        wholeNumber(`shardConfigurations[${index}].replicas`, replicas ?? 0, 0, MOST_REPLICAS),
      ]),
    ];
  }

  private sizeLimit(): Limit {
    return {
      broken: this.nodes > MOST_NODES,
      message: `a group must have at most ${MOST_NODES} nodes, got ${this.nodes}: \`shards\` times \`replicasPerShard\` and their primaries`,
    };
  }

  private placeLimits(): Limit[] {
    const zones = this.props.availabilityZones;
    return [
      {
        broken: zones !== undefined && this.isSharded,
        message: '`availabilityZones` is for a group without shards: with `shards` use `shardConfigurations`',
      },
      {
        broken: zones !== undefined && !Token.isUnresolved(zones) && zones.length !== this.replicas + 1,
        message: `\`availabilityZones\` must name one zone for the primary and each of the ${this.replicas} replicas (${this.replicas + 1}), got ${zones?.length}`,
      },
      ...this.configurations.map(({ replicaAvailabilityZones: places, replicas }, index) => ({
        broken: places !== undefined && !Token.isUnresolved(places) && places.length !== (replicas ?? this.replicas),
        message: `\`shardConfigurations[${index}].replicaAvailabilityZones\` must name one zone for each of the ${replicas ?? this.replicas} replicas, got ${places?.length}`,
      })),
      ...slotLimits(this.configurations),
    ];
  }

  private failoverLimits(fewest: number): Limit[] {
    return [
      {
        broken: this.isCluster && !this.automaticFailover,
        message: '`automaticFailover` cannot be off in cluster mode: AWS asks for it',
      },
      {
        broken: !this.isCluster && this.automaticFailover && fewest === 0,
        message:
          '`automaticFailover` needs at least 1 replica to fail over to, got `replicas` of 0 (AWS: "When using automatic ' +
          'failover, there must be at least 2 cache clusters in the replication group.")',
      },
      {
        broken: this.multiAz && fewest === 0,
        message: `\`multiAz\` needs at least 1 replica to fail over to, got \`${this.replicasName}\` of 0`,
      },
      {
        broken: this.multiAz && !this.automaticFailover,
        message: '`multiAz` needs `automaticFailover`, which is off',
      },
      {
        broken: this.clusterMode === ClusterMode.COMPATIBLE && (fewest === 0 || !this.automaticFailover),
        message: '`clusterMode` compatible needs `automaticFailover` and at least 1 replica (dg/modify-cluster-mode)',
      },
    ];
  }
}

/** Slots must cover all 16384, each once, or be left out of every shard. */
function slotLimits(configurations: ShardConfiguration[]): Limit[] {
  const given = configurations.filter(({ slots }) => slots !== undefined);
  if (given.length === 0 || given.some(({ slots }) => Token.isUnresolved(slots))) {
    return [];
  }
  const bad = given.find(({ slots }) => !/^\d{1,5}(-\d{1,5})?(,\d{1,5}(-\d{1,5})?)*$/.test(slots as string));
  if (bad !== undefined) {
    return [{ broken: true, message: `\`slots\` must be ranges such as 0-5460 or 0-99,200-299, got ${bad.slots}` }];
  }
  const taken = new Set<number>();
  let total = 0;
  for (const range of given.flatMap(({ slots }) => (slots as string).split(','))) {
    const [first, last = first] = range.split('-').map(Number) as [number, number?];
    if (first > last || last >= SLOTS) {
      return [{ broken: true, message: `a range of \`slots\` must rise and stay below ${SLOTS}, got ${range}` }];
    }
    for (let slot = first; slot <= last; slot += 1) {
      taken.add(slot);
      total += 1;
    }
  }
  return [
    {
      broken: given.length !== configurations.length,
      message: '`slots` must be given for every shard or for none',
    },
    {
      broken: taken.size !== SLOTS || total !== SLOTS,
      message: `\`slots\` of all shards together must be 0 to ${SLOTS - 1}, each once, got ${taken.size} different ones${total > taken.size ? `, ${total - taken.size} of them twice` : ''}`,
    },
  ];
}
