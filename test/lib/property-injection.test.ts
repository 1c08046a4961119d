import { CfnParameter, type InjectionContext, type IPropertyInjector, PropertyInjectors } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import {
  Application,
  CachedWebService,
  CacheEngine,
  CacheNodeType,
  CacheUser,
  Database,
  DatabaseCache,
  MemcachedCluster,
  ParameterGroup,
  ReplicationGroup,
  ServerlessCache,
  SessionStore,
  SubnetGroup,
  UserGroup,
  ValkeyVersion,
  WebFleet,
} from '../../lib';
import { applicationDirectory, newStack, only } from './stacks';

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
    Database,
    WebFleet,
    DatabaseCache,
    SessionStore,
    CachedWebService,
  ];
  const injectors = classes.map(({ PROPERTY_INJECTION_ID }) => new Defaults(PROPERTY_INJECTION_ID, {}));
  PropertyInjectors.of(stack).add(...injectors);

  new ReplicationGroup(stack, 'Group', { vpc, nodeType: CacheNodeType.R7G_LARGE });
  new MemcachedCluster(stack, 'Cluster', { vpc, nodeType: CacheNodeType.R7G_LARGE });
  new ServerlessCache(stack, 'Serverless', { vpc });
  new ParameterGroup(stack, 'Parameters', { engine });
  new SubnetGroup(stack, 'Subnets', { vpc });
  new CachedWebService(stack, 'Service', {
    vpc,
    insecureHttp: true,
    application: Application.fromDirectory(applicationDirectory()),
  });

  expect(new Set(injectors.map(({ constructUniqueId }) => constructUniqueId)).size).toBe(classes.length);
  expect(injectors.map(({ seen }) => seen)).toEqual([
    ['Test/Group', 'Test/Service/Sessions/Cache'],
    ['Test/Cluster', 'Test/Service/Objects/Cache'],
    ['Test/Serverless'],
    ['Test/Group/User', 'Test/Serverless/User', 'Test/Service/Sessions/Cache/User'],
    ['Test/Group/Users', 'Test/Serverless/Users', 'Test/Service/Sessions/Cache/Users'],
    ['Test/Parameters', 'Test/Service/Sessions/Cache/Parameters'],
    ['Test/Subnets'],
    ['Test/Service/Database'],
    ['Test/Service/Fleet'],
    ['Test/Service/Objects'],
    ['Test/Service/Sessions'],
    ['Test/Service'],
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

test('defaults for parts of a pattern hold where the pattern was told nothing', () => {
  const { stack, vpc } = newStack();
  PropertyInjectors.of(stack).add(
    new Defaults(Database.PROPERTY_INJECTION_ID, { multiAz: false, deletionProtection: false }),
    new Defaults(SessionStore.PROPERTY_INJECTION_ID, { replicas: 1 }),
    new Defaults(DatabaseCache.PROPERTY_INJECTION_ID, { nodes: 3 }),
  );

  new CachedWebService(stack, 'Service', {
    vpc,
    insecureHttp: true,
    application: Application.fromDirectory(applicationDirectory()),
  });

  expect(only(stack, 'AWS::RDS::DBInstance').Properties).toMatchObject({ MultiAZ: false, DeletionProtection: false });
  expect(only(stack, 'AWS::ElastiCache::ReplicationGroup').Properties.NumCacheClusters).toBe(2);
  expect(only(stack, 'AWS::ElastiCache::CacheCluster').Properties.NumCacheNodes).toBe(3);
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
