import { AskedWronglyError } from '../aws/problems';
import { type Estimate, estimateMonth, type StackTemplate } from './estimate';
import { cents, exact } from './money';
import { PriceList } from './price-list';
import {
  nodeCaches,
  nodesText,
  reservedPricings,
  type ServerlessUse,
  serverlessPricings,
} from './what-ifs/cache-pricings';
import { withGraviton } from './what-ifs/graviton';
import { withoutNat } from './what-ifs/no-nat';
import { withValkey } from './what-ifs/valkey';

export type { ServerlessUse } from './what-ifs/cache-pricings';

/** What stacks would cost if something were otherwise. */
export interface WhatIf {
  readonly name: 'graviton' | 'valkey' | 'serverless' | 'reserved' | 'no-nat';
  /** For example `Graviton instead of x86 processors`. */
  readonly title: string;
  /** What would change, by resource: `prod/data Sessions/Cache: cache.m5.large → cache.m7g.large`. */
  readonly changes: readonly string[];
  /** Of the stacks as they would be. */
  readonly estimate: Estimate;
  /** US dollars a month; negative if it costs more. Nothing if a price or a quantity that it needs is unknown. */
  readonly saves?: number;
  /** What else would change, and what is assumed. */
  readonly caveat: string;
}

/** What `whatIfs` takes for given. */
export interface WhatIfOptions {
  /**
   * How much every cache would be used if it were serverless.
   *
   * @default the least data that is billed, and no requests
   */
  readonly use?: ServerlessUse;
}

/**
 * What stacks would cost with Graviton processors, with Valkey, with serverless caches, with reserved nodes and without
 * NAT gateways: what applies to them, each alone.
 *
 * @throws AskedWronglyError if the use is less than nothing
 */
export function whatIfs(
  stacks: readonly StackTemplate[],
  prices: PriceList = PriceList.sourced(),
  { use }: WhatIfOptions = {},
): WhatIf[] {
  if (use !== undefined && !(isAmount(use.gigabytes) && isAmount(use.ecpuPerSecond))) {
    throw new AskedWronglyError(
      `the use of a serverless cache is gigabytes and ECPU a second from 0, got ${use.gigabytes} and ${use.ecpuPerSecond}`,
    );
  }
  const now = estimateMonth(stacks, prices);
  const graviton = withGraviton(stacks);
  const valkey = withValkey(stacks);
  const noNat = withoutNat(stacks);
  const all: Array<Omit<WhatIf, 'saves'>> = [
    {
      name: 'graviton',
      title: 'Graviton instead of x86 processors',
      changes: graviton.changes,
      estimate: estimateMonth(graviton.stacks, prices),
      caveat:
        'Instances need an image and packages for arm64, and databases an engine version that RDS has on Graviton. What a deploy replaces is told by `cdk-elasticache guard`.',
    },
    {
      name: 'valkey',
      title: 'Valkey instead of Redis OSS',
      changes: valkey.changes,
      estimate: estimateMonth(valkey.stacks, prices),
      caveat:
        'The engine version and the parameter group change with the engine, and ElastiCache does not take a cache back to Redis OSS. What a deploy replaces is told by `cdk-elasticache guard`.',
    },
    {
      name: 'serverless',
      title: `Serverless caches, ${use === undefined ? 'at the least that is billed' : 'at the use that is given'}`,
      changes: nodeCaches(stacks, (resource) => `${nodesText(resource)} → serverless`),
      estimate: estimateMonth(stacks, prices, serverlessPricings(use)),
      caveat: `${useText(use)} Each is a new cache, with TLS and cluster mode, and data are not moved by a deploy.`,
    },
    {
      name: 'reserved',
      title: 'Cache nodes reserved for a year, nothing upfront',
      changes: nodeCaches(stacks, (resource) => `${nodesText(resource)}, reserved`),
      estimate: estimateMonth(stacks, prices, reservedPricings()),
      caveat:
        'Reserved nodes are paid for the whole year, whether they run or not. Reservations that exist already are not known here.',
    },
    {
      name: 'no-nat',
      title: 'Interface endpoints instead of NAT gateways',
      changes: noNat.changes,
      estimate: estimateMonth(noNat.stacks, prices),
      caveat: `Nothing in the private subnets reaches the internet then, and a service of AWS that has no endpoint is not reached either. ${trafficText(prices)}`,
    },
  ];
  return all
    .filter(({ changes }) => changes.length > 0)
    .map((whatIf) => {
      const missing = differingUnknowns(now, whatIf.estimate);
      return missing.length === 0
        ? { ...whatIf, saves: cents(now.total - whatIf.estimate.total) }
        : { ...whatIf, caveat: `${whatIf.caveat} What it saves is unknown: ${missing.join('; ')}.` };
    });
}

/** Ids of all the prices that an estimate of the stacks and its what-ifs ask for, each once. */
export function neededPrices(stacks: readonly StackTemplate[]): string[] {
  const estimates = [estimateMonth(stacks), ...whatIfs(stacks).map(({ estimate }) => estimate)];
  return [...new Set(estimates.flatMap(({ lines }) => lines.flatMap(({ priceId }) => priceId ?? [])))];
}

function isAmount(value: number): boolean {
  return Number.isFinite(value) && value >= 0;
}

/** Why the difference of two estimates is unknown: what is uncounted in one of them and not, or not so, in the other. */
function differingUnknowns(one: Estimate, other: Estimate): string[] {
  const uncounted = ({ lines }: Estimate) =>
    new Map(
      lines
        .filter(({ byUse, monthly }) => !byUse && monthly === undefined)
        .map(({ stack, id, what, note }) => [JSON.stringify([stack, id, what, note]), `${note ?? what}`]),
    );
  const [before, after] = [uncounted(one), uncounted(other)];
  const reasons = [
    ...[...before].filter(([key]) => !after.has(key)),
    ...[...after].filter(([key]) => !before.has(key)),
  ].map(([, reason]) => reason);
  return [...new Set(reasons)];
}

function useText(use: ServerlessUse | undefined): string {
  return use === undefined
    ? 'Counted with the least data that is billed (0.1 GB for Valkey, 1 GB for the others) and no requests: what is really stored and asked comes on top.'
    : `Every cache is taken to hold ${use.gigabytes} GB, or the least that is billed (0.1 GB for Valkey, 1 GB for the others), and to take ${use.ecpuPerSecond} ECPU a second: a simple read or write of up to 1 kB is one.`;
}

function trafficText(prices: PriceList): string {
  const [nat, endpoint] = ['nat-gateway/data', 'vpc-endpoint/data'].map((id) => prices.price(id)?.price);
  return nat === undefined || endpoint === undefined
    ? 'Traffic is not in the difference.'
    : `Traffic is not in the difference: a GB costs $${exact(endpoint)} through an endpoint, and $${exact(nat)} through a NAT gateway.`;
}
