import { type PageLimits, type PageRequest, pageRequest } from '../pages';
import type { QueryRequest } from '../query/query-request';

const LIMITS: PageLimits = { min: 1, max: 400, default: 400 };

/** Reads `PageSize` and `Marker`. */
export function loadBalancingPage(request: QueryRequest): PageRequest {
  return pageRequest(request, LIMITS, { size: 'PageSize', marker: 'Marker' });
}
