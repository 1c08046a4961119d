import { stripVTControlCharacters } from 'node:util';
import { estimateMonth, type StackTemplate } from '../../../ops/cost/estimate';
import { PriceList } from '../../../ops/cost/price-list';
import { costText } from '../../../ops/cost/text';
import { whatIfs } from '../../../ops/cost/what-ifs';

const PRICES = new PriceList([
  price('elasticache/redis/cache.m5.large', 'hour', 0.156, 'https://x/nodes', '2026-10-02'),
  price('elasticache/redis/cache.m7g.large', 'hour', 0.158, 'https://x/nodes', '2026-09-30'),
  price('elasticache/valkey/cache.m5.large', 'hour', 0.1248, 'https://x/nodes', '2026-10-02'),
  price('elasticache-serverless/redis/storage', 'GB-hour', 0.125, 'https://x/serverless'),
  price('elasticache-serverless/redis/requests', 'million ECPUs', 0.0034, 'https://x/serverless'),
  price('nat-gateway/hour', 'hour', 0.045, 'https://x/nat'),
  price('nat-gateway/data', 'GB', 0.045, 'https://x/nat'),
]);

function price(id: string, unit: string, amount: number, source: string, seen?: string) {
  return { id, what: id, unit, price: amount, source, ...(seen === undefined ? {} : { seen }) };
}

const STACKS: StackTemplate[] = [
  { name: 'prod/network', template: { Resources: { Nat: { Type: 'AWS::EC2::NatGateway' } } } },
  {
    name: 'prod/data',
    template: {
      Resources: {
        Sessions: {
          Type: 'AWS::ElastiCache::ReplicationGroup',
          Properties: { Engine: 'redis', CacheNodeType: 'cache.m5.large', NumCacheClusters: 2 },
        },
        Thing: { Type: 'AWS::Mystery::ThingWithAnExceedinglyLongNameThatNoColumnHasRoomForAtAll' },
        Log: { Type: 'AWS::Logs::LogGroup' },
      },
    },
  },
];

function text(colour: boolean, width: number): string {
  return costText(estimateMonth(STACKS, PRICES), whatIfs(STACKS, PRICES), { colour, width });
}

test('at 80 columns, without colour', () => {
  expect(text(false, 80)).toMatchInlineSnapshot(`
"prod/network: $32.85 a month
                                       quantity     unit price  USD a month
  NAT gateway                               730  $0.045 / hour        32.85  [1]
  NAT gateway, data                      by use    $0.045 / GB               [1]

prod/data: $227.76 a month
                                       quantity     unit price  USD a month
  2 × cache.m5.large, redis               1,460  $0.156 / hour       227.76  [2]
  AWS::Mystery::ThingWithAnExceedingl                               unknown
  yLongNameThatNoColumnHasRoomForAtAl
  l (no price is known for this type)
  logs, ingestion (no sourced price      by use                     unknown
  for logs/ingestion)
  logs, storage (no sourced price for    by use                     unknown
  logs/storage)

Known a month: $260.61
3 unknown, which are not in it.
What depends on use is not in it; its prices are above.

What if
  Graviton instead of x86 processors: costs $2.92 a month more
    prod/data Sessions: cache.m5.large → cache.m7g.large
    Instances need an image and packages for arm64, and databases an engine
    version that RDS has on Graviton. What a deploy replaces is told by
    \`cdk-elasticache guard\`.
  Valkey instead of Redis OSS: saves $45.55 a month
    prod/data Sessions: redis → valkey
    The engine version and the parameter group change with the engine, and
    ElastiCache does not take a cache back to Redis OSS. What a deploy replaces
    is told by \`cdk-elasticache guard\`.
  Serverless caches, at the least that is billed: saves $136.51 a month
    prod/data Sessions: 2 × cache.m5.large → serverless
    Counted with the least data that is billed (0.1 GB for Valkey, 1 GB for the
    others) and no requests: what is really stored and asked comes on top. Each
    is a new cache, with TLS and cluster mode, and data are not moved by a
    deploy.
  Cache nodes reserved for a year, nothing upfront: unknown
    prod/data Sessions: 2 × cache.m5.large, reserved
    Reserved nodes are paid for the whole year, whether they run or not.
    Reservations that exist already are not known here. What it saves is
    unknown: no sourced price for
    elasticache/reserved-1y-no-upfront/redis/cache.m5.large.
  Interface endpoints instead of NAT gateways: unknown
    prod/network Nat: goes
    prod/network: an interface endpoint in some zones for each of autoscaling,
    cloudformation, ec2, ec2messages, logs, monitoring, secretsmanager, ssm,
    ssmmessages
    Nothing in the private subnets reaches the internet then, and a service of
    AWS that has no endpoint is not reached either. Traffic is not in the
    difference. What it saves is unknown: the template leaves it to the
    deployment.

List prices of us-east-1 in US dollars, on demand, without free tier, discounts
and taxes; a month has 730 hours.
[1] without a date https://x/nat
[2] 2026-09-30 to 2026-10-02 https://x/nodes
[3] without a date https://x/serverless
"
`);
});

test('at 120 columns, without colour', () => {
  expect(text(false, 120)).toMatchInlineSnapshot(`
"prod/network: $32.85 a month
                                                                               quantity     unit price  USD a month
  NAT gateway                                                                       730  $0.045 / hour        32.85  [1]
  NAT gateway, data                                                              by use    $0.045 / GB               [1]

prod/data: $227.76 a month
                                                                               quantity     unit price  USD a month
  2 × cache.m5.large, redis                                                       1,460  $0.156 / hour       227.76  [2]
  AWS::Mystery::ThingWithAnExceedinglyLongNameThatNoColumnHasRoomForAtAll (no                               unknown
  price is known for this type)
  logs, ingestion (no sourced price for logs/ingestion)                          by use                     unknown
  logs, storage (no sourced price for logs/storage)                              by use                     unknown

Known a month: $260.61
3 unknown, which are not in it.
What depends on use is not in it; its prices are above.

What if
  Graviton instead of x86 processors: costs $2.92 a month more
    prod/data Sessions: cache.m5.large → cache.m7g.large
    Instances need an image and packages for arm64, and databases an engine version that RDS has on Graviton. What a
    deploy replaces is told by \`cdk-elasticache guard\`.
  Valkey instead of Redis OSS: saves $45.55 a month
    prod/data Sessions: redis → valkey
    The engine version and the parameter group change with the engine, and ElastiCache does not take a cache back to
    Redis OSS. What a deploy replaces is told by \`cdk-elasticache guard\`.
  Serverless caches, at the least that is billed: saves $136.51 a month
    prod/data Sessions: 2 × cache.m5.large → serverless
    Counted with the least data that is billed (0.1 GB for Valkey, 1 GB for the others) and no requests: what is really
    stored and asked comes on top. Each is a new cache, with TLS and cluster mode, and data are not moved by a deploy.
  Cache nodes reserved for a year, nothing upfront: unknown
    prod/data Sessions: 2 × cache.m5.large, reserved
    Reserved nodes are paid for the whole year, whether they run or not. Reservations that exist already are not known
    here. What it saves is unknown: no sourced price for elasticache/reserved-1y-no-upfront/redis/cache.m5.large.
  Interface endpoints instead of NAT gateways: unknown
    prod/network Nat: goes
    prod/network: an interface endpoint in some zones for each of autoscaling, cloudformation, ec2, ec2messages, logs,
    monitoring, secretsmanager, ssm, ssmmessages
    Nothing in the private subnets reaches the internet then, and a service of AWS that has no endpoint is not reached
    either. Traffic is not in the difference. What it saves is unknown: the template leaves it to the deployment.

List prices of us-east-1 in US dollars, on demand, without free tier, discounts and taxes; a month has 730 hours.
[1] without a date https://x/nat
[2] 2026-09-30 to 2026-10-02 https://x/nodes
[3] without a date https://x/serverless
"
`);
});

test('at 80 columns, with colour', () => {
  expect(text(true, 80).replaceAll('\u001b', '<esc>')).toMatchInlineSnapshot(`
"<esc>[1mprod/network: $32.85 a month<esc>[22m
  <esc>[2m                                     quantity     unit price  USD a month<esc>[22m
  NAT gateway                               730  $0.045 / hour        32.85  [1]
  <esc>[2mNAT gateway, data                      by use    $0.045 / GB               [1]<esc>[22m

<esc>[1mprod/data: $227.76 a month<esc>[22m
  <esc>[2m                                     quantity     unit price  USD a month<esc>[22m
  2 × cache.m5.large, redis               1,460  $0.156 / hour       227.76  [2]
  <esc>[33mAWS::Mystery::ThingWithAnExceedingl                               unknown<esc>[39m
  <esc>[33myLongNameThatNoColumnHasRoomForAtAl<esc>[39m
  <esc>[33ml (no price is known for this type)<esc>[39m
  <esc>[33mlogs, ingestion (no sourced price      by use                     unknown<esc>[39m
  <esc>[33mfor logs/ingestion)<esc>[39m
  <esc>[33mlogs, storage (no sourced price for    by use                     unknown<esc>[39m
  <esc>[33mlogs/storage)<esc>[39m

<esc>[1mKnown a month: $260.61<esc>[22m
<esc>[33m3 unknown, which are not in it.<esc>[39m
What depends on use is not in it; its prices are above.

<esc>[1mWhat if<esc>[22m
  <esc>[1mGraviton instead of x86 processors: costs $2.92 a month more<esc>[22m
    prod/data Sessions: cache.m5.large → cache.m7g.large
    <esc>[2mInstances need an image and packages for arm64, and databases an engine<esc>[22m
    <esc>[2mversion that RDS has on Graviton. What a deploy replaces is told by<esc>[22m
    <esc>[2m\`cdk-elasticache guard\`.<esc>[22m
  <esc>[32mValkey instead of Redis OSS: saves $45.55 a month<esc>[39m
    prod/data Sessions: redis → valkey
    <esc>[2mThe engine version and the parameter group change with the engine, and<esc>[22m
    <esc>[2mElastiCache does not take a cache back to Redis OSS. What a deploy replaces<esc>[22m
    <esc>[2mis told by \`cdk-elasticache guard\`.<esc>[22m
  <esc>[32mServerless caches, at the least that is billed: saves $136.51 a month<esc>[39m
    prod/data Sessions: 2 × cache.m5.large → serverless
    <esc>[2mCounted with the least data that is billed (0.1 GB for Valkey, 1 GB for the<esc>[22m
    <esc>[2mothers) and no requests: what is really stored and asked comes on top. Each<esc>[22m
    <esc>[2mis a new cache, with TLS and cluster mode, and data are not moved by a<esc>[22m
    <esc>[2mdeploy.<esc>[22m
  <esc>[33mCache nodes reserved for a year, nothing upfront: unknown<esc>[39m
    prod/data Sessions: 2 × cache.m5.large, reserved
    <esc>[2mReserved nodes are paid for the whole year, whether they run or not.<esc>[22m
    <esc>[2mReservations that exist already are not known here. What it saves is<esc>[22m
    <esc>[2munknown: no sourced price for<esc>[22m
    <esc>[2melasticache/reserved-1y-no-upfront/redis/cache.m5.large.<esc>[22m
  <esc>[33mInterface endpoints instead of NAT gateways: unknown<esc>[39m
    prod/network Nat: goes
    prod/network: an interface endpoint in some zones for each of autoscaling,
    cloudformation, ec2, ec2messages, logs, monitoring, secretsmanager, ssm,
    ssmmessages
    <esc>[2mNothing in the private subnets reaches the internet then, and a service of<esc>[22m
    <esc>[2mAWS that has no endpoint is not reached either. Traffic is not in the<esc>[22m
    <esc>[2mdifference. What it saves is unknown: the template leaves it to the<esc>[22m
    <esc>[2mdeployment.<esc>[22m

List prices of us-east-1 in US dollars, on demand, without free tier, discounts
and taxes; a month has 730 hours.
<esc>[2m[1] without a date https://x/nat<esc>[22m
<esc>[2m[2] 2026-09-30 to 2026-10-02 https://x/nodes<esc>[22m
<esc>[2m[3] without a date https://x/serverless<esc>[22m
"
`);
});

test.each([60, 80, 100, 120, 200])('with and without colour it is the same text, no wider than %i columns', (width) => {
  const plain = text(false, width);

  expect(stripVTControlCharacters(text(true, width))).toBe(plain);
  expect(plain.split('\n').filter((line) => line.length > width)).toEqual([]);
});

test('a terminal without columns has 60', () => {
  expect(text(false, 0)).toBe(text(false, 60));
});

test('in a pipe nothing is broken into lines', () => {
  const lines = text(false, Number.POSITIVE_INFINITY).split('\n');

  expect(lines).toContain(
    'List prices of us-east-1 in US dollars, on demand, without free tier, discounts and taxes; a month has 730 hours.',
  );
});

test('where there is nothing, there is no total but of nothing', () => {
  expect(costText(estimateMonth([], PRICES), [], { colour: false, width: 80 })).toBe(
    `Known a month: $0.00

List prices of us-east-1 in US dollars, on demand, without free tier, discounts
and taxes; a month has 730 hours.
`,
  );
});
