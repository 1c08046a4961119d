import type { IncomingMessage } from 'node:http';
import { Fault } from './faults';

/** The longest forms that are read: many times what any operation needs. */
const MAX_FORM_BYTES = 64 * 1_024;

/** The longest JSON that is read: CloudWatch is asked for up to 500 metrics at once. */
const MAX_JSON_BYTES = 512 * 1_024;

const JSON_TYPE = /^application\/x-amz-json-1\.[01]$/i;

const FORM = /^application\/x-www-form-urlencoded(\s*;\s*charset=utf-8)?$/i;

/**
 * Says what is wrong with a request before anything of it is parsed. A page in a browser of this machine can send
 * requests to loopback as well: it cannot leave out `Origin`, cannot send `Authorization` without a preflight that is
 * refused, and comes under the name of its own host when that name is made to resolve to loopback.
 *
 * The signature is not verified: there is no secret to verify it against, whatever credentials the caller has.
 */
export function refusalOf(request: IncomingMessage, port: number): Fault | undefined {
  const { headers, method, url } = request;
  if (!isOurHost(request.headersDistinct.host, port)) {
    return new Fault('AccessDenied', 'The request is for another host than this endpoint.', 403);
  }
  if (headers.origin !== undefined) {
    return new Fault('AccessDenied', 'Requests of web pages are not answered.', 403);
  }
  if (method !== 'POST') {
    return new Fault('InvalidRequest', `The method ${method} is not answered, only POST.`, 405);
  }
  if (!/^AWS4-HMAC-SHA256 Credential=\S/.test(headers.authorization ?? '')) {
    return new Fault('MissingAuthenticationToken', 'Missing Authentication Token', 403);
  }
  if (url !== '/') {
    return new Fault('InvalidRequest', 'The endpoint has no other path than /.', 404);
  }
  if (!FORM.test(headers['content-type'] ?? '') && !isJson(request)) {
    return new Fault(
      'InvalidRequest',
      'The content type must be application/x-www-form-urlencoded or application/x-amz-json-1.0.',
      415,
    );
  }
  return Number(headers['content-length'] ?? 0) > maxBytes(request) ? tooLarge(request) : undefined;
}

/** Whether it says that it is AWS JSON. */
export function isJson({ headers }: IncomingMessage): boolean {
  return JSON_TYPE.test(headers['content-type'] ?? '');
}

/** @throws Fault when it is longer than may be read */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Leaving the loop must not end a request that is still to be answered.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    bytes += (chunk as Buffer).length;
    if (bytes > maxBytes(request)) {
      throw tooLarge(request);
    }
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

function isOurHost(hosts: readonly string[] | undefined, port: number): boolean {
  const [host, ...others] = hosts ?? [];
  return (
    others.length === 0 &&
    [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`].includes(host?.toLowerCase() ?? '')
  );
}

function maxBytes(request: IncomingMessage): number {
  return isJson(request) ? MAX_JSON_BYTES : MAX_FORM_BYTES;
}

function tooLarge(request: IncomingMessage): Fault {
  return new Fault('RequestEntityTooLarge', `The request is longer than ${maxBytes(request)} bytes.`, 413);
}
