/** What many caches cost to construct and to synthesize, beside the same resources as bare L1s, in one process. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elasticache from 'aws-cdk-lib/aws-elasticache';
import { Construct } from 'constructs';
import cdkJson from '../cdk.json';
import { CacheNodeType, MemcachedCluster, ReplicationGroup } from '../lib';
import { median, print } from './report';

// Before the first synth: validation costs both sides the same, and hides what they differ in.
process.env.CDK_VALIDATION = 'false';

const ROUNDS = 7;
const SIZES = [50, 100, 200, 400];

/** Caches a stack: CloudFormation takes 500 resources. */
const PER_STACK = 50;

type Fill = (stack: Stack, vpc: ec2.IVpc, index: number, kind: Kind) => void;

type Kind = 'replication groups' | 'Memcached clusters';

function oursIn(stack: Stack, vpc: ec2.IVpc, index: number, kind: Kind): void {
  if (kind === 'replication groups') {
    new ReplicationGroup(stack, `Cache${index}`, { vpc, nodeType: CacheNodeType.R7G_LARGE });
  } else {
    new MemcachedCluster(stack, `Cache${index}`, { vpc, nodeType: CacheNodeType.R7G_LARGE });
  }
}

/** The very same resources, written by hand. */
function l1In(stack: Construct, vpc: ec2.IVpc, index: number, kind: Kind): void {
  const id = `Cache${index}`;
  const { subnetIds } = vpc.selectSubnets({ subnetType: ec2.SubnetType.PRIVATE_ISOLATED });
  const securityGroup = new ec2.CfnSecurityGroup(stack, `${id}Group`, {
    vpcId: vpc.vpcId,
    groupDescription: `Nodes of ${id}`,
    securityGroupEgress: [
      {
        cidrIp: '255.255.255.255/32',
        description: 'Disallow all traffic',
        ipProtocol: 'icmp',
        fromPort: 252,
        toPort: 86,
      },
    ],
  });
  const subnets = new elasticache.CfnSubnetGroup(stack, `${id}Subnets`, { description: `Subnets of ${id}`, subnetIds });
  if (kind === 'replication groups') {
    const user = new elasticache.CfnUser(stack, `${id}User`, {
      engine: 'valkey',
      userId: `user-${index}`,
      userName: `user-${index}`,
      accessString: 'on ~* &* +@all -@admin -@dangerous',
      authenticationMode: { Type: 'iam' },
    });
    const users = new elasticache.CfnUserGroup(stack, `${id}Users`, {
      engine: 'valkey',
      userGroupId: `users-${index}`,
      userIds: [user.ref],
    });
    const group = new elasticache.CfnReplicationGroup(stack, id, {
      replicationGroupDescription: id,
      engine: 'valkey',
      engineVersion: '8.1',
      cacheNodeType: 'cache.r7g.large',
      numCacheClusters: 2,
      automaticFailoverEnabled: true,
      multiAzEnabled: true,
      cacheParameterGroupName: 'default.valkey8',
      cacheSubnetGroupName: subnets.ref,
      securityGroupIds: [securityGroup.attrGroupId],
      port: 6_379,
      atRestEncryptionEnabled: true,
      transitEncryptionEnabled: true,
      userGroupIds: [users.ref],
      snapshotRetentionLimit: 7,
      autoMinorVersionUpgrade: true,
    });
    group.cfnOptions.deletionPolicy = group.cfnOptions.updateReplacePolicy = 'Snapshot' as never;
  } else {
    new elasticache.CfnCacheCluster(stack, id, {
      engine: 'memcached',
      engineVersion: '1.6.22',
      cacheNodeType: 'cache.r7g.large',
      numCacheNodes: 2,
      azMode: 'cross-az',
      preferredAvailabilityZones: ['us-east-1a', 'us-east-1b'],
      cacheParameterGroupName: 'default.memcached1.6',
      cacheSubnetGroupName: subnets.ref,
      vpcSecurityGroupIds: [securityGroup.attrGroupId],
      port: 11_211,
      transitEncryptionEnabled: true,
      autoMinorVersionUpgrade: true,
    });
  }
}

const FILLS: Readonly<Record<string, Fill>> = {
  ours: oursIn,
  // As the resources of a cache stand in most apps: in a construct of their own, with ids that are hashed.
  'L1s in constructs': (stack, vpc, index, kind) => l1In(new Construct(stack, `Cache${index}`), vpc, index, kind),
  // All in the stack itself, where CDK hashes no id and has no tree to walk.
  'L1s in the stack': l1In,
};

/** Milliseconds that so many caches take, from the first construct to the written templates, and their resources. */
function run(fill: Fill, caches: number, kind: Kind): { ms: number; resources: number } {
  const outdir = mkdtempSync(join(tmpdir(), 'bench-caches-'));
  const app = new App({ context: cdkJson.context, outdir, analyticsReporting: false });
  const places = Array.from({ length: Math.ceil(caches / PER_STACK) }, (_, index) => {
    const stack = new Stack(app, `Stack${index}`, { env: { region: 'us-east-1' } });
    const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: 'vpc-1',
      availabilityZones: ['us-east-1a', 'us-east-1b'],
      isolatedSubnetIds: ['subnet-1', 'subnet-2'],
      // Without them each subnet warns.
      isolatedSubnetRouteTableIds: ['rtb-1', 'rtb-2'],
    });
    return { stack, vpc };
  });
  const startedAt = performance.now();
  for (let index = 0; index < caches; index += 1) {
    const { stack, vpc } = places[Math.floor(index / PER_STACK)] as (typeof places)[number];
    fill(stack, vpc, index, kind);
  }
  const assembly = app.synth();
  const ms = performance.now() - startedAt;
  const resources = assembly.stacks.reduce((sum, { template }) => sum + Object.keys(template.Resources).length, 0);
  rmSync(outdir, { recursive: true });
  return { ms, resources };
}

for (const fill of Object.values(FILLS)) {
  run(fill, 50, 'replication groups');
}
const KINDS: Kind[] = ['replication groups', 'Memcached clusters'];
const rows = KINDS.flatMap((kind) => SIZES.map((caches) => row(kind, caches)));

function row(kind: Kind, caches: number): Record<string, string | number> {
  const times: Record<string, number[]> = {};
  const resources = new Set<number>();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, fill] of Object.entries(FILLS)) {
      const result = run(fill, caches, kind);
      times[name] = [...(times[name] ?? []), result.ms];
      resources.add(result.resources);
    }
  }
  if (resources.size !== 1) {
    throw new Error(`not the same resources: ${[...resources].join(', ')}`);
  }
  const [own, inConstructs, inStack] = Object.keys(FILLS).map((name) => median(times[name] as number[]));
  const ratio = (peer?: number) => ((own as number) / (peer as number)).toFixed(2);
  return {
    kind,
    caches,
    resources: [...resources][0] as number,
    'ours, ms a cache': ((own as number) / caches).toFixed(2),
    'to L1s in constructs': ratio(inConstructs),
    'to L1s in the stack': ratio(inStack),
    'at most': 1.5,
  };
}

print('caches', rows);
