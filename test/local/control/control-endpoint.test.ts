import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import {
  DescribeCacheClustersCommand,
  DescribeEventsCommand,
  DescribeReplicationGroupsCommand,
  DescribeUsersCommand,
  TestFailoverCommand,
} from '@aws-sdk/client-elasticache';
import { ControlEndpoint } from '../../../local/control/control-endpoint';
import { CREATED_AT, FakeGroup } from './fake-environment';
import { AUTHORIZATION, write } from './raw-request';
import { refusal, StartedEndpoint } from './started-endpoint';

let started: StartedEndpoint;

beforeEach(async () => {
  started = await StartedEndpoint.start();
});

afterEach(() => started.close());

test('an operation that is not there is an error of the SDK like any other', async () => {
  const error = await refusal(started.client.send(new DescribeUsersCommand({})));

  expect(error.name).toBe('InvalidAction');
  expect(error.message).toMatch(
    /^Could not find operation DescribeUsers for version 2015-02-02\. The local environment has: .*DescribeEvents, /,
  );
});

test('an error of its own is told to the user and not to the caller', async () => {
  Object.defineProperty(started.environment.sessions, 'shards', {
    get: () => {
      throw new Error('a secret');
    },
  });

  const error = await refusal(started.client.send(new DescribeCacheClustersCommand({})));

  expect(error.name).toBe('InternalFailure');
  expect(error.message).not.toMatch(/secret/);
  expect(error.$metadata.httpStatusCode).toBe(500);
  expect(started.reports).toEqual(['! a request to the control endpoint has failed: a secret']);
});

test('shows caches that come while it runs, and hears of them once it is told', async () => {
  const { environment, client } = started;
  environment.replicationGroups = [new FakeGroup('late', false, 1, 1)];
  started.endpoint.refresh();
  environment.replicationGroups[0]?.promote('0001');

  const { ReplicationGroups } = await client.send(new DescribeReplicationGroupsCommand({}));
  const { Events } = await client.send(new DescribeEventsCommand({}));

  expect(ReplicationGroups?.map(({ ReplicationGroupId }) => ReplicationGroupId)).toEqual(['late']);
  expect(Events?.map(({ SourceIdentifier }) => SourceIdentifier)).toEqual(['late', 'late-001']);
  expect(environment.sessions.listenerCount).toBe(0);
});

test('a cache that is started again under its id begins anew', async () => {
  const { environment, client } = started;
  await client.send(new TestFailoverCommand({ ReplicationGroupId: 'sessions', NodeGroupId: '0001' }));
  const again = new FakeGroup('sessions', false, 1, 1);
  again.createdAt = new Date(CREATED_AT.getTime() + 1);
  environment.replicationGroups = [again];

  const { ReplicationGroups } = await client.send(new DescribeReplicationGroupsCommand({}));

  expect(ReplicationGroups?.map(({ Status }) => Status)).toEqual(['available']);
  expect(environment.sessions.listenerCount).toBe(0);
  expect(again.listenerCount).toBe(1);
});

test('a cache whose description changes keeps what it is at', async () => {
  const { environment, client } = started;
  await client.send(new TestFailoverCommand({ ReplicationGroupId: 'sessions', NodeGroupId: '0001' }));
  const described = new FakeGroup('sessions', false, 1, 2);
  described.description = 'Sessions of shoppers';
  environment.replicationGroups = [described];

  const { ReplicationGroups } = await client.send(new DescribeReplicationGroupsCommand({}));

  expect(ReplicationGroups).toMatchObject([{ Description: 'Sessions of shoppers', Status: 'modifying' }]);
  expect(environment.sessions.listenerCount).toBe(1);
});

test('is not there for other machines', async () => {
  const address = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
  // Nothing to try on a machine without a network.
  if (address === undefined) {
    return;
  }
  const error = await new Promise<NodeJS.ErrnoException>((resolve, reject) => {
    const socket = connect(started.endpoint.port, address, () => reject(new Error('it is there')));
    socket.on('error', resolve);
  });

  expect(error.code).toBe('ECONNREFUSED');
});

test('takes the port that it is given, and says when that is taken', async () => {
  const { port } = started.endpoint;

  await expect(ControlEndpoint.start(started.environment, { port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  expect(started.environment.sessions.listenerCount).toBe(1);
  await started.close();
  const again = await ControlEndpoint.start(started.environment, { port });
  expect(again.port).toBe(port);
  await again.close();
});

test('closes while a request is on its way', async () => {
  const { port } = started.endpoint;
  const { ended } = await write(
    port,
    'POST / HTTP/1.1',
    `Host: localhost:${port}`,
    `Authorization: ${AUTHORIZATION}`,
    'Content-Type: application/x-www-form-urlencoded',
    'Content-Length: 100',
    '',
    'Action=',
  );
  await delay(50);

  await started.endpoint.close();

  expect(await ended).toBe('');
  await delay(50);
  expect(started.reports).toEqual([]);
});
