import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type App, Stack, Validations } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { CfnReplicationGroup } from 'aws-cdk-lib/aws-elasticache';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import {
  CacheNodeType,
  CacheReachability,
  type CacheReachabilityProps,
  Network,
  NetworkEgress,
  ReplicationGroup,
} from '../../lib';
import { connectFunction } from '../../lib/patterns/cache-client';
import { temporaryFolder } from '../engines/temporary-folder';
import { newApp } from '../lib/stacks';

interface Made {
  readonly ops: Stack;
  readonly network: Network;
  readonly cache: ReplicationGroup;
  readonly handler: lambda.Function;
}

/** An app of three stacks with a network, a cache and a function. */
function appWith(use: (made: Made) => void, egress = NetworkEgress.ONE_NAT): App {
  const app = newApp();
  const [net, data, ops] = ['net', 'data', 'ops'].map((id) => new Stack(app, id, { env: { region: 'us-east-1' } })) as [
    Stack,
    Stack,
    Stack,
  ];
  const network = new Network(net, 'Network', { availabilityZones: ['us-east-1a', 'us-east-1b'], egress });
  const { vpc, dataSubnets, serviceSubnets } = network;
  const cache = new ReplicationGroup(data, 'Cache', {
    vpc,
    vpcSubnets: dataSubnets,
    nodeType: CacheNodeType.T4G_SMALL,
  });
  const handler = new lambda.Function(ops, 'Handler', {
    runtime: lambda.Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: lambda.Code.fromInline('exports.handler = () => {}'),
    vpc,
    vpcSubnets: serviceSubnets,
  });
  use({ ops, network, cache, handler });
  return app;
}

/** What a synth says: whether it fails, and each violation as `severity rule at construct: description`. */
function synth(app: App, props?: CacheReachabilityProps) {
  Validations.of(app).addPlugins(new CacheReachability(props));
  const error = jest.spyOn(console, 'error').mockImplementation(() => {});
  let fails = false;
  try {
    app.synth();
  } catch {
    fails = true;
  } finally {
    error.mockRestore();
  }
  const { pluginReports } = JSON.parse(readFileSync(join(app.outdir, 'validation-report.json'), 'utf8'));
  const own = pluginReports.find((report: { pluginName: string }) => report.pluginName === 'CacheReachability');
  const said = (own?.violations ?? []).map(
    ({ severity, customSeverity, ruleName, violatingConstructs, description }: Record<string, any>) =>
      `${customSeverity ?? severity} ${ruleName} at ${violatingConstructs[0].constructPath}: ${description}`,
  );
  return { fails, said };
}

const connect = ({ handler, cache }: Made) => connectFunction(handler, { caches: { sessions: cache }, databases: {} });

const bastionIn = ({ ops, network }: Made): ec2.BastionHostLinux =>
  new ec2.BastionHostLinux(ops, 'Bastion', { vpc: network.vpc, subnetSelection: network.serviceSubnets });

test.each(Object.values(NetworkEgress))('a function that is connected passes in silence, with %s', (egress) => {
  expect(synth(appWith(connect, egress))).toEqual({ fails: false, said: [] });
});

test('a function that is not let in stops the synth, with the rule that is missing', () => {
  const app = appWith((made) => {
    made.handler.addEnvironment(
      'CACHE_HOST',
      (made.cache.node.defaultChild as CfnReplicationGroup).attrPrimaryEndPointAddress,
    );
  });

  expect(synth(app)).toEqual({
    fails: true,
    said: [
      expect.stringMatching(
        /^error cache-unreachable at ops\/Handler\/Resource: no rule lets ops\/Handler\w+ reach data\/Cache\w+ on tcp 6379: the security group data\/CacheSecurityGroup\w+ has no ingress from ops\/HandlerSecurityGroup\w+$/,
      ),
    ],
  });
});

test('a bastion may reach the cache where that is allowed only', () => {
  const withBastion = () =>
    appWith((made) => {
      connect(made);
      const [group] = made.cache.connections.securityGroups as [ec2.ISecurityGroup];
      for (const client of bastionIn(made).connections.securityGroups) {
        group.addIngressRule(client, ec2.Port.tcp(6_379), 'Bastion', true);
      }
    });

  expect(synth(withBastion())).toEqual({
    fails: true,
    said: [
      expect.stringMatching(/^error unexpected-access at data\/Cache\/Resource: ops\/Bastion\w+ can reach data\/Cache/),
    ],
  });
  expect(synth(withBastion(), { allowed: ['ops/Bastion'] })).toEqual({ fails: false, said: [] });
});

test('who is to reach it can be given by a path', () => {
  const app = appWith((made) => {
    bastionIn(made);
  });

  expect(synth(app, { consumers: ['ops/Bastion'] })).toEqual({
    fails: true,
    said: [expect.stringMatching(/^error cache-unreachable at ops\/Bastion\/Resource\/Resource: /)],
  });
});

test('a network that is looked up is unknown, and that stops nothing', () => {
  const app = newApp();
  const stack = new Stack(app, 'app', { env: { region: 'us-east-1' } });
  const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-1',
    availabilityZones: ['us-east-1a', 'us-east-1b'],
    privateSubnetIds: ['subnet-1', 'subnet-2'],
  });
  const cache = new ReplicationGroup(stack, 'Cache', { vpc, nodeType: CacheNodeType.T4G_SMALL });
  const handler = new lambda.Function(stack, 'Handler', {
    runtime: lambda.Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: lambda.Code.fromInline('exports.handler = () => {}'),
    vpc,
  });
  connectFunction(handler, { caches: { sessions: cache }, databases: {} });

  const { fails, said } = synth(app);

  expect(fails).toBe(false);
  expect(said).toEqual([
    expect.stringMatching(
      /^informational reachability-unknown at app\/Handler\/Resource: .*: the network ACL of subnet-1 is not in the templates$/,
    ),
  ]);
});

test('the paths are drawn into a file', () => {
  const picture = join(temporaryFolder('picture'), 'paths.svg');

  synth(appWith(connect), { picture });

  expect(readFileSync(picture, 'utf8')).toMatch(/^<svg [\s\S]*Handler[\s\S]*class="line open"[\s\S]*<\/svg>\n$/);
});

test('names that are of nothing are an error', () => {
  const app = appWith(connect);
  Validations.of(app).addPlugins(new CacheReachability({ allowed: ['ops/Nobody'] }));
  const error = jest.spyOn(console, 'error').mockImplementation(() => {});

  expect(() => app.synth()).toThrow(/must name constructs with security groups, got ops\/Nobody/);
  error.mockRestore();
});
