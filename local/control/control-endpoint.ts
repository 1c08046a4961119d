import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { LOOPBACK } from '../port';
import type { Clock } from './clock';
import { MetricStore } from './cloudwatch/metric-store';
import type { ControlledEnvironment } from './controlled';
import { ControlPlane } from './elasticache/control-plane';
import { PROTOCOL } from './elasticache/service';
import { Fault } from './faults';
import { JSON_PROTOCOL } from './json/json-service';
import { isJson, readBody, refusalOf } from './request-guard';
import type { Protocol } from './service';
import { type Services, serviceOf, servicesOf } from './services';

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
 * The APIs of AWS that operations ask, for a running environment: the AWS SDKs and the AWS CLI work against it with
 * `AWS_ENDPOINT_URL` and any credentials. It listens on loopback only. Which service is meant stands in the signature.
 */
export class ControlEndpoint {
  private readonly server: Server;

  /** Rejects when the port is taken. */
  static async start(
    environment: ControlledEnvironment,
    options: ControlEndpointOptions = {},
  ): Promise<ControlEndpoint> {
    const report = options.report ?? (() => {});
    const clock = options.clock ?? (() => new Date());
    const plane = new ControlPlane(environment, clock, report);
    const metrics = new MetricStore(() => environment.measure(), clock);
    const endpoint = new ControlEndpoint(plane, metrics, servicesOf(environment, { plane, metrics, clock }), report);
    try {
      await new Promise<void>((resolve, reject) => {
        endpoint.server.once('error', reject);
        endpoint.server.listen({ host: LOOPBACK, port: options.port ?? 0 }, resolve);
      });
    } catch (error) {
      plane.close();
      throw error;
    }
    metrics.start();
    return endpoint;
  }

  private constructor(
    private readonly plane: ControlPlane,
    private readonly metrics: MetricStore,
    private readonly services: Services,
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
    this.metrics.stop();
    this.plane.close();
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = randomUUID();
    response.setHeader('x-amzn-requestid', requestId);
    // Whoever asks for no service that is known is answered in the protocol that they speak.
    let protocol: Protocol = isJson(request) ? JSON_PROTOCOL : PROTOCOL;
    try {
      const refusal = refusalOf(request, this.port);
      if (refusal !== undefined) {
        throw refusal;
      }
      const service = serviceOf(request.headers.authorization ?? '', this.services);
      if ((service.contentType === JSON_PROTOCOL.contentType) !== isJson(request)) {
        throw new Fault('InvalidRequest', `The service is asked in ${service.protocol} only.`, 415);
      }
      protocol = service;
      const [target] = [request.headers['x-amz-target']].flat();
      const answer = await service.answer({ target, body: await readBody(request), requestId });
      response.setHeader('content-type', service.contentType);
      response.end(answer);
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
      const { text, headers } = protocol.fault(fault, requestId);
      response.setHeaders(new Map(Object.entries({ ...headers, 'content-type': protocol.contentType })));
      response.end(text);
    }
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
