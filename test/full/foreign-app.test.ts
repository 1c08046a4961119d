import { readFileSync } from 'node:fs';
import { createConnection } from 'mysql2/promise';
import type { LocalEnvironment } from '../../local/environment';
import { connect } from '../../runtime';
import { type Binding, parseBinding } from '../../runtime/binding';
import { writeAssembly } from '../assembly/write-assembly';
import { removeFolders, stateDirectory, up } from './local/environments';

/** What an app might have that uses none of our constructs, with its users and parameters. */
const RESOURCES = {
  Sharded: {
    Type: 'AWS::ElastiCache::ReplicationGroup',
    Properties: {
      Engine: 'valkey',
      CacheNodeType: 'cache.r7g.large',
      NumNodeGroups: 2,
      ReplicasPerNodeGroup: 1,
      TransitEncryptionEnabled: true,
      UserGroupIds: [{ Ref: 'Users' }],
    },
  },
  Serverless: {
    Type: 'AWS::ElastiCache::ServerlessCache',
    Properties: {
      Engine: 'valkey',
      MajorEngineVersion: '8',
      ServerlessCacheName: 'growing',
      UserGroupId: { Ref: 'Users' },
    },
  },
  Objects: {
    Type: 'AWS::ElastiCache::CacheCluster',
    Properties: {
      Engine: 'memcached',
      NumCacheNodes: 2,
      CacheNodeType: 'cache.t4g.small',
      CacheParameterGroupName: { Ref: 'ObjectParameters' },
    },
  },
  ObjectParameters: {
    Type: 'AWS::ElastiCache::ParameterGroup',
    Properties: {
      CacheParameterGroupFamily: 'memcached1.6',
      Properties: { max_item_size: '2097152', binding_protocol: 'auto' },
    },
  },
  Users: { Type: 'AWS::ElastiCache::UserGroup', Properties: { UserGroupId: 'all', UserIds: [{ Ref: 'User' }] } },
  User: {
    Type: 'AWS::ElastiCache::User',
    Properties: { UserId: 'web', UserName: 'web', AccessString: 'on ~* &* +@all', AuthenticationMode: { Type: 'iam' } },
  },
  Shop: {
    Type: 'AWS::RDS::DBInstance',
    Properties: {
      Engine: 'mysql',
      DBName: 'shop',
      MasterUsername: 'owner',
      DBParameterGroupName: { Ref: 'ShopParameters' },
    },
  },
  ShopParameters: {
    Type: 'AWS::RDS::DBParameterGroup',
    Properties: {
      Parameters: { max_connections: '77', innodb_buffer_pool_size: '{DBInstanceClassMemory*3/4}', no_such: '1' },
    },
  },
  Queue: { Type: 'AWS::SQS::Queue' },
};

const lines: string[] = [];
let environment: LocalEnvironment;
let binding: Binding;

beforeAll(async () => {
  const { directory } = writeAssembly({ stacks: { Mine: { Resources: RESOURCES } } });
  environment = await up({ assembly: directory, stateDirectory: stateDirectory(), report: (line) => lines.push(line) });
  binding = parseBinding(readFileSync(environment.bindings, 'utf8'), environment.bindings);
});

afterAll(async () => {
  await environment?.close();
  removeFolders();
});

test('it runs as far as its resources are known, and lists the others', () => {
  expect(environment.address).toBeUndefined();
  expect(lines.map((line) => line.replace(/\d+\.\d+(\.\d+)?/, 'V').replace(/ \([\d.]+ s\)/, ''))).toEqual([
    '! not run here: AWS::SQS::Queue',
    expect.stringMatching(/^✓ (Valkey|Redis) V.*: 2 shards of a primary and 1 replica$/),
    expect.stringMatching(/^✓ (Valkey|Redis) V: a cluster, standing in for a serverless cache$/),
    '✓ memcached V: 2 nodes',
    '! parameters of Mine/Objects that are not applied here: binding_protocol',
    '✓ MariaDB V, standing in for MySQL',
    '! parameters of Mine/Shop that are not applied here: innodb_buffer_pool_size, no_such',
    '! no fleet runs: no Auto Scaling group here was made by a `WebFleet`',
  ]);
});

test('the bindings file lets an application of one’s own use them, through the runtime', async () => {
  const caches = connect({ CACHE_BINDINGS_FILE: environment.bindings });
  try {
    await caches.ready(5_000);
    for (const name of ['Sharded', 'Serverless', 'Objects']) {
      const namespace = caches.cache(name).namespace<string>('x', { ttlMs: 60_000 });
      await namespace.getOrLoad(1, async () => name);

      expect((await namespace.lookup(1, async () => 'again')).value).toBe(name);
      expect((await namespace.lookup(1, async () => 'again')).outcome).toBe('hit');
    }
  } finally {
    await caches.close();
  }
});

test('memory and parameters are the template’s', async () => {
  const [sharded, objects] = ['Sharded', 'Objects'].map((name) =>
    [...environment.engineRoom.caches.values()].find(({ plan }) => plan.label === `Mine/${name}`),
  );
  if (sharded?.kind !== 'group' || objects?.kind !== 'memcached') {
    throw new Error('the caches are of other kinds');
  }

  // An eighth of 14,037,181,030 bytes is more than the most that a node here may have.
  expect((await sharded.cache.all[0]?.info('memory'))?.get('maxmemory')).toBe(String(1024 ** 3));
  // An eighth of 1,471,026,299 bytes, in whole MiB.
  expect((await objects.cache.all[0]?.stats())?.get('limit_maxbytes')).toBe(String(175 * 1024 ** 2));
});

test('MySQL’s parameters are applied', async () => {
  const { host, port, user, name, ca, auth } = binding.databases.Shop as NonNullable<Binding['databases'][string]>;
  const connection = await createConnection({
    host,
    port,
    user,
    database: name,
    password: auth.type === 'password' ? auth.password : '',
    ssl: { ca: readFileSync(ca as string, 'utf8') },
  });
  const [rows] = await connection.query("show variables like 'max_connections'");
  await connection.end();

  expect([user, name]).toEqual(['owner', 'shop']);
  expect(rows).toEqual([{ Variable_name: 'max_connections', Value: '77' }]);
});
