import { CfnParameter, type InjectionContext, type IPropertyInjector, PropertyInjectors } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import {
  CacheEngine,
  CacheNodeType,
  CacheUser,
  MemcachedCluster,
  ParameterGroup,
  ReplicationGroup,
  ServerlessCache,
  SubnetGroup,
  UserGroup,
  ValkeyVersion,
} from '../../lib';
import { newStack, only } from './stacks';

/** An organisation's defaults for one construct. */
class Defaults implements IPropertyInjector {
  readonly seen: string[] = [];

  constructor(
    readonly constructUniqueId: string,
    private readonly defaults: object,
  ) {}

  inject(props: object, { scope, id }: InjectionContext): object {
    this.seen.push(`${scope.node.path}/${id}`);
    return { ...this.defaults, ...props };
  }
}

test('an organisation sets its defaults for every construct', () => {
  const { stack, vpc } = newStack();
  const engine = CacheEngine.valkey(ValkeyVersion.V8_1);
  const classes = [
    ReplicationGroup,
    MemcachedCluster,
    ServerlessCache,
    CacheUser,
    UserGroup,
    ParameterGroup,
    SubnetGroup,
  ];
  const injectors = classes.map(({ PROPERTY_INJECTION_ID }) => new Defaults(PROPERTY_INJECTION_ID, {}));
  PropertyInjectors.of(stack).add(...injectors);

  new ReplicationGroup(stack, 'Group', { vpc, nodeType: CacheNodeType.R7G_LARGE });
  new MemcachedCluster(stack, 'Cluster', { vpc, nodeType: CacheNodeType.R7G_LARGE });
  new ServerlessCache(stack, 'Serverless', { vpc });
  new ParameterGroup(stack, 'Parameters', { engine });
  new SubnetGroup(stack, 'Subnets', { vpc });

  expect(new Set(injectors.map(({ constructUniqueId }) => constructUniqueId)).size).toBe(classes.length);
  expect(injectors.map(({ seen }) => seen)).toEqual([
    ['Test/Group'],
    ['Test/Cluster'],
    ['Test/Serverless'],
    ['Test/Group/User', 'Test/Serverless/User'],
    ['Test/Group/Users', 'Test/Serverless/Users'],
    ['Test/Parameters'],
    ['Test/Subnets'],
  ]);
});

test('the nearest injector counts, and what the user writes stands over it', () => {
  const { stack, vpc } = newStack();
  PropertyInjectors.of(stack.node.root).add(
    new Defaults(ReplicationGroup.PROPERTY_INJECTION_ID, { snapshotRetentionDays: 1, port: 6_400 }),
  );
  PropertyInjectors.of(stack).add(
    new Defaults(ReplicationGroup.PROPERTY_INJECTION_ID, { snapshotRetentionDays: 30, port: 6_500 }),
  );

  new ReplicationGroup(stack, 'Group', { vpc, nodeType: CacheNodeType.R7G_LARGE, port: 6_600 });

  expect(only(stack, 'AWS::ElastiCache::ReplicationGroup').Properties).toMatchObject({
    SnapshotRetentionLimit: 30,
    Port: 6_600,
  });
});

test('the resource underneath can be changed', () => {
  const { stack, vpc } = newStack();
  const { resource } = new ReplicationGroup(stack, 'Group', { vpc, nodeType: CacheNodeType.R7G_LARGE });

  resource.autoMinorVersionUpgrade = false;
  resource.addPropertyOverride('ReplicationGroupDescription', 'mine');

  expect(only(stack, 'AWS::ElastiCache::ReplicationGroup').Properties).toMatchObject({
    AutoMinorVersionUpgrade: false,
    ReplicationGroupDescription: 'mine',
  });
});

test('a name is written in lower case, as AWS stores it, and a token as it is', () => {
  const { stack, vpc } = newStack();
  const name = new CfnParameter(stack, 'Name').valueAsString;

  new SubnetGroup(stack, 'Plain', { vpc, subnetGroupName: 'Caches' });
  new SubnetGroup(stack, 'Token', { vpc, subnetGroupName: name });

  const names = Object.values(Template.fromStack(stack).findResources('AWS::ElastiCache::SubnetGroup')).map(
    ({ Properties }) => Properties.CacheSubnetGroupName,
  );
  expect(names).toEqual(['caches', { Ref: 'Name' }]);
});
