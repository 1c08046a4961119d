import { AwsSession } from '../../../ops/aws/aws-session';
import { type Diagnosis, diagnose } from '../../../ops/doctor/diagnose';
import { readEnvironment } from '../../../ops/environment/read-environment';
import { healthyDev, healthyProduction } from '../../ops/fake-aws/environments';
import { FakeAws, type FakeState } from '../../ops/fake-aws/fake-aws';
import { PLANTED } from './planted-defects';

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

test('there are at least 25 of them, of as many kinds', () => {
  expect(new Set(PLANTED.flatMap(({ rules }) => rules)).size).toBeGreaterThanOrEqual(25);
});
