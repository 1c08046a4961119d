import { DescribeDBInstancesCommand, paginateDescribeDBInstances, RDSClient } from '@aws-sdk/client-rds';
import { CREATED_AT, database } from './fake-environment';
import { refusal, StartedEndpoint } from './started-endpoint';

let started: StartedEndpoint;
let client: RDSClient;

beforeEach(async () => {
  started = await StartedEndpoint.start();
  client = new RDSClient(started.configuration);
});

afterEach(async () => {
  client.destroy();
  await started.close();
});

test('describes a database as the template asks for it, and where it is', async () => {
  const { DBInstances } = await client.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: 'films' }));

  expect(DBInstances).toMatchObject([
    {
      DBInstanceIdentifier: 'films',
      DBInstanceStatus: 'available',
      DBInstanceClass: 'db.t4g.micro',
      Engine: 'postgres',
      EngineVersion: '17',
      Endpoint: { Address: 'localhost', Port: 5_432 },
      InstanceCreateTime: CREATED_AT,
      MultiAZ: false,
      StorageEncrypted: true,
      AllocatedStorage: 20,
      MaxAllocatedStorage: 100,
      BackupRetentionPeriod: 1,
      IAMDatabaseAuthenticationEnabled: true,
      PendingModifiedValues: {},
      DBParameterGroups: [{ DBParameterGroupName: 'films-parameters', ParameterApplyStatus: 'in-sync' }],
      DBInstanceArn: 'arn:aws:rds:us-east-1:000000000000:db:films',
    },
  ]);
});

test('a database whose process has ended has failed', async () => {
  started.environment.databases = [{ ...database('films'), isUp: false }];

  const { DBInstances } = await client.send(new DescribeDBInstancesCommand({}));

  expect(DBInstances).toMatchObject([{ DBInstanceStatus: 'failed' }]);
});

test('pages through databases by 20 to 100', async () => {
  started.environment.databases = Array.from({ length: 45 }, (_, index) => database(`films-${100 + index}`));
  const sizes: number[] = [];
  for await (const page of paginateDescribeDBInstances({ client, pageSize: 20 }, {})) {
    sizes.push(page.DBInstances?.length ?? 0);
  }

  expect(sizes).toEqual([20, 20, 5]);
  expect(await refusal(client.send(new DescribeDBInstancesCommand({ MaxRecords: 19 })))).toMatchObject({
    name: 'InvalidParameterValue',
  });
});

test('does not find a database that is not there', async () => {
  const error = await refusal(client.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: 'x' })));

  expect(error.name).toBe('DBInstanceNotFoundFault');
  expect(error.$metadata.httpStatusCode).toBe(404);
});
