import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { AwsError } from './aws-error';
import { type Asked, askedBy, serviceSignedFor } from './call';
import { type Durations, QUICK } from './durations';
import { errorOf, type FakeFault, Faults, skewErrorOf } from './fake-fault';
import type { FakeState } from './fake-state';
import type { Context, Service } from './operation';
import { PageTokens } from './page-tokens';
import { type Scope, scopeOf } from './signature';
import { Timeline } from './timeline';
import { jsonAnswer, jsonError } from './wire/json';
import { queryAnswer, queryError } from './wire/query';

export type { FakeFault } from './fake-fault';
export type { FakeState } from './fake-state';

export interface FakeAwsOptions {
  /** Clock of what happens in the region, which is not the clock of HTTP. @default the time of day */
  readonly now?: () => Date;
  /** How long failovers and replacements take. @default some hundredths of a second */
  readonly durations?: Partial<Durations>;
}

/** A request that has come. */
export interface Call {
  /** As IAM writes it, for example `elasticache:DescribeReplicationGroups`. */
  readonly action: string;
  readonly input: any;
  /** By the time of day, in milliseconds. */
  readonly at: number;
  /** Of HTTP; 0 while it is not answered, which one that hangs or is reset never is. */
  readonly status: number;
}

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/**
 * AWS's control plane on loopback, for the SDK's clients: CloudFormation, ElastiCache, RDS, Auto Scaling, Elastic Load
 * Balancing, CloudWatch and Secrets Manager, at one address. It answers out of a state, in AWS's own wire formats, with
 * AWS's pages, limits and codes; and it fails in the ways that AWS and the network fail.
 *
 * Requests must be signed for the region of the state, by whatever credentials.
 */
export class FakeAws {
  readonly address: string;
  private readonly made: Call[] = [];
  private readonly faults = new Faults();
  private readonly tokens = new PageTokens();
  private readonly timeline = new Timeline();
  private readonly failovers: Date[] = [];
  private readonly ended = new AbortController();
  private inFlight = 0;
  private mostInFlight = 0;

  static async start(
    state: FakeState,
    { now = () => new Date(), durations = {} }: FakeAwsOptions = {},
  ): Promise<FakeAws> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    return new FakeAws(server, state, now, { ...QUICK, ...durations });
  }

  private constructor(
    private readonly server: Server,
    private held: FakeState,
    private readonly now: () => Date,
    private readonly durations: Durations,
  ) {
    this.address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (request, response) => void this.handle(request, response));
  }

  /** As it is now. A test may change it, or put another one in its place. */
  get state(): FakeState {
    this.timeline.catchUp(this.held, this.now());
    return this.held;
  }

  set state(state: FakeState) {
    this.held = state;
  }

  /** The oldest first. Requests that are nothing that the fake knows are not among them. */
  get calls(): readonly Call[] {
    return this.made;
  }

  /** How many requests were in flight together at most. */
  get mostAtOnce(): number {
    return this.mostInFlight;
  }

  fault(fault: FakeFault): void {
    this.faults.add(fault);
  }

  clearFaults(): void {
    this.faults.clear();
  }

  /** Ends with the connections that are open. */
  async close(): Promise<void> {
    this.ended.abort();
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    response.once('close', () => {
      this.inFlight -= 1;
    });
    try {
      await this.answer(request, await buffer(request), response);
    } catch {
      // Whoever asked has gone, or the fake has ended.
      response.destroy();
    }
  }

  private async answer(request: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
    let service: Service | undefined;
    let asked: Asked;
    let scope: Scope;
    try {
      scope = scopeOf(request);
      service = serviceSignedFor(scope.signingName);
      this.requireRegion(scope);
      asked = await askedBy(request, body, service);
    } catch (error) {
      send(response, errorReply(asAwsError(error), service));
      return;
    }
    const { action, input } = asked;
    const call = { action, input, at: Date.now(), status: 0 };
    this.made.push(call);
    const fault = this.faults.next(action);
    if (fault?.kind === 'reset') {
      request.socket.resetAndDestroy();
    } else if (fault?.kind !== 'hang') {
      if (fault?.kind === 'slow') {
        await wait(fault.ms, undefined, { signal: this.ended.signal });
      }
      const reply = this.replyTo(asked, scope, service, fault);
      call.status = reply.status;
      send(response, reply, fault);
    }
  }

  private requireRegion({ region }: Scope): void {
    if (region !== this.held.region) {
      throw new AwsError(
        'SignatureDoesNotMatch',
        `Credential should be scoped to ${this.held.region}, and is to ${region}.`,
        403,
      );
    }
  }

  private replyTo(asked: Asked, { signedAt }: Scope, service: Service, fault: FakeFault | undefined): Reply {
    try {
      if (fault?.kind === 'html') {
        return PROXY_PAGE;
      }
      const error =
        fault?.kind === 'skew'
          ? skewErrorOf(fault.fixed ?? false, signedAt, clockOf(fault), service)
          : fault && errorOf(fault, service, asked.action, this.held.account);
      if (error !== undefined) {
        throw error;
      }
      return answerReply(asked, service, asked.operation.run(asked.input as never, this.contextOf(asked)));
    } catch (error) {
      return errorReply(asAwsError(error), service);
    }
  }

  private contextOf({ action }: Asked): Context {
    const { state, tokens, timeline, durations, failovers } = this;
    return { state, now: this.now(), action, tokens, timeline, durations, failovers };
  }
}

const PROXY_PAGE: Reply = {
  status: 502,
  headers: { 'content-type': 'text/html' },
  body: '<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1><br></body></html>',
};

/** AWS's, with a fault of its clock. */
function clockOf({ ms }: { readonly ms: number }): Date {
  return new Date(Date.now() + ms);
}

/** What is no answer of AWS's is a mistake in the fake, or in the state: it is told, and not tried again. */
function asAwsError(error: unknown): AwsError {
  return error instanceof AwsError ? error : new AwsError('FakeFailure', (error as Error).stack ?? String(error));
}

function answerReply({ operation }: Asked, { protocol }: Service, answer: object): Reply {
  const requestId = randomUUID();
  return {
    status: 200,
    headers: { 'content-type': contentTypeOf(protocol), 'x-amzn-requestid': requestId },
    body:
      protocol.name === 'json' ? jsonAnswer(operation, answer) : queryAnswer(operation, protocol, answer, requestId),
  };
}

function errorReply(error: AwsError, service: Service | undefined): Reply {
  const requestId = randomUUID();
  const protocol = service?.protocol ?? UNKNOWN;
  const isCompatible = protocol.name === 'json' && protocol.isQueryCompatible;
  const type = error.status < 500 ? 'Sender' : 'Receiver';
  return {
    status: error.status,
    headers: {
      'content-type': contentTypeOf(protocol),
      'x-amzn-requestid': requestId,
      ...(isCompatible ? { 'x-amzn-query-error': `${error.code};${type}` } : {}),
    },
    body: protocol.name === 'json' ? jsonError(error) : queryError(error, protocol, requestId),
  };
}

/** What a request is answered in that is for no service which the fake has. */
const UNKNOWN: Service['protocol'] = { name: 'json', version: '1.1', target: '', isQueryCompatible: false };

function contentTypeOf(protocol: Service['protocol']): string {
  return protocol.name === 'json' ? `application/x-amz-json-${protocol.version}` : 'text/xml';
}

function send(response: ServerResponse, { status, headers, body }: Reply, fault?: FakeFault): void {
  const bytes = Buffer.from(body);
  response.writeHead(status, {
    ...headers,
    'content-length': bytes.length,
    ...(fault?.kind === 'skew' ? { date: clockOf(fault).toUTCString() } : {}),
  });
  if (fault?.kind === 'cut') {
    response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy());
  } else {
    response.end(bytes);
  }
}
