import fc from 'fast-check';
import { type Diagnosis, diagnose } from '../../../ops/doctor/diagnose';
import { SEVERITIES } from '../../../ops/doctor/rule';
import { DOCTOR_RULES } from '../../../ops/doctor/rules';
import type { EnvironmentState, StackState } from '../../../ops/environment/environment-state';
import {
  alarm,
  all,
  balancer,
  type Change,
  database,
  environment,
  fleet,
  group,
  instances,
  memcached,
  memcachedMetrics,
  metrics,
  nodes,
  parameters,
  serverless,
  silentTemplate,
} from './changes';
import { AT_THE_THRESHOLD, DEFECTS, NO_DEFECTS } from './defects';
import { allDay, daysAgo, healthyDev, healthyProd, idleLocal, lately, NOW } from './healthy-state';

const found = ({ findings }: Diagnosis) => findings.map(({ rule, subject, evidence }) => [rule, subject, evidence]);

test('nothing is wrong with a healthy production environment, and all of it is judged', () => {
  expect(diagnose(healthyProd(), NOW)).toEqual({ findings: [], notChecked: [] });
});

test('nothing is wrong with a healthy serverless cache', () => {
  expect(diagnose(serverless({})(healthyProd()), NOW)).toEqual({ findings: [], notChecked: [] });
});

test('a disposable environment may be small, alone and without snapshots', () => {
  expect(diagnose(healthyDev(), NOW)).toEqual({ findings: [], notChecked: [] });
});

test('the same in an environment that is kept is a lot to mend, the worst first', () => {
  const { findings } = diagnose({ ...healthyDev(), isDisposable: false }, NOW);

  expect(findings.map(({ severity, rule, subject }) => `${severity} ${rule} ${subject}`)).toEqual([
    'critical database-without-backups database films',
    'high database-deletable database films',
    'high database-in-one-zone database films',
    'high fleet-of-one-instance fleet web',
    'high multi-az-off sessions',
    'high replicas-in-one-zone sessions',
    'medium memcached-of-one-node objects',
    'medium no-automatic-snapshots sessions',
    'medium stack-deletable stack prod-data',
    'medium watched-by-no-alarm database films',
    'medium watched-by-no-alarm objects',
    'medium watched-by-no-alarm sessions',
    'low cache-saves-little dev',
    'low reserved-nodes cache.t4g.micro',
  ]);
});

test('a local environment has no faults that a laptop cannot help, and says what is not checked', () => {
  const { findings, notChecked } = diagnose(idleLocal(), NOW);

  expect(findings).toEqual([]);
  expect(notChecked).toContainEqual({
    rule: 'connections-near-limit',
    subject: 'objects',
    why: 'CloudWatch has no data of CurrConnections of objects 0001; objects 0002; objects 0003',
  });
  expect(notChecked.map(({ rule }) => rule)).not.toContain('service-update-due');
});

test('what is down in a local environment is found', () => {
  const { findings } = diagnose(nodes(1, { status: 'failed' })(idleLocal()), NOW);

  expect(findings.map(({ rule, severity }) => [rule, severity])).toEqual([['node-not-available', 'high']]);
});

describe('with one defect', () => {
  test.each(DEFECTS)('finds that $what', ({ change, finds }) => {
    const diagnosis = diagnose(change(healthyProd()), NOW);

    expect(found(diagnosis)).toEqual(finds);
    expect(diagnosis.notChecked).toEqual([]);
  });

  test('every rule has one', () => {
    const planted = new Set(DEFECTS.flatMap(({ finds }) => finds.map(([rule]) => rule)));

    expect([...planted].sort()).toEqual(DOCTOR_RULES.map(({ id }) => id).sort());
  });

  test.each(DEFECTS)('is milder or silent in a disposable environment: $what', ({ change }) => {
    const kept = diagnose(change(healthyProd()), NOW).findings;
    const disposable = diagnose({ ...change(healthyProd()), isDisposable: true }, NOW).findings;
    const harsher = disposable.filter(({ rule, subject, severity }) => {
      const same = kept.find((each) => each.rule === rule && each.subject === subject);
      return same === undefined || SEVERITIES.indexOf(severity) < SEVERITIES.indexOf(same.severity);
    });

    expect(harsher).toEqual([]);
    expect(disposable.map(({ severity }) => severity)).not.toContain('critical');
  });
});

test.each(AT_THE_THRESHOLD)('finds it when %s', (_what, change, rule) => {
  const { findings, notChecked } = diagnose(change(healthyProd()), NOW);

  expect(findings.map((finding) => finding.rule)).toEqual([rule]);
  expect(notChecked).toEqual([]);
});

test.each([
  ['2026-08-04T23:59:00Z', undefined],
  ['2026-08-05T00:00:00Z', 'ends on 2027-01-31, in 180 days'],
  ['2027-01-31T23:00:00Z', 'ends on 2027-01-31, in 60 minutes'],
  ['2027-02-01T00:01:00Z', 'ended on 2027-01-31, 1 minute ago; extended support costs extra'],
])('Redis OSS 6 is in standard support until the end of its last day: at %s', (now, expected) => {
  const state = group({ engine: 'redis', engineVersion: '6.2' })(healthyProd());

  const support = diagnose(state, new Date(now)).findings.filter(({ rule }) => rule.startsWith('engine-support'));

  expect(support.map(({ evidence }) => evidence)).toEqual(
    expected === undefined ? [] : [`standard support of redis 6.2 ${expected}`],
  );
});

test.each(NO_DEFECTS)('finds nothing when %s', (_what, change) => {
  expect(diagnose(change(healthyProd()), NOW)).toEqual({ findings: [], notChecked: [] });
});

test('a finding has the words of its rule', () => {
  const [finding] = diagnose(metrics({ DatabaseMemoryUsagePercentage: lately(1, 93) })(healthyProd()), NOW).findings;

  expect(finding).toEqual({
    rule: 'memory-full-refuses-writes',
    severity: 'high',
    subject: 'sessions',
    title: 'A store that can evict next to nothing has 80 % of its memory in use: full, it refuses writes',
    evidence: 'sessions-0001-001 had up to 93 % in use; its maxmemory-policy is noeviction',
    fix: 'a larger `nodeType` or more `shards`, before it is full; shorter lives of what it holds',
    source: 'https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.WhichShouldIMonitor.html',
  });
});

describe('is less bad', () => {
  const cache = all(
    parameters({ 'maxmemory-policy': 'allkeys-lru' }),
    silentTemplate('SessionsParameters'),
    silentTemplate('Sessions'),
  );
  const deploying = (change: Change): Change =>
    all(change, (state) => ({
      ...state,
      stacks: state.stacks.map((stack) => ({ ...stack, status: 'UPDATE_IN_PROGRESS' })),
    }));
  const creating: Change = (state) => ({
    ...state,
    stacks: state.stacks.map((stack) => ({ ...stack, status: 'CREATE_IN_PROGRESS' })),
  });
  const starting = instances(3, { target: 'initial' });
  const full = memcachedMetrics({ Evictions: allDay(600) });
  const useless = memcachedMetrics({ GetHits: allDay(10_000), GetMisses: allDay(10_000) });
  const ill = instances(1, { target: 'unhealthy' });

  test.each<[string, string, string, Change, Change]>([
    ['evictions of a cache that hits', 'entries-evicted', 'low', all(full, useless), full],
    [
      'a cache without snapshots, which may evict anything',
      'no-automatic-snapshots',
      'low',
      all(group({ snapshotRetentionDays: 0 }), silentTemplate('Sessions')),
      all(group({ snapshotRetentionDays: 0 }), cache),
    ],
    [
      'a group that has no snapshot yet',
      'snapshot-old',
      'low',
      group({ snapshots: [{ name: 'one', status: 'available', at: daysAgo(9), isAutomatic: true }] }),
      group({ snapshots: [] }),
    ],
    [
      'an alarm about how much a cache is of use',
      'alarm-raised',
      'medium',
      alarm({ state: 'ALARM' }),
      alarm({ state: 'ALARM', measures: ['AWS/ElastiCache AuthenticationFailures'] }),
    ],
    [
      'an unhealthy instance in whose place one is starting',
      'target-unhealthy',
      'medium',
      ill,
      (state) => {
        const [web] = ill(state).fleets;
        const [one] = web?.instances ?? [];
        const another = one === undefined ? [] : [{ ...one, id: 'i-4', lifecycle: 'Pending', target: 'unused' }];
        return fleet({ instances: [...(web?.instances ?? []), ...another] })(state);
      },
    ],
    ['a fleet that is made', 'fleet-serves-nothing', 'low', starting, all(starting, creating)],
    [
      'a process that a deployment suspends',
      'fleet-processes-suspended',
      'low',
      fleet({ suspendedProcesses: ['Launch'] }),
      deploying(fleet({ suspendedProcesses: ['Launch'] })),
    ],
    [
      'an instance that a deployment has not replaced yet',
      'fleet-short-of-instances',
      'low',
      fleet({ desired: 4 }),
      deploying(fleet({ desired: 4 })),
    ],
    [
      'an instance that a deployment replaces',
      'fleet-outdated',
      'low',
      instances(1, { isOutdated: true }),
      deploying(instances(1, { isOutdated: true })),
    ],
  ])('%s', (_what, rule, severity, worse, better) => {
    const severityOf = (change: Change) =>
      diagnose(change(healthyProd()), NOW).findings.find((finding) => finding.rule === rule)?.severity;
    const { severity: usual } = DOCTOR_RULES.find(({ id }) => id === rule) ?? {};

    expect(severityOf(worse)).toBe(usual);
    expect(severityOf(better)).toBe(severity);
  });
});

test('an instance that is being terminated is neither there nor ill', () => {
  const { findings } = diagnose(
    instances(1, { lifecycle: 'Terminating:Wait', target: 'draining', health: 'Unhealthy' })(healthyProd()),
    NOW,
  );

  expect(findings.map(({ rule, evidence }) => [rule, evidence])).toEqual([
    ['fleet-short-of-instances', '2 of 3 instances are there, and 2 serve'],
  ]);
});

test('a load balancer of two fleets is judged once', () => {
  const slow = balancer({}, { TargetResponseTime: allDay(9) })(healthyProd());
  const [web] = slow.fleets;
  const state = { ...slow, fleets: web === undefined ? [] : [web, { ...web, name: 'other' }] };

  expect(diagnose(state, NOW).findings.map(({ rule }) => rule)).toEqual(['requests-slow']);
});

test('a stack that holds nothing but Memcached may be deleted', () => {
  const { isTerminationProtected: _, ...data } = healthyProd().stacks[0] as StackState;
  const resources = data.resources.filter(({ logicalId }) => logicalId === 'Objects');
  const state = environment({
    stacks: [{ ...data, isTerminationProtected: false, resources }],
    groups: [],
    databases: [],
    fleets: [],
    alarms: [],
  })(healthyProd());

  expect(diagnose(state, NOW).findings.map(({ rule }) => rule)).not.toContain('stack-deletable');
});

test('a group that is being made has no slots yet', () => {
  const shards = (healthyProd().groups[0]?.shards ?? []).map((shard) => ({
    ...shard,
    status: 'creating',
    slots: '0-10',
  }));

  const { findings } = diagnose(group({ status: 'creating', shards })(healthyProd()), NOW);

  expect(findings.map(({ rule }) => rule)).toEqual(['change-under-way']);
});

test.each([
  ['a cluster of Memcached', memcached({ parameterStatus: 'pending-reboot' }), /one node after the other: each loses/],
  ['a group with cluster mode on', group({ parameterStatus: 'pending-reboot' }), /does not take groups.*`restoreFrom`/],
  [
    'a group with cluster mode off',
    all(group({ parameterStatus: 'pending-reboot', clusterMode: false }), silentTemplate('Sessions')),
    /one replica after the other.*then TestFailover/,
  ],
  ['a database', database({ parameterStatus: 'pending-reboot' }), /^RebootDBInstance/],
])('what to do about parameters that wait for a reboot is told for %s', (_what, change, expected) => {
  const { findings } = diagnose(change(healthyProd()), NOW);

  expect(findings).toMatchObject([{ rule: 'parameters-wait-for-reboot', fix: expect.stringMatching(expected) }]);
});

test.each([
  ['groups', environment({ groups: [] }), /`restoreFrom` of a manual or final snapshot, if there is one/],
  ['memcached', environment({ memcached: [] }), /Memcached begins empty$/],
  ['databases', environment({ databases: [] }), /`Database` restores none$/],
])('what can be brought back is told of %s that are gone', (_what, change, expected) => {
  const gone = diagnose(change(healthyProd()), NOW).findings.filter(({ rule }) => rule === 'resource-gone');

  expect(gone).toMatchObject([{ fix: expect.stringMatching(expected) }]);
});

test('a resource whose name the template writes in upper case is there', () => {
  const state = healthyProd();
  const stacks = state.stacks.map((stack) => ({
    ...stack,
    resources: stack.resources.map((resource) => ({
      ...resource,
      ...(resource.physicalId === undefined ? {} : { physicalId: resource.physicalId.toUpperCase() }),
    })),
  }));

  expect(diagnose({ ...state, stacks }, NOW)).toEqual({ findings: [], notChecked: [] });
});

test('the fullest nodes are named first, and not all of them', () => {
  const state = all(
    nodes(6, {}, { DatabaseMemoryUsagePercentage: [85] }),
    metrics({ DatabaseMemoryUsagePercentage: [80] }),
  )(healthyProd());

  const [finding] = diagnose(state, NOW).findings;

  expect(finding?.evidence).toMatch(/^sessions-0001-002 had up to 85 % in use; .*; and 1 more; its maxmemory-policy/);
  expect(finding?.evidence).not.toContain('sessions-0001-001');
});

test.each(DOCTOR_RULES)('the rule $id says what to do, and where AWS says so', ({ id, title, fix, source }) => {
  expect(id).toMatch(/^[a-z]+(-[a-z]+)+$/);
  expect(title.length).toBeLessThan(120);
  expect(fix).toMatch(/\w/);
  expect(source).toMatch(/^https:\/\/docs\.aws\.amazon\.com\/[\w./-]+\.html$/);
});

test('rules have ids of their own', () => {
  expect(new Set(DOCTOR_RULES.map(({ id }) => id)).size).toBe(DOCTOR_RULES.length);
});

describe('for any state', () => {
  const anyDefects = fc.subarray([...DEFECTS.keys()], { maxLength: 6 });
  const stateWith = (defects: readonly number[]) =>
    all(...defects.map((index) => DEFECTS[index]?.change ?? environment({})))(healthyProd());

  test('the order in which AWS lists things does not matter', () => {
    fc.assert(
      fc.property(anyDefects, fc.nat(), (defects, seed) => {
        const state = stateWith(defects);

        expect(diagnose(shuffled(state, randomFrom(seed)), NOW)).toEqual(diagnose(state, NOW));
      }),
      { numRuns: 100 },
    );
  });

  test('no optional part is needed, and what is missing makes nothing wrong', () => {
    fc.assert(
      fc.property(anyDefects, fc.nat(), (defects, seed) => {
        const state = stateWith(defects);
        const names = (diagnosis: Diagnosis) => found(diagnosis).map(([rule, subject]) => `${rule} ${subject}`);
        const whole = new Set(names(diagnose(state, NOW)));

        const parts = names(diagnose(thinned(state, randomFrom(seed)), NOW));

        expect(parts.filter((finding) => !whole.has(finding))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

/** Numbers between 0 and 1, the same for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Metrics have an order that means something, and so have the parts of a template. */
const KEPT_IN_ORDER = new Set(['metrics', 'properties']);

function shuffled<T>(value: T, random: () => number): T {
  if (Array.isArray(value)) {
    const placed = value.map((each) => ({ each: shuffled(each, random), at: random() }));
    return placed.sort((one, other) => one.at - other.at).map(({ each }) => each) as T;
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, KEPT_IN_ORDER.has(name) ? part : shuffled(part, random)]),
  ) as T;
}

/** Parts that may be missing wherever they stand, by their names; whether instances are targets is told of all or none. */
const OPTIONAL = new Set([
  ...['address', 'alarms', 'reservations', 'secrets', 'properties', 'physicalId', 'createdAt', 'slots', 'azMode', 'at'],
  ...['snapshotWindow', 'maintenanceWindow', 'endpoint', 'readerEndpoint', 'parameterStatus', 'subnetZones', 'message'],
  ...['serviceUpdates', 'snapshots', 'parameters', 'authTokenChangedAt', 'inTransitEncryptionMode', 'since'],
  ...['latestRestorableAt', 'certificateAuthority', 'certificateValidUntil', 'targetReason', 'lastRotatedAt', 'endsAt'],
  ...['nextRotationAt', 'parameterGroup', 'nodesToReboot', 'isSupportExtended', 'description'],
]);

/** The state without a quarter of what may be missing, each metric among it. */
function thinned(state: EnvironmentState, random: () => number): EnvironmentState {
  const walk = <T>(value: T, name: string): T => {
    if (Array.isArray(value)) {
      return value.map((each) => walk(each, name)) as T;
    }
    if (typeof value !== 'object' || value === null || name === 'properties') {
      return value;
    }
    const kept = Object.entries(value).filter(
      ([part]) => !(name === 'metrics' || OPTIONAL.has(part)) || random() > 0.25,
    );
    return Object.fromEntries(kept.map(([part, each]) => [part, walk(each, part)])) as T;
  };
  return walk(state, 'state');
}
