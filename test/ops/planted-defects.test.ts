import { AwsSession } from '../../ops/aws/aws-session';
import { type Diagnosis, diagnose } from '../../ops/doctor/diagnose';
import { readEnvironment } from '../../ops/environment/read-environment';
import { healthyDev, healthyProduction } from './fake-aws/environments';
import { FakeAws, type FakeState } from './fake-aws/fake-aws';
import { PLANTED } from './fake-aws/planted-defects';

let aws: FakeAws;

beforeAll(async () => {
  aws = await FakeAws.start(healthyProduction(new Date()));
});

afterAll(() => aws.close());

/** What doctor says of a region, over the wire. */
async function diagnosed(state: FakeState): Promise<Diagnosis> {
  aws.state = state;
  const session = await AwsSession.open({ endpointUrl: aws.address, region: 'us-east-1', timeoutMs: 20_000 });
  try {
    const read = await readEnvironment(session, { detail: 'doctor', isLocal: false });
    expect(read.gaps).toEqual([]);
    return diagnose(read, new Date());
  } finally {
    session.close();
  }
}

test.each([
  ['production', healthyProduction],
  ['development', healthyDev],
])('nothing is found in %s that is well, and everything is judged', async (_, state) => {
  expect(await diagnosed(state(new Date()))).toEqual({ findings: [], notChecked: [] });
});

test.each(PLANTED)('finds that $name', async ({ plant, rules, evidence }) => {
  const state = healthyProduction(new Date());
  plant(state);

  const { findings } = await diagnosed(state);

  expect([...new Set(findings.map(({ rule }) => rule))].sort()).toEqual([...rules].sort());
  expect(findings.filter(({ rule }) => rules.includes(rule)).map((finding) => finding.evidence)).toContainEqual(
    expect.stringMatching(evidence),
  );
});

/** What may look like a defect, as AWS tells of it, and is none. */
const HARMLESS: ReadonlyArray<readonly [what: string, plant: (state: FakeState) => void]> = [
  [
    'service updates have expired, and were cancelled',
    (state) => {
      for (const ServiceUpdateStatus of ['expired', 'cancelled'] as const) {
        state.updateActions.push({
          ReplicationGroupId: 'prod-sessions',
          ServiceUpdateName: `old-${ServiceUpdateStatus}`,
          ServiceUpdateStatus,
          ServiceUpdateSeverity: 'critical',
          UpdateActionStatus: 'not-applied',
          ServiceUpdateRecommendedApplyByDate: new Date(0),
        });
      }
    },
  ],
  [
    'stacks name their caches and databases in upper case',
    (state) => {
      for (const { resources } of state.stacks) {
        for (const resource of resources) {
          if (/^AWS::(ElastiCache|RDS)::/.test(resource.ResourceType ?? '')) {
            resource.PhysicalResourceId = resource.PhysicalResourceId?.toUpperCase();
          }
        }
      }
    },
  ],
  [
    'an alarm is raised whose actions scale the fleet',
    (state) =>
      Object.assign(state.alarms[0] ?? {}, {
        StateValue: 'ALARM',
        AlarmActions: [
          'arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:1:autoScalingGroupName/web:policyName/up',
        ],
      }),
  ],
  [
    'a composite alarm tells of an alarm that is raised, and has no actions of its own',
    (state) => {
      const [alarm] = state.alarms;
      const data = state.stacks.find(({ StackName }) => StackName?.endsWith('-data'));
      Object.assign(alarm ?? {}, { StateValue: 'ALARM', AlarmActions: [] });
      data?.resources.push({
        LogicalResourceId: 'Sessions',
        PhysicalResourceId: 'sessions',
        ResourceType: 'AWS::CloudWatch::CompositeAlarm',
        ResourceStatus: 'CREATE_COMPLETE',
        LastUpdatedTimestamp: new Date(),
      });
      state.compositeAlarms.push({
        AlarmName: 'sessions',
        AlarmRule: `ALARM("${alarm?.AlarmName}") AND NOT ALARM(other)`,
        StateValue: 'OK',
        StateReason: 'one of them is quiet',
        ActionsEnabled: true,
        AlarmActions: ['arn:aws:sns:us-east-1:123456789012:alarms'],
      });
    },
  ],
  [
    'one alarm of all databases searches for them',
    (state) => {
      const [first, ...others] = state.alarms.filter(({ Namespace }) => Namespace === 'AWS/RDS');
      state.alarms = state.alarms.filter((alarm) => !others.includes(alarm));
      Object.assign(first ?? {}, {
        Namespace: undefined,
        MetricName: undefined,
        Dimensions: [],
        Metrics: [{ Id: 'cpu', Expression: 'SELECT MAX(CPUUtilization) FROM SCHEMA("AWS/RDS", DBInstanceIdentifier)' }],
      });
    },
  ],
  [
    'the minor version of an engine was upgraded by ElastiCache',
    (state) => {
      for (const cluster of state.cacheClusters.filter(({ Engine }) => Engine === 'valkey')) {
        cluster.EngineVersion = '8.2.0';
      }
    },
  ],
];

test.each(HARMLESS)('finds nothing when %s', async (_, plant) => {
  const state = healthyProduction(new Date());
  plant(state);

  expect(await diagnosed(state)).toEqual({ findings: [], notChecked: [] });
});

test('there are at least 25 of them, of as many kinds', () => {
  expect(new Set(PLANTED.flatMap(({ rules }) => rules)).size).toBeGreaterThanOrEqual(25);
});
