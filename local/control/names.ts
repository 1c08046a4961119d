import type { Answer } from './answers';
import type { ControlledAddress } from './controlled';

/** No account is behind a local environment. */
const ACCOUNT = '000000000000';

export type ArnType = 'replicationgroup' | 'cluster' | 'serverlesscache' | 'snapshot';

export function arnOf(type: ArnType, id: string, region: string): string {
  return `arn:aws:elasticache:${region}:${ACCOUNT}:${type}:${id}`;
}

export function endpointOf(address: ControlledAddress): Answer {
  return { Address: address.host, Port: address.port };
}
