/** Where AWS's price list has a price. */
export interface PriceQuery {
  /** Service code, for example `AmazonElastiCache`. */
  readonly service: string;
  /** Attributes that its products have, all of them. */
  readonly attributes: Readonly<Record<string, string>>;
  /**
   * Usage type without what stands for the region, which `us-east-1` often leaves out. It tells a node from the extended
   * support of one, and a load balancer from one on Outposts, which have the same attributes otherwise.
   */
  readonly usageType: string;
  /** Whether the term of a year without a payment upfront is meant, and not the price on demand. */
  readonly isReserved?: boolean;
  /** What the price is of, in words. */
  readonly what: string;
  readonly unit: Unit;
}

/** What a price is for, and what AWS's price list sells it by. */
interface Unit {
  /** As estimates count it. */
  readonly name: string;
  /** AWS's names of it. */
  readonly sold: RegExp;
  /** How many of AWS's units are one. */
  readonly times: number;
}

const HOUR: Unit = { name: 'hour', sold: /^(hrs?|hours?)$/i, times: 1 };
const GB: Unit = { name: 'GB', sold: /^(GB|Gigabytes?)$/i, times: 1 };
const GB_MONTH: Unit = { name: 'GB-month', sold: /^GB-(Mo|months?)$/i, times: 1 };
const GB_HOUR: Unit = { name: 'GB-hour', sold: /^GB-(hrs?|hours?)$/i, times: 1 };
const LCU_HOUR: Unit = { name: 'LCU-hour', sold: /^LCU-(hrs?|hours?)$/i, times: 1 };

/** Units whose name in the price list says nothing that a price would depend on. */
const each = (name: string, times = 1): Unit => ({ name, sold: /^(?!.*(million|thousand|\d))/i, times });

const CACHE_ENGINES: Readonly<Record<string, string>> = { valkey: 'Valkey', redis: 'Redis', memcached: 'Memcached' };
const CACHE_NAMES: Readonly<Record<string, string>> = { ...CACHE_ENGINES, redis: 'Redis OSS' };
const DATABASE_ENGINES: Readonly<Record<string, string>> = {
  postgres: 'PostgreSQL',
  mysql: 'MySQL',
  mariadb: 'MariaDB',
};
const ZONES: Readonly<Record<string, string>> = { 'single-az': 'Single-AZ', 'multi-az': 'Multi-AZ' };
const VOLUMES: Readonly<Record<string, string>> = { gp2: 'General Purpose', gp3: 'General Purpose-GP3' };

/** Prices that have one place in the price list, whatever the resources are. */
const SINGLE: Readonly<Record<string, PriceQuery>> = {
  'nat-gateway/hour': ec2('NatGateway-Hours', 'NAT gateway', HOUR),
  'nat-gateway/data': ec2('NatGateway-Bytes', 'NAT gateway, data processed', GB),
  'vpc-endpoint/hour': vpc('VpcEndpoint-Hours', 'Interface VPC endpoint, in one Availability Zone', HOUR),
  'vpc-endpoint/data': vpc('VpcEndpoint-Bytes', 'Interface VPC endpoint, data processed', GB),
  'public-ipv4': vpc('PublicIPv4:InUseAddress', 'Public IPv4 address in use', HOUR),
  'elb/application/hour': balancer('Application', 'LoadBalancerUsage', 'Application Load Balancer', HOUR),
  'elb/application/lcu': balancer('Application', 'LCUUsage', 'Application Load Balancer, capacity units', LCU_HOUR),
  'elb/network/hour': balancer('Network', 'LoadBalancerUsage', 'Network Load Balancer', HOUR),
  'elb/network/lcu': balancer('Network', 'LCUUsage', 'Network Load Balancer, capacity units', LCU_HOUR),
  'kms/key': of('awskms', 'KMS-Keys', 'KMS key', each('key-month')),
  'kms/requests': of('awskms', 'KMS-Requests', 'KMS requests', each('10,000 requests', 10_000)),
  'secrets-manager/secret': secret('AWSSecretsManager-Secrets', 'Secrets Manager secret', each('secret-month')),
  'secrets-manager/calls': secret('AWSSecretsManagerAPIRequest', 'Secrets Manager calls', each('10,000 calls', 10_000)),
  'cloudwatch/alarm': watch(
    'CW:AlarmMonitorUsage',
    'CloudWatch alarm, a metric at standard resolution',
    each('alarm-month'),
  ),
  'cloudwatch/alarm-high-resolution': watch(
    'CW:HighResAlarmMonitorUsage',
    'CloudWatch alarm, a metric at high resolution',
    each('alarm-month'),
  ),
  'logs/ingestion': watch('DataProcessing-Bytes', 'CloudWatch Logs, ingestion', GB),
  'logs/storage': watch('TimedStorage-ByteHrs', 'CloudWatch Logs, storage', GB_MONTH),
};

/** Where the price list has the price with that id; nothing if that is not known here. */
export function priceQuery(id: string): PriceQuery | undefined {
  const parts = id.split('/');
  const [family, second = '', third = '', fourth = ''] = parts;
  switch (family) {
    case 'elasticache':
      return second === 'reserved-1y-no-upfront' ? cacheNode(third, fourth, true) : cacheNode(second, third, false);
    case 'elasticache-serverless':
      return serverless(second, third);
    case 'rds':
      return third.length > 0 && fourth.startsWith('db.')
        ? databaseInstance(second, third, fourth)
        : databaseStorage(second, third, fourth);
    case 'ec2':
      return /^[a-z][a-z0-9-]*\.[a-z0-9-]+$/.test(second) ? instance(second) : undefined;
    case 'ebs':
      return {
        service: 'AmazonEC2',
        attributes: { productFamily: 'Storage', volumeApiName: second },
        usageType: `EBS:VolumeUsage.${second}`,
        what: `EBS ${second} volume`,
        unit: GB_MONTH,
      };
    default:
      return SINGLE[id];
  }
}

function cacheNode(engine: string, type: string, isReserved: boolean): PriceQuery | undefined {
  const cacheEngine = CACHE_ENGINES[engine];
  return cacheEngine === undefined || !type.startsWith('cache.')
    ? undefined
    : {
        service: 'AmazonElastiCache',
        attributes: { productFamily: 'Cache Instance', instanceType: type, cacheEngine },
        usageType: `NodeUsage:${type}`,
        ...(isReserved ? { isReserved } : {}),
        what: `ElastiCache for ${CACHE_NAMES[engine]} node, ${type}${isReserved ? ', reserved for a year with nothing upfront' : ''}`,
        unit: HOUR,
      };
}

function serverless(engine: string, what: string): PriceQuery | undefined {
  const name = CACHE_ENGINES[engine];
  if (name === undefined) {
    return undefined;
  }
  const title = `ElastiCache Serverless for ${CACHE_NAMES[engine]}`;
  return what === 'storage'
    ? of('AmazonElastiCache', `CachedData:${name}`, `${title}, data stored`, GB_HOUR)
    : of(
        'AmazonElastiCache',
        `ElastiCacheProcessingUnits:${name}`,
        `${title}, processing units`,
        each('million ECPUs', 1_000_000),
      );
}

function databaseInstance(engine: string, zones: string, type: string): PriceQuery | undefined {
  const [databaseEngine, deploymentOption] = [DATABASE_ENGINES[engine], ZONES[zones]];
  return databaseEngine === undefined || deploymentOption === undefined
    ? undefined
    : {
        service: 'AmazonRDS',
        attributes: { productFamily: 'Database Instance', instanceType: type, databaseEngine, deploymentOption },
        usageType: `${zones === 'multi-az' ? 'Multi-AZUsage' : 'InstanceUsage'}:${type}`,
        what: `RDS for ${databaseEngine}, ${type}, ${deploymentOption}`,
        unit: HOUR,
      };
}

function databaseStorage(engine: string, zones: string, kind: string): PriceQuery | undefined {
  const [databaseEngine, deploymentOption, volumeType] = [DATABASE_ENGINES[engine], ZONES[zones], VOLUMES[kind]];
  return databaseEngine === undefined || deploymentOption === undefined || volumeType === undefined
    ? undefined
    : {
        service: 'AmazonRDS',
        attributes: { productFamily: 'Database Storage', databaseEngine, deploymentOption, volumeType },
        usageType: `RDS:${zones === 'multi-az' ? 'Multi-AZ-' : ''}${kind.toUpperCase()}-Storage`,
        what: `RDS for ${databaseEngine}, ${kind} storage, ${deploymentOption}`,
        unit: GB_MONTH,
      };
}

function instance(type: string): PriceQuery {
  return {
    service: 'AmazonEC2',
    attributes: {
      productFamily: 'Compute Instance',
      instanceType: type,
      operatingSystem: 'Linux',
      tenancy: 'Shared',
      preInstalledSw: 'NA',
      capacitystatus: 'Used',
    },
    usageType: `BoxUsage:${type}`,
    what: `EC2 ${type}, Linux`,
    unit: HOUR,
  };
}

function of(service: string, usageType: string, what: string, unit: Unit): PriceQuery {
  return { service, attributes: {}, usageType, what, unit };
}

function ec2(usageType: string, what: string, unit: Unit): PriceQuery {
  return { service: 'AmazonEC2', attributes: { productFamily: 'NAT Gateway' }, usageType, what, unit };
}

function vpc(usageType: string, what: string, unit: Unit): PriceQuery {
  return of('AmazonVPC', usageType, what, unit);
}

function balancer(kind: string, usageType: string, what: string, unit: Unit): PriceQuery {
  return { service: 'AWSELB', attributes: { productFamily: `Load Balancer-${kind}` }, usageType, what, unit };
}

function secret(usageType: string, what: string, unit: Unit): PriceQuery {
  return of('AWSSecretsManager', usageType, what, unit);
}

function watch(usageType: string, what: string, unit: Unit): PriceQuery {
  return of('AmazonCloudWatch', usageType, what, unit);
}
