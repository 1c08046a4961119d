import type { ControlledAddress } from '../controlled';
import { arn } from '../names';
import type { Answer } from '../query/answers';

export type ArnType = 'replicationgroup' | 'cluster' | 'serverlesscache' | 'snapshot' | 'subnetgroup';

export function arnOf(type: ArnType, id: string, region: string): string {
  return arn('elasticache', region, `${type}:${id}`);
}

export function endpointOf(address: ControlledAddress): Answer {
  return { Address: address.host, Port: address.port };
}
