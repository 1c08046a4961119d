import { autoscaling } from './autoscaling/service';
import type { Clock } from './clock';
import { cloudformation } from './cloudformation/service';
import type { MetricStore } from './cloudwatch/metric-store';
import { cloudwatch } from './cloudwatch/service';
import type { ControlledEnvironment } from './controlled';
import type { ControlPlane } from './elasticache/control-plane';
import { elasticache } from './elasticache/service';
import { elasticLoadBalancing } from './elasticloadbalancing/service';
import { Fault } from './faults';
import { rds } from './rds/service';
import type { Service } from './service';

export type Services = ReadonlyMap<string, Service>;

/** The services that the endpoint has, by what signatures call them. */
export function servicesOf(
  environment: ControlledEnvironment,
  { plane, metrics, clock }: { readonly plane: ControlPlane; readonly metrics: MetricStore; readonly clock: Clock },
): Services {
  return new Map([
    ['autoscaling', autoscaling({ environment, clock })],
    ['cloudformation', cloudformation(environment)],
    ['elasticache', elasticache(plane)],
    ['elasticloadbalancing', elasticLoadBalancing(environment)],
    ['monitoring', cloudwatch(metrics)],
    ['rds', rds(environment)],
  ]);
}

/** The service that a request was signed for. @throws Fault when there is none */
export function serviceOf(authorization: string, services: Services): Service {
  const [, name] =
    /^AWS4-HMAC-SHA256 Credential=[^\s,]+\/\d{8}\/[^/\s,]+\/([^/\s,]+)\/aws4_request/.exec(authorization) ?? [];
  if (name === undefined) {
    throw new Fault(
      'IncompleteSignature',
      'The credential must be a key, a date, a region, a service and aws4_request, with slashes between them.',
    );
  }
  const service = services.get(name);
  if (service === undefined) {
    throw new Fault(
      'UnknownService',
      `The local environment does not have the service ${name}. It has: ${[...services.keys()].join(', ')}`,
    );
  }
  return service;
}
