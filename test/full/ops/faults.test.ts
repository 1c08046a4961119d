import { healthyProduction } from '../../ops/fake-aws/environments';
import { FakeAws, type FakeFault } from '../../ops/fake-aws/fake-aws';
import { type Run, runCommand } from './run-command';

let aws: FakeAws;
let well: Run;

beforeAll(async () => {
  aws = await FakeAws.start(healthyProduction(new Date()));
  well = await status();
});

afterEach(() => aws.clearFaults());

afterAll(() => aws.close());

function status(...args: readonly string[]): Promise<Run> {
  return runCommand(['status', 'prod', '--json', '--endpoint-url', aws.address, ...args], FEWER);
}

/** Fewer tries than there are: what fails for ever fails sooner. */
const FEWER = { env: { AWS_MAX_ATTEMPTS: '4' } };

/** A state without what differs from one look to the next. */
function timeless(json: string) {
  const { takenAt, ...state } = JSON.parse(json);
  expect(takenAt).toMatch(/^2\d{3}-/);
  return state;
}

test.each<[string, FakeFault]>([
  ['three calls are throttled', { kind: 'throttle', times: 3 }],
  ['three are answered with an internal failure', { kind: 'error', status: 500, times: 3 }],
  ['three are answered that the service is not available', { kind: 'error', status: 503, times: 3 }],
  ['two connections are reset', { kind: 'reset', times: 2 }],
  ['an answer is cut', { kind: 'cut', times: 1 }],
  ['every answer takes its time', { kind: 'slow', ms: 150 }],
  ['the clock of this machine is ten minutes late', { kind: 'skew', ms: 600_000 }],
])('everything is there in the end if %s', async (_, fault) => {
  aws.fault(fault);

  const { status: code, stdout, stderr } = await status();

  expect([code, stderr]).toEqual([0, '']);
  expect(timeless(stdout)).toEqual(timeless(well.stdout));
});

test.each<[string, FakeFault, string, RegExp]>([
  [
    'alarms may not be read',
    { kind: 'denied', action: 'cloudwatch:DescribeAlarms' },
    'cloudwatch:DescribeAlarms',
    /^AWS does not allow these credentials cloudwatch:DescribeAlarms$/,
  ],
  [
    'metrics are throttled for ever',
    { kind: 'throttle', action: 'cloudwatch:GetMetricData' },
    'cloudwatch:GetMetricData',
    /rate/i,
  ],
  ['RDS is not available for ever', { kind: 'error', status: 503, action: /^rds:/ }, 'rds:DescribeDBInstances', /./],
  [
    'a proxy answers for Auto Scaling',
    { kind: 'html', action: /^autoscaling:/ },
    'autoscaling:DescribeAutoScalingGroups',
    /./,
  ],
])(
  'what is there is shown, and what is missing is said, if %s',
  async (_, fault, action, message) => {
    aws.fault(fault);

    const [json, text] = await Promise.all([
      status('--timeout', '200'),
      runCommand(['status', 'prod', '--endpoint-url', aws.address, '--timeout', '200'], FEWER),
    ]);

    const { gaps, groups } = JSON.parse(json.stdout);
    expect([json.status, text.status]).toEqual([3, 3]);
    expect(groups).toHaveLength(1);
    expect(gaps).toEqual([expect.objectContaining({ action, message: expect.stringMatching(message) })]);
    expect(text.stdout).toContain('This is not everything: AWS did not give');
    expect(text.stdout).toContain(action);
  },
  200_000,
);

test.each<[string, FakeFault, number, RegExp]>([
  ['nothing may be asked', { kind: 'denied' }, 3, /AWS does not allow these credentials cloudformation:DescribeStacks/],
  ['the credentials have expired', { kind: 'expired' }, 3, /the AWS credentials have expired: sign in again/],
  ['the clock cannot be put right', { kind: 'skew', ms: 600_000, fixed: true }, 3, /is this machine's clock right\?/],
  ['nothing is ever answered', { kind: 'hang' }, 4, /AWS did not answer|not answered in time/],
  [
    'one service never answers',
    { kind: 'hang', action: /^rds:/ },
    4,
    /AWS did not answer everything in time; --timeout gives it longer/,
  ],
])('nothing is printed, and it is said why, if %s', async (_, fault, code, message) => {
  aws.fault(fault);

  const { status: got, stdout, stderr } = await status('--timeout', '2');

  expect([got, stdout]).toEqual([code, '']);
  expect(stderr).toMatch(message);
});

test.each<[string, readonly string[], number, RegExp]>([
  ['an environment that is not there', ['status', 'pord'], 2, /no environment `pord` in us-east-1\? There are: prod$/m],
  ['a stack that is not there', ['status', '--stack', 'shop'], 2, /no stack `shop` in us-east-1/],
  [
    'another name for stacks',
    ['status', 'dev', '--stack', 'cdk-elasticache-prod-data'],
    2,
    /these stacks are not `dev` but `prod`: name them so/,
  ],
  ['a time that is none', ['status', '--timeout', 'soon'], 2, /a time is a whole number from 1 to 3600/],
  ['two places', ['status', '--aws'], 2, /give one of them/],
  ['a picture that changes, in JSON', ['status', '--watch', '--json'], 2, /give one of them/],
  ['a picture that changes, in a pipe', ['status', '--watch'], 2, /which needs a terminal/],
  ['half a use', ['cost', 'prod', '--gigabytes', '2'], 2, /--gigabytes and --ecpu together/],
  ['an amount below nothing', ['cost', 'prod', '--gigabytes=-2', '--ecpu', '1'], 2, /an amount is a number from 0/],
  ['prices that are not there', ['cost', 'prod', '--prices', '/no/such/file'], 2, /\/no\/such\/file/],
  ['an option of an assembly', ['cost', 'prod', '--environment', 'prod'], 2, /--environment: of a cloud assembly/],
  [
    'a drill that breaks machines',
    ['drill', 'freeze', 'prod'],
    2,
    /what is deployed can be drilled by failover and instance/,
  ],
  ['an address that is none', ['drill', 'failover', 'prod', '--url', 'films'], 2, /an address begins with http/],
])('fails for %s', async (_, args, code, message) => {
  const { status: got, stdout, stderr } = await runCommand([...args, '--endpoint-url', aws.address]);

  expect([got, stdout]).toEqual([code, '']);
  expect(stderr).toMatch(message);
});

test.each<[string, readonly string[], Record<string, string | undefined>, RegExp]>([
  ['no region', [], { AWS_REGION: undefined }, /no region: give --region, or set AWS_REGION/],
  [
    'a region without the service',
    ['--region', 'xx-nowhere-1', '--timeout', '20'],
    { AWS_ENDPOINT_URL: undefined },
    /cloudformation has no address in xx-nowhere-1: does the region have the service/,
  ],
  [
    'no credentials',
    [],
    { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined },
    /no AWS credentials were found/,
  ],
  ['an endpoint that nothing listens at', ['--endpoint-url', 'http://127.0.0.1:9'], {}, /nothing listens there/],
  ['an endpoint that is no address', ['--endpoint-url', 'localhost'], {}, /an endpoint is an address such as/],
])('says so if there is %s', async (_, args, env, message) => {
  const { stdout, stderr, status: code } = await runCommand(['status', 'prod', ...args], { env });

  expect(stdout).toBe('');
  expect(stderr).toMatch(message);
  expect([2, 3]).toContain(code);
});

test('a call that is throttled for ever is given up', async () => {
  aws.fault({ kind: 'throttle' });

  const { status: code, stdout, stderr } = await status('--timeout', '100');

  expect([code, stdout]).toEqual([3, '']);
  expect(stderr).toMatch(/^Throttling: /);
  expect(aws.calls.slice(-4).map(({ action }) => action)).toEqual(Array(4).fill('cloudformation:DescribeStacks'));
});

test('Ctrl-C ends it with nothing half printed', async () => {
  aws.fault({ kind: 'slow', ms: 2_000 });

  const {
    status: code,
    stdout,
    stderr,
  } = await runCommand(['status', 'prod', '--json', '--endpoint-url', aws.address], {
    killAfterMs: 1_500,
  });

  expect([code, stdout, stderr.trim()]).toEqual([1, '', 'interrupted']);
});

test('no more than eight calls are in flight at once, and tries are counted', async () => {
  aws.fault({ kind: 'throttle', times: 2, action: 'rds:DescribeDBInstances' });
  aws.fault({ kind: 'slow', ms: 100 });

  const { stderr } = await runCommand(['doctor', 'prod', '--endpoint-url', aws.address, '--calls']);

  expect(stderr).toMatch(/^\d+ calls: .*rds:DescribeDBInstances 3/);
  expect(aws.mostAtOnce).toBeGreaterThan(2);
  expect(aws.mostAtOnce).toBeLessThanOrEqual(8);
});
