import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { LOOPBACK } from '../port';
import { type Answer, API_VERSION, answerXml, faultXml } from './answers';
import { ControlPlane } from './control-plane';
import type { ControlledEnvironment } from './controlled';
import type { Clock } from './event-log';
import { Fault, invalidAction, missingParameter } from './faults';
import { OPERATIONS } from './operations/table';
import { QueryRequest } from './query-request';
import { readBody, refusalOf } from './request-guard';

/** How long a request may take to arrive, in milliseconds: they come from this machine and are small. */
const REQUEST_TIMEOUT_MS = 10_000;

export interface ControlEndpointOptions {
  /** Port on loopback; a free one when it is not given. */
  readonly port?: number;
  /** @default the time of day */
  readonly clock?: Clock;
  /** Told what was accepted and could not be done, and what the endpoint could not answer. @default nobody */
  readonly report?: (line: string) => void;
}

/**
 * ElastiCache's API for a running environment, in the AWS query protocol: the AWS SDKs and the AWS CLI work against it
 * with `AWS_ENDPOINT_URL_ELASTICACHE` and any credentials. It listens on loopback only.
 */
export class ControlEndpoint {
  private readonly server: Server;

  /** Rejects when the port is taken. */
  static async start(
    environment: ControlledEnvironment,
    options: ControlEndpointOptions = {},
  ): Promise<ControlEndpoint> {
    const report = options.report ?? (() => {});
    const plane = new ControlPlane(environment, options.clock ?? (() => new Date()), report);
    const endpoint = new ControlEndpoint(plane, report);
    try {
      await new Promise<void>((resolve, reject) => {
        endpoint.server.once('error', reject);
        endpoint.server.listen({ host: LOOPBACK, port: options.port ?? 0 }, resolve);
      });
    } catch (error) {
      plane.close();
      throw error;
    }
    return endpoint;
  }

  private constructor(
    private readonly plane: ControlPlane,
    private readonly report: (line: string) => void,
  ) {
    this.server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
      void this.handle(request, response);
    });
  }

  get port(): number {
    return (this.server.address() as { port: number }).port;
  }

  /**
   * Listens to caches that were started since. Every request does so too, but what happens to a new cache before the
   * next request would have no events.
   */
  refresh(): void {
    this.plane.look();
  }

  /** Ends with the connections that are open. What was asked of the caches goes on. */
  async close(): Promise<void> {
    this.plane.close();
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = randomUUID();
    response.setHeader('x-amzn-requestid', requestId);
    response.setHeader('content-type', 'text/xml');
    try {
      const refusal = refusalOf(request, this.port);
      if (refusal !== undefined) {
        throw refusal;
      }
      const { action, answer } = this.answer(QueryRequest.parse(await readBody(request)));
      response.end(answerXml(action, requestId, answer));
    } catch (error) {
      const fault = this.faultOf(error, request);
      response.statusCode = fault.status;
      // The rest of a body that is refused is not waited for.
      if (!request.complete) {
        response.setHeader('connection', 'close');
      }
      if (fault.status === 405) {
        response.setHeader('allow', 'POST');
      }
      response.end(faultXml(fault, requestId));
    }
  }

  private answer(request: QueryRequest): { readonly action: string; readonly answer: Answer } {
    const { action, version } = request;
    if (!action) {
      throw new Fault('MissingAction', 'The request must contain the parameter Action');
    }
    if (!version) {
      throw missingParameter('Version');
    }
    const operation = version === API_VERSION ? OPERATIONS.get(action) : undefined;
    if (operation === undefined) {
      throw invalidAction(action, version);
    }
    const run = operation(request);
    request.refuseUnread();
    return { action, answer: run(this.plane) };
  }

  private faultOf(error: unknown, request: IncomingMessage): Fault {
    if (error instanceof Fault) {
      return error;
    }
    // Whoever breaks off does not read an answer either.
    if (request.complete) {
      this.report(`! a request to the control endpoint has failed: ${(error as Error).message}`);
    }
    return new Fault('InternalFailure', 'The request could not be answered.', 500);
  }
}
