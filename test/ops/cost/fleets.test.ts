import { costOf, DEPLOYED, UNRESOLVED } from './round-prices';

const GROUP = 'AWS::AutoScaling::AutoScalingGroup';
const VOLUME = { Ebs: { VolumeType: 'gp3', VolumeSize: 10 } };
const LAUNCH = { LaunchTemplateId: { Ref: 'Launch' } };

function launch(data: Readonly<Record<string, unknown>> = {}) {
  const LaunchTemplateData = { InstanceType: 't4g.small', BlockDeviceMappings: [VOLUME], ...data };
  return { Launch: { Type: 'AWS::EC2::LaunchTemplate', Properties: { LaunchTemplateData } } };
}

test.each([
  ['its smallest size', { MinSize: '2', MaxSize: '4' }, '2 × t4g.small', 29.2],
  ['the size that it wants', { MinSize: '1', DesiredCapacity: '3' }, '3 × t4g.small', 43.8],
  ['nothing if the deployment decides', { MinSize: DEPLOYED }, 'some × t4g.small', UNRESOLVED],
])('a fleet costs %s', (_name, size, what, expected) => {
  expect(costOf(GROUP, { ...size, LaunchTemplate: LAUNCH }, launch())).toMatchObject({ [what]: expected });
});

test('every instance has a volume', () => {
  expect(costOf(GROUP, { MinSize: '2', LaunchTemplate: LAUNCH }, launch())).toEqual({
    '2 × t4g.small': 29.2,
    'volumes of the instances, gp3': 2,
  });
});

test('pays for detailed monitoring and for public addresses', () => {
  const data = { Monitoring: { Enabled: true }, NetworkInterfaces: [{ AssociatePublicIpAddress: true }] };

  expect(costOf(GROUP, { MinSize: '2', LaunchTemplate: LAUNCH }, launch(data))).toMatchObject({
    'detailed monitoring of the instances': 4.2,
    'public IPv4 addresses of the instances': 14.6,
  });
});

test.each([
  ['monitoring', { Monitoring: { Enabled: DEPLOYED } }, 'detailed monitoring of the instances'],
  ['addresses', { NetworkInterfaces: DEPLOYED }, 'public IPv4 addresses of the instances'],
  ['an instance type', { InstanceType: DEPLOYED }, '2 × instance of some type'],
  ['the size of a volume', { BlockDeviceMappings: [{ Ebs: { VolumeType: 'gp3' } }] }, 'volumes of the instances, gp3'],
  [
    'the kind of a volume',
    { BlockDeviceMappings: [{ Ebs: { VolumeSize: 1 } }] },
    'volumes of the instances, some kind',
  ],
])('does not guess %s', (_name, data, what) => {
  expect(costOf(GROUP, { MinSize: '2', LaunchTemplate: LAUNCH }, launch(data))).toMatchObject({ [what]: UNRESOLVED });
});

test.each([
  ['no volumes', {}, { BlockDeviceMappings: [] }, 'volumes of the instances', 'the image decides their size'],
  [
    'a fast volume',
    {},
    { BlockDeviceMappings: [{ Ebs: { ...VOLUME.Ebs, Iops: 4000 } }] },
    'volumes of the instances, Iops beyond 3000',
    'its price is not in the list',
  ],
  [
    'a launch template of elsewhere',
    { LaunchTemplate: { LaunchTemplateId: 'lt-1' } },
    {},
    'instances of the fleet',
    'its launch template is not in the same template',
  ],
])('with %s, says what is unknown', (_name, group, data, what, why) => {
  expect(costOf(GROUP, { MinSize: '2', LaunchTemplate: LAUNCH, ...group }, launch(data))).toMatchObject({
    [what]: `unknown: ${why}`,
  });
});

describe('a fleet with a policy of mixed instances', () => {
  const mixed = (InstancesDistribution: unknown, Overrides?: unknown) => ({
    MinSize: '5',
    MixedInstancesPolicy: {
      InstancesDistribution,
      LaunchTemplate: { LaunchTemplateSpecification: LAUNCH, ...(Overrides === undefined ? {} : { Overrides }) },
    },
  });

  test('is on demand unless it says otherwise', () => {
    expect(costOf(GROUP, mixed(undefined), launch())).toMatchObject({ '5 × t4g.small': 73 });
  });

  test('has a Spot share whose price nobody knows, rounded down as Auto Scaling does', () => {
    const distribution = { OnDemandBaseCapacity: 2, OnDemandPercentageAboveBaseCapacity: 50 };

    expect(costOf(GROUP, mixed(distribution), launch())).toMatchObject({
      '4 × t4g.small': 58.4,
      '1 × Spot instance, t4g.small': 'unknown: a Spot price changes from hour to hour',
    });
  });

  test('may be all Spot', () => {
    const cost = costOf(GROUP, mixed({ OnDemandPercentageAboveBaseCapacity: 0 }), launch());

    expect(cost).toMatchObject({ '5 × Spot instance, t4g.small': expect.stringContaining('unknown') });
    expect(Object.keys(cost)).not.toContain('0 × t4g.small');
  });

  test('does not guess a share that the deployment decides', () => {
    expect(costOf(GROUP, mixed({ OnDemandPercentageAboveBaseCapacity: DEPLOYED }), launch())).toMatchObject({
      'some × t4g.small': UNRESOLVED,
      'some × Spot instance, t4g.small': 'unknown: a Spot price changes from hour to hour',
    });
  });

  test.each([
    [[{ InstanceType: 't4g.small' }, { InstanceType: 't4g.medium' }], '5 × Spot instance, t4g.small or t4g.medium'],
    [[{ InstanceType: DEPLOYED }], '5 × Spot instance, of some type'],
  ])('says which types a Spot instance may have: %j', (overrides, what) => {
    const cost = costOf(GROUP, mixed({ OnDemandPercentageAboveBaseCapacity: 0 }, overrides), launch());

    expect(Object.keys(cost)).toContain(what);
  });

  const TWO_TYPES = [{ InstanceType: 't4g.small' }, { InstanceType: 't4g.medium' }];

  test.each([
    ['nothing about their order, which then counts', {}, '5 × t4g.small', 73],
    ['that their order counts', { OnDemandAllocationStrategy: 'prioritized' }, '5 × t4g.small', 73],
    ['the cheapest', { OnDemandAllocationStrategy: 'lowest-price' }, '5 × instance of some type', UNRESOLVED],
    ['a strategy of the deployment', { OnDemandAllocationStrategy: DEPLOYED }, '5 × instance of some type', UNRESOLVED],
  ])('takes the first of two types only if that is sure: it says %s', (_name, distribution, what, expected) => {
    expect(costOf(GROUP, mixed(distribution, TWO_TYPES), launch())).toMatchObject({ [what]: expected });
  });

  test('does not guess a type that is only asked for by requirements', () => {
    const requirements = [{ InstanceRequirements: { VCpuCount: { Min: 2 } } }];

    expect(costOf(GROUP, mixed({}, requirements), launch())).toMatchObject({ '5 × instance of some type': UNRESOLVED });
  });
});
