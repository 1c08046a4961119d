import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SecretValue, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import {
  Application,
  AuthToken,
  CacheEngine,
  CacheNodeType,
  CacheUser,
  Database,
  RedisVersion,
  ReplicationGroup,
  UserAuthentication,
  UserGroup,
  ValkeyVersion,
  WebFleet,
} from '../../lib';
import { applicationDirectory, newApp, warnings } from './stacks';

/** A value that no file of an assembly may hold. It stands where the credentials of who synthesizes stand. */
const CANARY = 'canary-4f1d9c7e-do-not-leak';

/** All files of an assembly that hold a text. */
function holders(directory: string, text: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) => {
    const path = join(directory, name);
    return statSync(path).isFile() && readFileSync(path).includes(text);
  });
}

/** A secret of Secrets Manager that was planted, which the template must only ever name. */
function planted(stack: Stack, id: string): secretsmanager.ISecret {
  return new secretsmanager.Secret(stack, id, { description: 'planted' });
}

test('what secrets hold stands in no file of the assembly, wherever a secret can be given', () => {
  for (const name of ['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'DATABASE_PASSWORD']) {
    process.env[name] = CANARY;
  }
  const app = newApp();
  const stack = new Stack(app, 'Test', { env: { region: 'us-east-1' } });
  const vpc = new ec2.Vpc(stack, 'Vpc', { availabilityZones: ['us-east-1a', 'us-east-1b'] });
  const engine = CacheEngine.valkey(ValkeyVersion.V8_1);
  const nodeType = CacheNodeType.T4G_SMALL;

  const users = [
    UserAuthentication.secret(planted(stack, 'UserSecret')),
    UserAuthentication.generatedPassword(),
    UserAuthentication.passwords(SecretValue.secretsManager('one'), SecretValue.secretsManager('two')),
  ].map((authentication, index) => new CacheUser(stack, `User${index}`, { engine, authentication }));
  const group = new ReplicationGroup(stack, 'Users', {
    vpc,
    nodeType,
    userGroup: new UserGroup(stack, 'UserGroup', { engine, users }),
  });
  const redis = CacheEngine.redis(RedisVersion.V6_2);
  for (const [id, authToken] of Object.entries({
    Secret: AuthToken.secret(planted(stack, 'TokenSecret')),
    Generated: AuthToken.generated(),
    Value: AuthToken.value(SecretValue.secretsManager('three')),
  })) {
    new ReplicationGroup(stack, id, { vpc, nodeType, engine: redis, authToken });
  }
  const fleet = new WebFleet(stack, 'Web', {
    vpc,
    insecureHttp: true,
    application: Application.fromDirectory(applicationDirectory()),
  });
  fleet.useCache('sessions', group);
  fleet.useDatabase('main', new Database(stack, 'Database', { vpc, readReplicas: 1 }));
  fleet.useDatabase(
    'legacy',
    Database.fromDatabaseInstance(stack, 'Legacy', {
      instance: rds.DatabaseInstance.fromDatabaseInstanceAttributes(stack, 'Instance', {
        instanceIdentifier: 'films',
        instanceEndpointAddress: 'films.abc.us-east-1.rds.amazonaws.com',
        port: 5432,
        securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-0123456789abcdef0')],
        engine: rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_16 }),
      }),
      vpc,
      databaseName: 'films',
      applicationUser: 'portal',
      masterUser: 'boss',
      masterSecret: planted(stack, 'MasterSecret'),
      applicationSecret: planted(stack, 'ApplicationSecret'),
    }),
  );
  const { directory } = app.synth();

  expect(holders(directory, CANARY)).toEqual([]);
  // The search finds what is there: a reference to each secret stands in the template.
  for (const name of ['UserSecret', 'TokenSecret', 'MasterSecret', 'ApplicationSecret']) {
    expect(holders(directory, `{"Ref":"${name}`).length + holders(directory, `"Ref": "${name}`).length).toBeGreaterThan(
      0,
    );
  }
  for (const name of ['one', 'two', 'three']) {
    expect(holders(directory, `{{resolve:secretsmanager:${name}:`).length).toBeGreaterThan(0);
  }
});

test.each<[string, (stack: Stack, value: SecretValue) => unknown]>([
  [
    'a password',
    (stack, value) =>
      new CacheUser(stack, 'User', {
        engine: CacheEngine.valkey(ValkeyVersion.V8_1),
        authentication: UserAuthentication.passwords(value),
      }),
  ],
  [
    'an AUTH token',
    (stack, value) =>
      new ReplicationGroup(stack, 'Cache', {
        vpc: new ec2.Vpc(stack, 'Vpc', { availabilityZones: ['us-east-1a', 'us-east-1b'] }),
        nodeType: CacheNodeType.T4G_SMALL,
        engine: CacheEngine.redis(RedisVersion.V6_2),
        authToken: AuthToken.value(value),
      }),
  ],
])('%s in plain text is warned of, and no message repeats it', (_, make) => {
  const stack = new Stack(newApp(), 'Test', { env: { region: 'us-east-1' } });

  make(stack, SecretValue.unsafePlainText(CANARY));

  expect(warnings(stack).filter((text) => text.includes('stands in the template as plain text'))).toHaveLength(1);
  expect(warnings(stack).join()).not.toContain(CANARY);
});
