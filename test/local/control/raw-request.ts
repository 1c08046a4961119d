import { once } from 'node:events';
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';

export const AUTHORIZATION =
  'AWS4-HMAC-SHA256 Credential=testing/20260301/us-east-1/elasticache/aws4_request, SignedHeaders=host, Signature=00';

export const DESCRIBE = 'Action=DescribeReplicationGroups&Version=2015-02-02';

interface RawAnswer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

interface RawRequest {
  readonly method?: string;
  readonly path?: string;
  /** `undefined` leaves one out that would be sent. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
}

/** Sends a request that is right but for what is given. */
export function send(
  port: number,
  { method = 'POST', path = '/', headers = {}, body = DESCRIBE }: RawRequest = {},
): Promise<RawAnswer> {
  const all: Record<string, string | undefined> = {
    host: `localhost:${port}`,
    authorization: AUTHORIZATION,
    'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
    ...headers,
  };
  const given = Object.fromEntries(
    Object.entries(all).filter(([, value]) => value !== undefined),
  ) as OutgoingHttpHeaders;
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method, path, headers: given, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text }));
    });
    sent.on('error', reject);
    sent.end(method === 'POST' ? body : undefined);
  });
}

/** Writes lines on a connection. @returns what came back, once the other side has ended the connection */
export async function write(port: number, ...lines: string[]): Promise<{ readonly ended: Promise<string> }> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  // The other side may end it while this one still writes.
  socket.on('error', () => {});
  socket.write(lines.join('\r\n'));
  return { ended: once(socket, 'close').then(() => text) };
}

/** What a refused request is answered with. */
export function errorXml(code: string): RegExp {
  return new RegExp(
    '^<ErrorResponse xmlns="http://elasticache.amazonaws.com/doc/2015-02-02/">' +
      `<Error><Type>Sender</Type><Code>${code}</Code><Message>[^<]+</Message></Error>` +
      '<RequestId>[0-9a-f-]{36}</RequestId></ErrorResponse>$',
  );
}
