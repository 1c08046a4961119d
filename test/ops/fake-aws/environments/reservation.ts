import type { ReservedCacheNode } from '@aws-sdk/client-elasticache';
import { ago, arnOf, DAY_MS, hexOf } from './place';

const YEAR_SECONDS = 365 * 24 * 60 * 60;

/** Nodes that were reserved for a year, 100 days ago. */
export function reservation(now: Date, engine: string, nodeType: string, count: number): ReservedCacheNode {
  const id = `${engine}-${nodeType.replaceAll('.', '-')}`;
  return {
    ReservedCacheNodeId: id,
    ReservedCacheNodesOfferingId: hexOf(id, 32),
    CacheNodeType: nodeType,
    StartTime: ago(now, 100 * DAY_MS),
    Duration: YEAR_SECONDS,
    FixedPrice: 0,
    UsagePrice: 0,
    CacheNodeCount: count,
    ProductDescription: engine,
    OfferingType: 'No Upfront',
    State: 'active',
    RecurringCharges: [{ RecurringChargeAmount: 0.1, RecurringChargeFrequency: 'Hourly' }],
    ReservationARN: arnOf('elasticache', `reserved-instance:${id}`),
  };
}
