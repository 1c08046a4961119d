import { AUTHORIZATION, DESCRIBE, errorXml, send, write } from './raw-request';
import { StartedEndpoint } from './started-endpoint';

let started: StartedEndpoint;

beforeEach(async () => {
  started = await StartedEndpoint.start();
});

afterEach(() => started.close());

test('answers a request that is right, with an id', async () => {
  const { status, headers, text } = await send(started.endpoint.port);

  expect(status).toBe(200);
  expect(headers['content-type']).toBe('text/xml');
  expect(text).toMatch(/^<DescribeReplicationGroupsResponse xmlns="[^"]+"><DescribeReplicationGroupsResult>/);
  expect(text).toContain(`<ResponseMetadata><RequestId>${headers['x-amzn-requestid']}</RequestId></ResponseMetadata>`);
});

test.each(['localhost', '127.0.0.1', '[::1]', 'LOCALHOST'])('is known as %s', async (host) => {
  expect((await send(started.endpoint.port, { headers: { host: `${host}:${started.endpoint.port}` } })).status).toBe(
    200,
  );
});

test.each([
  'evil.example',
  'evil.example:PORT',
  'localhost',
  'localhost:1',
  'localhost.evil.example:PORT',
  '0.0.0.0:PORT',
])('refuses a request for the host %s', async (host) => {
  const { status, text } = await send(started.endpoint.port, {
    headers: { host: host.replace('PORT', String(started.endpoint.port)) },
  });

  expect(status).toBe(403);
  expect(text).toMatch(errorXml('AccessDenied'));
});

test.each(['https://evil.example', 'null', ''])('refuses the origin "%s" of a web page', async (origin) => {
  const { status, headers, text } = await send(started.endpoint.port, { headers: { origin } });

  expect(status).toBe(403);
  expect(text).toMatch(errorXml('AccessDenied'));
  expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
});

test('refuses the origin of its own address too, and before anything else is looked at', async () => {
  const origin = `http://localhost:${started.endpoint.port}`;

  expect(
    (await send(started.endpoint.port, { method: 'OPTIONS', headers: { origin, authorization: undefined } })).status,
  ).toBe(403);
});

test.each([
  undefined,
  '',
  'Bearer x',
  'AWS4-HMAC-SHA256',
  'AWS4-HMAC-SHA256 Credential=',
  'Basic dGVzdGluZzp0ZXN0aW5n',
])('refuses a request with the authorization %s', async (authorization) => {
  const { status, text } = await send(started.endpoint.port, { headers: { authorization } });

  expect(status).toBe(403);
  expect(text).toMatch(errorXml('MissingAuthenticationToken'));
});

test.each(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'])('does not answer %s', async (method) => {
  const { status, headers } = await send(started.endpoint.port, { method, path: `/?${DESCRIBE}` });

  expect(status).toBe(405);
  expect(headers.allow).toBe('POST');
});

test.each([
  undefined,
  'text/plain',
  'application/json',
  'multipart/form-data',
  'application/x-www-form-urlencoded; charset=utf-16',
])('refuses the content type %s', async (type) => {
  expect((await send(started.endpoint.port, { headers: { 'content-type': type } })).status).toBe(415);
});

test('has one path', async () => {
  expect((await send(started.endpoint.port, { path: '/elasticache' })).status).toBe(404);
  expect((await send(started.endpoint.port, { path: `/?${DESCRIBE}` })).status).toBe(404);
});

test('refuses what says that it is too large before it is sent', async () => {
  const { status, text } = await send(started.endpoint.port, { body: `${DESCRIBE}&X=`.padEnd(64 * 1_024 + 1, 'x') });

  expect(status).toBe(413);
  expect(text).toMatch(errorXml('RequestEntityTooLarge'));
});

test('does not wait for the rest of what it refuses', async () => {
  const { port } = started.endpoint;
  const { ended } = await write(
    port,
    'POST / HTTP/1.1',
    `Host: localhost:${port}`,
    `Authorization: ${AUTHORIZATION}`,
    'Content-Type: application/x-www-form-urlencoded',
    'Content-Length: 1000000000',
    '',
    'Action=',
  );

  expect(await ended).toMatch(/^HTTP\/1\.1 413 /);
});

test('refuses a request with two hosts', async () => {
  const { port } = started.endpoint;
  const { ended } = await write(
    port,
    'POST / HTTP/1.1',
    `Host: localhost:${port}`,
    'Host: evil.example',
    `Authorization: ${AUTHORIZATION}`,
    'Connection: close',
    'Content-Type: application/x-www-form-urlencoded',
    `Content-Length: ${DESCRIBE.length}`,
    '',
    DESCRIBE,
  );

  expect(await ended).toMatch(/^HTTP\/1\.1 403 /);
});

test('refuses what turns out to be too large', async () => {
  for (const bytes of [64 * 1_024 + 1, 2_000_000]) {
    const { status } = await send(started.endpoint.port, {
      headers: { 'transfer-encoding': 'chunked' },
      body: `${DESCRIBE}&X=`.padEnd(bytes, 'x'),
    });

    expect(status).toBe(413);
  }
});

test('reads what is as large as it may be', async () => {
  const { status, text } = await send(started.endpoint.port, {
    body: `${DESCRIBE}&ReplicationGroupId=`.padEnd(64 * 1_024, 'x'),
  });

  expect(status).toBe(404);
  expect(text).toContain('ReplicationGroupNotFoundFault');
});
