import { type Estimate, estimateMonth } from '../../../ops/cost/estimate';
import { PriceList } from '../../../ops/cost/price-list';
import type { Resource } from '../../../ops/cost/template';

/** Prices that can be computed with in one's head; `prices.json` changes. */
const ROUND: Readonly<Record<string, number>> = {
  'elasticache/valkey/cache.t4g.micro': 0.01,
  'elasticache/memcached/cache.t4g.small': 0.02,
  'elasticache-serverless/valkey/storage': 0.1,
  'elasticache-serverless/valkey/requests': 0.5,
  'elasticache-serverless/redis/storage': 0.2,
  'elasticache-serverless/redis/requests': 0.5,
  'elasticache/backup': 0.1,
  'rds/postgres/single-az/db.t4g.micro': 0.02,
  'rds/postgres/multi-az/db.m7g.large': 0.4,
  'rds/postgres/single-az/gp3': 0.1,
  'rds/postgres/multi-az/gp3': 0.2,
  'rds/mysql/single-az/db.t4g.micro': 0.03,
  'rds/mysql/single-az/gp2': 0.3,
  'rds/postgres/backup': 0.1,
  'ec2/t4g.small': 0.02,
  'ec2/detailed-monitoring': 0.3,
  'ebs/gp3': 0.1,
  'elb/application/hour': 0.02,
  'elb/application/lcu': 0.01,
  'nat-gateway/hour': 0.05,
  'nat-gateway/data': 0.04,
  'vpc-endpoint/hour': 0.01,
  'vpc-endpoint/data': 0.01,
  'public-ipv4': 0.01,
  'data-transfer/zones': 0.01,
  'data-transfer/internet': 0.1,
  'kms/key': 1,
  'kms/requests': 0.03,
  'secrets-manager/secret': 0.4,
  'secrets-manager/calls': 0.05,
  'cloudwatch/alarm': 0.1,
  'cloudwatch/alarm-high-resolution': 0.3,
  'cloudwatch/dashboard': 3,
  'cloudwatch/metric': 0.3,
  'logs/ingestion': 0.5,
  'logs/vended': 0.25,
  'logs/storage': 0.03,
  's3/standard': 0.02,
  'lambda/arm64': 0.00001,
  'lambda/x86_64': 0.00002,
  'lambda/requests': 0.2,
  'sns/email': 2,
  'waf/web-acl': 5,
  'waf/rule': 1,
  'waf/requests': 0.6,
  'route53/hosted-zone': 0.5,
};

/** A price list of round numbers. */
export const ROUND_PRICES = new PriceList(
  Object.entries(ROUND).map(([id, price]) => ({ id, what: id, unit: 'unit', price, source: `https://x/${id}` })),
);

/** The estimate of one stack named `stack`, at round prices. */
export function estimateOf(resources: Readonly<Record<string, Resource>>): Estimate {
  return estimateMonth([{ name: 'stack', template: { Resources: resources } }], ROUND_PRICES);
}

/** What the lines of one resource say: `what` with dollars a month, `by use`, or why it is unknown. */
export function costOf(
  type: string,
  properties: Readonly<Record<string, unknown>> = {},
  others: Readonly<Record<string, Resource>> = {},
): Record<string, number | string> {
  const { lines } = estimateOf({ ...others, It: { Type: type, Properties: properties } });
  return Object.fromEntries(
    lines
      .filter(({ id }) => id === 'It')
      .map(({ what, monthly, byUse, unitPrice, note }) => [
        what,
        monthly !== undefined
          ? Number(monthly.toFixed(6))
          : byUse && unitPrice !== undefined
            ? 'by use'
            : `unknown: ${note}`,
      ]),
  );
}

/** An intrinsic function: a value that only a deployment knows. */
export const DEPLOYED = { Ref: 'Parameter' };

/** Why a line with such a value is unknown. */
export const UNRESOLVED = 'unknown: the template leaves it to the deployment';
