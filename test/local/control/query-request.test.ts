import { DESCRIBE, errorXml, send } from './raw-request';
import { StartedEndpoint } from './started-endpoint';

let started: StartedEndpoint;

beforeEach(async () => {
  started = await StartedEndpoint.start();
});

afterEach(() => started.close());

test.each([
  ['percent signs that stand for nothing', `${DESCRIBE}&Marker=%zz`],
  ['bytes that are not UTF-8', `${DESCRIBE}&Marker=%ff%fe`],
  ['bytes that are not encoded', `${DESCRIBE}&Marker=é`],
  ['a parameter twice', `${DESCRIBE}&Marker=a&Marker=b`],
  ['an action twice', `${DESCRIBE}&Action=TestFailover`],
  ['too many parameters', `${DESCRIBE}${'&a=1'.repeat(1_000)}`],
])('refuses %s', async (_, body) => {
  const { status, text } = await send(started.endpoint.port, { body });

  expect(status).toBe(400);
  expect(text).toMatch(errorXml('MalformedQueryString'));
});

test.each([
  ['', 'MissingAction'],
  ['Version=2015-02-02', 'MissingAction'],
  ['Action=DescribeReplicationGroups', 'MissingParameter'],
  ['Action=DescribeReplicationGroups&Version=2014-09-30', 'InvalidAction'],
  ['Action=DeleteReplicationGroup&Version=2015-02-02', 'InvalidAction'],
  ['Action=constructor&Version=2015-02-02', 'InvalidAction'],
  [`${DESCRIBE}&MaxRecords=many`, 'InvalidParameterValue'],
  [`${DESCRIBE}&Filters.member.1=x`, 'InvalidParameterValue'],
  ['Action=DescribeCacheClusters&Version=2015-02-02&ShowCacheNodeInfo=yes', 'InvalidParameterValue'],
  ['Action=DescribeEvents&Version=2015-02-02&StartTime=yesterday', 'InvalidParameterValue'],
  ['Action=DescribeEvents&Version=2015-02-02&EndTime=2026-13-01T00%3A00%3A00Z', 'InvalidParameterValue'],
])('answers "%s" with %s', async (body, code) => {
  const { status, text } = await send(started.endpoint.port, { body });

  expect(status).toBe(400);
  expect(text).toMatch(errorXml(code));
});

test.each([
  '2026-03-01T11:59:00Z',
  '2026-03-01T11:59:00.000Z',
  '2026-03-01T11:59:00',
  '2026-03-01',
  '2026-03-01T12:59:00+01:00',
])('takes the time %s', async (time) => {
  const body = `Action=DescribeEvents&Version=2015-02-02&StartTime=${encodeURIComponent(time)}`;

  expect((await send(started.endpoint.port, { body })).status).toBe(200);
});

test('takes a time without a zone as UTC', async () => {
  started.environment.sessions.tell({ type: 'recovering', node: 'sessions-002' });
  const since = (time: string) =>
    send(started.endpoint.port, {
      body: `Action=DescribeEvents&Version=2015-02-02&StartTime=${time}&EndTime=2026-03-02`,
    });

  expect((await since('2026-03-01T12:00:00')).text).toContain('Recovering');
  expect((await since('2026-03-01T12:00:01')).text).not.toContain('Recovering');
});

test('reads lists in the order of their numbers, by their own name or as members', async () => {
  const body = 'Action=RebootCacheCluster&Version=2015-02-02&CacheClusterId=pages';
  await send(started.endpoint.port, {
    body: `${body}&CacheNodeIdsToReboot.CacheNodeId.10=0001&CacheNodeIdsToReboot.CacheNodeId.2=0002`,
  });
  await started.environment.pages.work.finish();
  await send(started.endpoint.port, { body: `${body}&CacheNodeIdsToReboot.member.1=0002` });

  expect(started.environment.pages.calls).toEqual([
    ['reboot', ['0002', '0001']],
    ['reboot', ['0002']],
  ]);
});

test('names what it was asked for without letting it into the XML', async () => {
  const { text } = await send(started.endpoint.port, { body: `${DESCRIBE}&ReplicationGroupId=%3Cb%3E%00%26` });

  expect(text).toContain('<Message>ReplicationGroup &lt;b&gt;\ufffd&amp; not found.</Message>');
});

test('what is refused changes nothing, a parameter that nobody knows included', async () => {
  await send(started.endpoint.port, {
    body: 'Action=TestFailover&Version=2015-02-02&ReplicationGroupId=sessions&NodeGroupId=0001&Force=true',
  });
  await send(started.endpoint.port, {
    headers: { authorization: undefined },
    body: 'Action=TestFailover&Version=2015-02-02&ReplicationGroupId=sessions&NodeGroupId=0001',
  });

  expect(started.environment.sessions.calls).toEqual([]);
});
