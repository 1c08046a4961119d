import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, Duration, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as firehose from 'aws-cdk-lib/aws-kinesisfirehose';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Preflight } from 'cdk-preflight';
import {
  AuthToken,
  CacheDay,
  CacheEngine,
  CacheLog,
  CacheNetworkType,
  CacheNodeType,
  CacheUser,
  ClusterMode,
  Durability,
  MaintenanceWindow,
  ParameterGroup,
  RedisVersion,
  ReplicationGroup,
  type ReplicationGroupProps,
  SnapshotSource,
  SnapshotWindow,
  UserAuthentication,
  UserGroup,
  ValkeyVersion,
} from '../../lib';
import { type Choice, coveringRows } from './covering';
import { newApp } from './stacks';

/** Combinations a stack: CloudFormation takes 500 resources. */
const PER_STACK = 20;

const ENGINES = {
  ...Object.fromEntries(
    [
      RedisVersion.V4_0_10,
      RedisVersion.V5_0_6,
      RedisVersion.V6_0,
      RedisVersion.V6_2,
      RedisVersion.V7_0,
      RedisVersion.V7_1,
    ].map((version) => [`redis ${version.version}`, CacheEngine.redis(version)]),
  ),
  ...Object.fromEntries(
    [
      ValkeyVersion.V7_2,
      ValkeyVersion.V8_0,
      ValkeyVersion.V8_1,
      ValkeyVersion.V8_2,
      ValkeyVersion.V9_0,
      ValkeyVersion.V9_1,
    ].map((version) => [`valkey ${version.version}`, CacheEngine.valkey(version)]),
  ),
  'valkey 8.1 after redis': CacheEngine.valkey(ValkeyVersion.V8_1).upgradedInPlaceFrom(
    CacheEngine.redis(RedisVersion.V7_1),
  ),
} as Record<string, CacheEngine>;

type Part = (stack: Stack, engine: CacheEngine, id: string) => Partial<ReplicationGroupProps>;

const TOPOLOGIES: Record<string, Part> = {
  single: () => ({ replicas: 0 }),
  'one replica': () => ({}),
  'five replicas': () => ({ replicas: 5 }),
  'no failover': () => ({ automaticFailover: false }),
  'named zones': () => ({ availabilityZones: ['us-east-1a', 'us-east-1b'] }),
  'three shards': () => ({ shards: 3, replicasPerShard: 2 }),
  'shards without replicas': () => ({ shards: 2, replicasPerShard: 0 }),
  'placed shards': () => ({
    shardConfigurations: [
      { slots: '0-8000', primaryAvailabilityZone: 'us-east-1a', replicaAvailabilityZones: ['us-east-1b'] },
      { slots: '8001-16383', replicas: 1 },
    ],
  }),
  compatible: () => ({ clusterMode: ClusterMode.COMPATIBLE }),
  migrated: () => ({ clusterMode: ClusterMode.ENABLED, replicas: 2 }),
};

const ACCESS: Record<string, Part> = {
  default: () => ({}),
  password: (stack, engine, id) => ({
    userGroup: new UserGroup(stack, `${id}Group`, {
      engine,
      users: [new CacheUser(stack, `${id}User`, { engine, authentication: UserAuthentication.generatedPassword() })],
    }),
  }),
  rotated: (stack, engine, id) => ({
    userGroup: new UserGroup(stack, `${id}Group`, {
      engine,
      users: [
        new CacheUser(stack, `${id}User`, {
          engine,
          authentication: UserAuthentication.generatedPassword({ rotateAfter: Duration.days(30) }),
        }),
      ],
    }),
  }),
  token: () => ({ authToken: AuthToken.generated() }),
  none: () => ({ transitEncryption: false }),
};

const NETWORKS: Record<string, Part> = {
  ipv4: () => ({}),
  ipv6: () => ({ networkType: CacheNetworkType.IPV6 }),
  dual: () => ({ networkType: CacheNetworkType.DUAL_STACK }),
};

const NODES: Record<string, CacheNodeType> = {
  t4g: CacheNodeType.T4G_SMALL,
  m5: CacheNodeType.M5_LARGE,
  r7g: CacheNodeType.R7G_LARGE,
  r6gd: CacheNodeType.R6GD_XLARGE,
};

const LOGS: Record<string, Part> = {
  none: () => ({}),
  cloudwatch: () => ({ slowLog: CacheLog.toCloudWatch(), engineLog: CacheLog.toCloudWatch() }),
  firehose: (stack, _, id) => ({
    slowLog: CacheLog.toFirehose(
      firehose.DeliveryStream.fromDeliveryStreamAttributes(stack, `${id}Stream`, { deliveryStreamName: 'logs' }),
    ),
  }),
};

const REST: Record<string, Part> = {
  plain: () => ({}),
  operated: (stack, _, id) => ({
    maintenanceWindow: MaintenanceWindow.weekly({ day: CacheDay.SATURDAY, hour: 23 }),
    snapshotWindow: SnapshotWindow.daily({ hour: 3 }),
    notificationTopic: sns.Topic.fromTopicArn(stack, `${id}Topic`, 'arn:aws:sns:us-east-1:111122223333:caches'),
    encryptionKey: kms.Key.fromKeyArn(
      stack,
      `${id}Key`,
      'arn:aws:kms:us-east-1:111122223333:key/12345678-1234-1234-1234-123456789012',
    ),
    port: 6_400,
  }),
  parameters: () => ({ parameters: { timeout: '300', 'maxmemory-policy': 'allkeys-lru' } }),
  'shared parameters': (stack, engine, id) => ({
    parameterGroup: new ParameterGroup(stack, `${id}Parameters`, { engine }),
  }),
  snapshot: () => ({ restoreFrom: SnapshotSource.snapshot('nightly') }),
  rdb: (stack, _, id) => ({
    restoreFrom: SnapshotSource.s3(s3.Bucket.fromBucketName(stack, `${id}Bucket`, 'dumps'), 'one.rdb'),
  }),
  durable: () => ({ durability: Durability.SYNC }),
};

const BEFORE_USERS = ['redis 4.0.10', 'redis 5.0.6'];
const BEFORE_ENGINE_LOG = [...BEFORE_USERS, 'redis 6.0'];
const BEFORE_IAM = [...BEFORE_ENGINE_LOG, 'redis 6.2'];
const DURABLE = ['valkey 9.0', 'valkey 9.1'];

/** What ElastiCache itself does not have, so that no template can be right. Written here, and not asked of the constructs. */
function exists(row: Choice): boolean {
  const before = (engines: string[]) => engines.includes(row.engine ?? '');
  const sharded = ['three shards', 'shards without replicas', 'placed shards'].includes(row.topology ?? '');
  const migration = row.topology === 'compatible' || row.topology === 'migrated';
  const ipv6 = row.network === 'ipv6' || row.network === 'dual';
  return ![
    (row.access === 'password' || row.access === 'rotated') && before(BEFORE_USERS),
    // These engines must be told who signs in.
    row.access === 'default' && before(BEFORE_IAM),
    migration && before(BEFORE_IAM),
    ipv6 && before(BEFORE_ENGINE_LOG),
    row.log === 'firehose' && before(BEFORE_USERS),
    row.log === 'cloudwatch' && before(BEFORE_ENGINE_LOG),
    (row.node === 'r7g' || row.node === 'r6gd') && before(BEFORE_ENGINE_LOG),
    row.node === 't4g' && row.engine === 'redis 4.0.10',
    row.rest === 'shared parameters' && (sharded || migration),
    row.rest === 'rdb' && sharded && row.topology !== 'placed shards',
    row.rest === 'durable' &&
      ((row.engine !== undefined && !DURABLE.includes(row.engine)) ||
        (row.node !== undefined && row.node !== 'r7g') ||
        row.access === 'none' ||
        (row.topology !== undefined && !['three shards', 'placed shards', 'migrated'].includes(row.topology))),
  ].some((impossible) => impossible);
}

const FACTORS = {
  engine: Object.keys(ENGINES),
  topology: Object.keys(TOPOLOGIES),
  access: Object.keys(ACCESS),
  network: Object.keys(NETWORKS),
  node: Object.keys(NODES),
  log: Object.keys(LOGS),
  rest: Object.keys(REST),
};

/** Every finding of the validators over an app, as `rule at construct: text`. */
function findings(app: App, outdir: string): string[] {
  try {
    app.synth();
  } catch (error) {
    if (!String(error).includes('ValidationFailed')) {
      throw error;
    }
  }
  process.exitCode = 0;
  const report = JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8'));
  return report.pluginReports.flatMap(({ pluginName, violations }: any) =>
    violations
      .filter(() => pluginName !== 'Annotation' && !/construct annotations/i.test(pluginName))
      .flatMap(({ ruleName, description, violatingConstructs }: any) =>
        (violatingConstructs ?? []).map(({ constructPath }: any) => `${ruleName} at ${constructPath}: ${description}`),
      ),
  );
}

/** An app under both validators, and the folder that its report is written to. */
export class MatrixApp {
  readonly outdir = mkdtempSync(join(tmpdir(), 'matrix-'));
  readonly app = newApp({ outdir: this.outdir });
  private count = 0;
  private current?: { stack: Stack; vpc: ec2.IVpc };

  constructor() {
    Preflight.apply(this.app);
  }

  /** A stack for the next construct. */
  next(): { stack: Stack; vpc: ec2.IVpc } {
    if (this.current === undefined || this.count % PER_STACK === 0) {
      const stack = new Stack(this.app, `Stack${this.count / PER_STACK}`, { env: { region: 'us-east-1' } });
      const vpc = new ec2.Vpc(stack, 'Vpc', {
        availabilityZones: ['us-east-1a', 'us-east-1b'],
        natGateways: 0,
        subnetConfiguration: [{ name: 'Data', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }],
      });
      this.current = { stack, vpc };
    }
    this.count += 1;
    return this.current;
  }

  /** What the validators find, as `rule at construct: text`. */
  findings(): string[] {
    const spy = jest.spyOn(console, 'error').mockImplementation(() => {});
    try {
      return findings(this.app, this.outdir);
    } finally {
      spy.mockRestore();
      rmSync(this.outdir, { recursive: true, force: true });
    }
  }

  /** Without a look of the validators. */
  templates(): Record<string, any> {
    process.env.CDK_VALIDATION = 'false';
    try {
      const { stacks } = this.app.synth();
      return Object.fromEntries(stacks.map(({ stackName, template }) => [stackName, template]));
    } finally {
      delete process.env.CDK_VALIDATION;
      rmSync(this.outdir, { recursive: true, force: true });
    }
  }
}

/**
 * Replication groups in which every two, or three, choices that can stand together do so at least once.
 *
 * @returns how many, and what was found
 */
export function replicationGroups(together: 2 | 3): { tried: number; found: string[] } {
  const matrix = new MatrixApp();
  return { tried: fill(matrix, together), found: matrix.findings() };
}

/** The templates of the same groups, by the names of their stacks. */
export function replicationGroupTemplates(together: 2 | 3): Record<string, any> {
  const matrix = new MatrixApp();
  fill(matrix, together);
  return matrix.templates();
}

function fill(matrix: MatrixApp, together: 2 | 3): number {
  const { rows: combinations, impossible } = coveringRows(FACTORS, together, exists);
  // Every combination of so many choices that can stand together is in some row.
  expect(impossible).toEqual([]);
  for (const [index, row] of combinations.entries()) {
    const { stack, vpc } = matrix.next();
    const id = `Cache${index}`;
    const engine = ENGINES[row.engine as string] as CacheEngine;
    const parts = [
      TOPOLOGIES[row.topology as string],
      ACCESS[row.access as string],
      NETWORKS[row.network as string],
      LOGS[row.log as string],
      REST[row.rest as string],
    ];
    const props = Object.assign({}, ...parts.map((part) => part?.(stack, engine, id)));
    try {
      new ReplicationGroup(stack, id, {
        vpc,
        engine,
        nodeType: NODES[row.node as string] as CacheNodeType,
        ...props,
      }).addAlarms();
    } catch (error) {
      throw new Error(`${JSON.stringify(row)}: ${(error as Error).message}`);
    }
  }
  return combinations.length;
}
