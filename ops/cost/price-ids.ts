const ENGINE = '(valkey|redis|memcached)';
const TYPE = '[a-z][a-z0-9-]*\\.[a-z0-9-]+';
const DATABASE = 'rds/[a-z-]+';

/** What prices may be of: what an estimate can ask for. */
const KNOWN = [
  `elasticache/(reserved-1y-no-upfront/)?${ENGINE}/cache\\.${TYPE}`,
  `elasticache-serverless/${ENGINE}/(storage|requests)`,
  'elasticache/backup',
  `${DATABASE}/(single-az|multi-az)/(db\\.${TYPE}|[a-z0-9]+)`,
  `${DATABASE}/(backup|cpu-credits)`,
  'rds/(database-insights|performance-insights)',
  `ec2/(${TYPE}|detailed-monitoring)`,
  'ebs/[a-z0-9]+',
  'elb/(application|network|gateway)/(hour|lcu)',
  '(nat-gateway|vpc-endpoint)/(hour|data)',
  'public-ipv4',
  'data-transfer/(zones|internet)',
  'kms/(key|requests)',
  'secrets-manager/(secret|calls)',
  'cloudwatch/(alarm|alarm-high-resolution|composite-alarm|dashboard|metric)',
  'logs/(ingestion|storage|vended|vended-elsewhere)',
  's3/standard',
  'lambda/(arm64|x86_64|requests)',
  'sns/email',
  'waf/(web-acl|rule|requests)',
  'route53/hosted-zone',
].map((pattern) => new RegExp(`^${pattern}$`));

/** Whether an estimate can ask for a price with that id. */
export function isPriceId(id: string): boolean {
  return KNOWN.some((pattern) => pattern.test(id));
}

/** Id of the price of a node that is reserved for a year, with nothing paid upfront. */
export function reservedPriceId(engine: string, nodeType: string): string {
  return `elasticache/reserved-1y-no-upfront/${engine}/${nodeType}`;
}
