import { queryProtocol, queryService } from '../query/query-service';
import type { Service } from '../service';
import type { ControlPlane } from './control-plane';
import { OPERATIONS } from './operations/table';

const HOST = 'http://elasticache.amazonaws.com';
const VERSION = '2015-02-02';

export const PROTOCOL = queryProtocol(`${HOST}/doc/${VERSION}/`);

export function elasticache(plane: ControlPlane): Service {
  return queryService({ host: HOST, version: VERSION, operations: OPERATIONS, context: plane, hasOneCode: false });
}
