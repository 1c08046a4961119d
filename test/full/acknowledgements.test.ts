import { type App, Duration, Stack, Validations } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import {
  AuthToken,
  CacheEngine,
  CacheNodeType,
  CacheUser,
  MemcachedCluster,
  RedisVersion,
  ReplicationGroup,
  ServerlessCache,
  UserAuthentication,
  UserGroup,
  ValkeyVersion,
} from '../../lib';
import { everyAcknowledgementIsNeeded, findings } from '../lib/acknowledgements';
import { MatrixApp } from '../lib/matrix';
import { newApp } from '../lib/stacks';

const nodeType = CacheNodeType.R7G_LARGE;
const VALKEY = CacheEngine.valkey(ValkeyVersion.V8_1);
const REDIS_6 = CacheEngine.redis(RedisVersion.V6_2);

/** Caches of every kind, with every way to sign in. */
function cachesIn(app: App): void {
  const stack = new Stack(app, 'Test', { env: { region: 'us-east-1' } });
  const vpc = new ec2.Vpc(stack, 'Vpc', {
    availabilityZones: ['us-east-1a', 'us-east-1b'],
    natGateways: 0,
    subnetConfiguration: [{ name: 'Data', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }],
  });
  Validations.of(vpc).acknowledge({
    id: 'AwsSolutions-VPC7',
    reason: 'a network of the test alone, without flow logs',
  });
  const userGroup = new UserGroup(stack, 'Users', {
    engine: VALKEY,
    users: [
      new CacheUser(stack, 'Rotated', {
        engine: VALKEY,
        authentication: UserAuthentication.generatedPassword({ rotateAfter: Duration.days(30) }),
      }),
      new CacheUser(stack, 'Kept', { engine: VALKEY, authentication: UserAuthentication.generatedPassword() }),
    ],
  });
  new ReplicationGroup(stack, 'Valkey', { vpc, nodeType, userGroup });
  new ReplicationGroup(stack, 'Redis', { vpc, nodeType, engine: CacheEngine.redis(RedisVersion.V7_1) });
  new ReplicationGroup(stack, 'Token', {
    vpc,
    nodeType,
    engine: REDIS_6,
    shards: 2,
    authToken: AuthToken.generated({ rotateAfter: Duration.days(30) }),
  });
  new MemcachedCluster(stack, 'Memcached', { vpc, nodeType });
  new ServerlessCache(stack, 'Serverless', { vpc });
}

test('cdk-nag finds nothing in caches of every kind', () => {
  const app = newApp();
  cachesIn(app);

  expect(findings(app)).toEqual([]);
});

describe('every acknowledgement is needed', () => {
  everyAcknowledgementIsNeeded(cachesIn);

  test('without the one of E3026 the built-in validator refuses replicas without failover', () => {
    const found = (acknowledge: boolean) => {
      const spy = jest.spyOn(Validations.prototype, 'acknowledge');
      if (!acknowledge) {
        spy.mockImplementation(() => {});
      }
      const matrix = new MatrixApp();
      const { stack, vpc } = matrix.next();
      new ReplicationGroup(stack, 'Cache', {
        vpc,
        nodeType,
        engine: REDIS_6,
        authToken: AuthToken.generated(),
        automaticFailover: false,
      });
      const result = matrix.findings();
      spy.mockRestore();
      return result;
    };

    expect(found(true)).toEqual([]);
    expect(found(false).filter((finding) => finding.startsWith('E'))).toEqual([
      expect.stringContaining('E3026 at Stack0/Cache/Resource'),
    ]);
  });
});
