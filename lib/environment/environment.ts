import { NetworkEgress } from '../network/network';

/**
 * Sizes and protection of one environment. It names a region and zones, never an account, so that it synthesizes without
 * credentials.
 */
export interface Environment {
  /** Name, which is also the stage's. */
  readonly name: string;
  /** Region. */
  readonly region: string;
  /** Availability Zones, named so that no look-up is needed. */
  readonly availabilityZones: string[];
  /** How instances reach AWS. */
  readonly egress: NetworkEgress;
  /** Kinds of machines of the instances, the preferred one first, for example `t4g.small`; with several, what a zone is out of is made up for. */
  readonly instanceTypes: string[];
  /** Fewest instances. */
  readonly minInstances: number;
  /** Most instances. */
  readonly maxInstances: number;
  /** Requests a minute and instance that scaling aims at, beside the CPU. */
  readonly targetRequestsPerMinute: number;
  /** Nodes of the object cache. */
  readonly objectNodes: number;
  /** Kind of machine of the object cache's nodes, for example `cache.t4g.small`. */
  readonly objectNodeType: string;
  /** Replicas of the session store. */
  readonly sessionReplicas: number;
  /** Kind of machine of the session store's nodes. */
  readonly sessionNodeType: string;
  /** Kind of machine of the database, for example `t4g.medium`. */
  readonly databaseInstanceType: string;
  /** Whether the database has a standby in another zone. */
  readonly databaseMultiAz: boolean;
  /** Size of the database's storage in GiB; it grows by itself. */
  readonly databaseStorageGiB: number;
  /** Days that backups of the database and snapshots of the sessions are kept. */
  readonly backupRetentionDays: number;
  /** Days that logs are kept. */
  readonly logRetentionDays: number;
  /** Whether data, secrets and logs are encrypted with a key of the environment's own. */
  readonly customerKey: boolean;
  /** Whether stacks, database and load balancer are protected from deletion, and data is kept. */
  readonly protect: boolean;
  /** Whether visitors come over plain HTTP, for development. */
  readonly insecureHttp: boolean;
  /** Certificate of the load balancer, of the environment's region. Needed unless `insecureHttp`. */
  readonly certificateArn?: string;
  /** Address range (CIDR) that may reach the load balancer. */
  readonly allowFrom?: string;
  /** Who is told of alarms and of the budget. */
  readonly alarmEmail?: string;
  /** What the environment may cost a month, in USD. */
  readonly monthlyBudgetUsd: number;
}

/** Small, cheap, disposable, and still of every kind that production has. */
export const DEV: Environment = {
  name: 'dev',
  region: 'us-east-1',
  availabilityZones: ['us-east-1a', 'us-east-1b'],
  egress: NetworkEgress.ONE_NAT,
  instanceTypes: ['t4g.small'],
  minInstances: 2,
  maxInstances: 4,
  targetRequestsPerMinute: 6_000,
  objectNodes: 2,
  objectNodeType: 'cache.t4g.micro',
  sessionReplicas: 1,
  sessionNodeType: 'cache.t4g.micro',
  databaseInstanceType: 't4g.micro',
  databaseMultiAz: false,
  databaseStorageGiB: 20,
  backupRetentionDays: 1,
  logRetentionDays: 7,
  customerKey: false,
  protect: false,
  insecureHttp: true,
  monthlyBudgetUsd: 250,
};

/** Production in small: its encryption, failover and HTTPS, on smaller machines in two zones, and not protected. */
export const STAGING: Environment = {
  ...DEV,
  name: 'staging',
  objectNodeType: 'cache.t4g.small',
  sessionReplicas: 2,
  sessionNodeType: 'cache.t4g.small',
  databaseInstanceType: 't4g.medium',
  databaseMultiAz: true,
  backupRetentionDays: 7,
  logRetentionDays: 30,
  customerKey: true,
  insecureHttp: false,
  monthlyBudgetUsd: 600,
};

/** Three zones, machines without CPU credits, everything protected. */
export const PROD: Environment = {
  ...STAGING,
  name: 'prod',
  availabilityZones: ['us-east-1a', 'us-east-1b', 'us-east-1c'],
  egress: NetworkEgress.NAT_PER_ZONE,
  instanceTypes: ['m7g.medium', 'm7gd.medium'],
  minInstances: 3,
  maxInstances: 12,
  objectNodes: 3,
  objectNodeType: 'cache.m7g.large',
  sessionNodeType: 'cache.m7g.large',
  databaseInstanceType: 'r6g.large',
  databaseStorageGiB: 100,
  backupRetentionDays: 35,
  logRetentionDays: 365,
  protect: true,
  monthlyBudgetUsd: 2_500,
};
