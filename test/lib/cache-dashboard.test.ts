import { Template } from 'aws-cdk-lib/assertions';
import {
  Application,
  CacheDashboard,
  CachedWebService,
  CacheNodeType,
  ReplicationGroup,
  ServerlessCache,
} from '../../lib';
import { applicationDirectory, newStack } from './stacks';

/** The widgets of the only dashboard, with references as `<id>`. */
function widgetsOf(stack: ReturnType<typeof newStack>['stack']): any[] {
  const [dashboard] = Object.values(Template.fromStack(stack).findResources('AWS::CloudWatch::Dashboard'));
  const body = dashboard?.Properties.DashboardBody;
  const text =
    typeof body === 'string'
      ? body
      : body['Fn::Join'][1].map((part: unknown) => (typeof part === 'string' ? part : '<id>')).join('');
  return JSON.parse(text).widgets;
}

test('the caches, the database that they relieve and the fleet stand side by side', () => {
  const { stack, vpc } = newStack();
  const { objects, sessions, database, fleet } = new CachedWebService(stack, 'Service', {
    vpc,
    application: Application.fromDirectory(applicationDirectory()),
    insecureHttp: true,
  });

  new CacheDashboard(stack, 'Dashboard', { caches: { objects, sessions }, database, fleet });

  const widgets = widgetsOf(stack);
  const columns = new Map<number, string[]>();
  for (const { x, width, properties } of widgets) {
    expect(width).toBe(8);
    columns.set(x, [...(columns.get(x) ?? []), properties.title]);
  }
  expect([...columns]).toEqual([
    [
      0,
      [
        'objects: answered and not (memcached 1.6.22)',
        'objects: evictions and connections',
        'sessions: answered and not (valkey 8.1)',
        'sessions: evictions and connections',
        'sessions: busiest node',
      ],
    ],
    [8, ['Queries that the database was spared', 'Who answers: the caches or the database', 'Database']],
    [16, ['Requests', 'Time to answer', 'Instances']],
  ]);
});

test('the queries avoided are the hits of the caches in front of the database', () => {
  const { stack, vpc } = newStack();
  const { objects, sessions, database } = new CachedWebService(stack, 'Service', {
    vpc,
    application: Application.fromDirectory(applicationDirectory()),
    insecureHttp: true,
  });

  new CacheDashboard(stack, 'Dashboard', { caches: { objects, sessions }, inFrontOfDatabase: ['objects'], database });

  const avoided = widgetsOf(stack).find(({ properties }) => properties.title.startsWith('Queries'));
  const [[{ expression }], ...parts] = avoided.properties.metrics;
  expect(expression).toBe('SUM([FILL(avoided0, 0)])');
  expect(parts.flat().filter((part: unknown) => typeof part === 'string' && /Hits$/.test(part))).toEqual([
    'GetHits',
    'GetHits',
  ]);
});

test('a cache alone fills the width', () => {
  const { stack, vpc } = newStack();
  const cache = new ServerlessCache(stack, 'Cache', { vpc });

  new CacheDashboard(stack, 'Dashboard', { caches: { pages: cache }, dashboardName: 'pages' });

  expect(widgetsOf(stack).map(({ width }) => width)).toEqual([24, 24]);
  Template.fromStack(stack).hasResourceProperties('AWS::CloudWatch::Dashboard', { DashboardName: 'pages' });
});

test('more can be added to it', () => {
  const { stack, vpc } = newStack();
  const cache = new ReplicationGroup(stack, 'Cache', { vpc, nodeType: CacheNodeType.R7G_LARGE });

  const { dashboard } = new CacheDashboard(stack, 'Dashboard', { caches: { ranks: cache } });

  expect(dashboard.node.path).toBe('Test/Dashboard/Resource');
});

test('fails if a cache in front of the database is not shown', () => {
  const { stack, vpc } = newStack();
  const caches = { pages: new ServerlessCache(stack, 'Cache', { vpc }) };

  expect(() => new CacheDashboard(stack, 'Dashboard', { caches, inFrontOfDatabase: ['other'] })).toThrow(
    '`inFrontOfDatabase` names other, which is none of the `caches`: pages',
  );
});

test('fails if there is nothing to show', () => {
  const { stack } = newStack();

  expect(() => new CacheDashboard(stack, 'Dashboard', { caches: {} })).toThrow('`caches` must name at least one cache');
});
