import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { AwsSession } from '../../../ops/aws/aws-session';
import { RefusedError } from '../../../ops/aws/problems';
import { readEnvironment } from '../../../ops/environment/read-environment';
import { PROJECT } from '../../engines/folders';
import { healthyProduction } from '../../ops/fake-aws/environments';
import { FakeAws } from '../../ops/fake-aws/fake-aws';
import { runCommand } from './run-command';

/** What each policy is for, in commands. */
const COMMANDS = {
  read: ['status prod', 'doctor prod', 'cost prod'],
  drill: [
    'drill failover prod --confirm prod --seconds 1 --rate 5',
    'drill instance prod --confirm prod --seconds 1 --rate 5',
  ],
} as const;

/** Calls that change something, and what they may change; everything else reads, and has no such limit. */
const CHANGES: Readonly<Record<string, readonly string[]>> = {
  'elasticache:TestFailover': ['arn:aws:elasticache:*:*:replicationgroup:*', 'arn:aws:elasticache:*:*:cluster:*'],
  'autoscaling:TerminateInstanceInAutoScalingGroup': ['arn:aws:autoscaling:*:*:autoScalingGroup:*'],
};

type Policy = keyof typeof COMMANDS;

const fileOf = (policy: Policy) => join(PROJECT, 'docs', 'policies', `${policy}.json`);

/** The least that allows some calls, as IAM takes it. */
function policyOf(actions: readonly string[]): object {
  const statement = (Action: readonly string[], Resource: string | readonly string[]) => ({
    Effect: 'Allow',
    Action,
    Resource,
  });
  return {
    Version: '2012-10-17',
    Statement: [
      statement(
        actions.filter((action) => CHANGES[action] === undefined),
        '*',
      ),
      ...actions.flatMap((action) => {
        const resources = CHANGES[action];
        return resources === undefined ? [] : [statement([action], resources)];
      }),
    ],
  };
}

function allowedBy(policy: Policy): string[] {
  const { Statement } = JSON.parse(readFileSync(fileOf(policy), 'utf8'));
  return Statement.flatMap(({ Action }: { Action: string[] }) => Action);
}

const service = createServer((_, answer) => answer.end('a page'));
let address: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(service.address() as { port: number }).port}`;
});

afterAll(() => service.close());

/** Runs a command where only some calls are allowed. @returns its exit code, and which calls it made */
async function run(command: string, allowed?: readonly string[]) {
  const aws = await FakeAws.start(healthyProduction(new Date()));
  try {
    if (allowed !== undefined) {
      aws.fault({ kind: 'denied', action: new RegExp(`^(?!(${allowed.join('|')})$)`) });
    }
    const url = command.startsWith('drill') ? ['--url', address, '--report', '/dev/null'] : [];
    const { status } = await runCommand([...command.split(' '), ...url, '--endpoint-url', aws.address]);
    return { status, actions: [...new Set(aws.calls.map(({ action }) => action))].sort() };
  } finally {
    await aws.close();
  }
}

test.each(['read', 'drill'] as const)(
  'the policy to %s allows what the commands call, and nothing else',
  async (policy) => {
    const made = await Promise.all(COMMANDS[policy].map((command) => run(command)));

    const expected = policyOf([...new Set(made.flatMap(({ actions }) => actions))].sort());
    if (process.env.UPDATE_DOCS === '1') {
      writeFileSync(fileOf(policy), `${JSON.stringify(expected, null, 2)}\n`);
    }
    expect(JSON.parse(readFileSync(fileOf(policy), 'utf8'))).toEqual(expected);
    expect(made.map(({ status }) => status)).toEqual(COMMANDS[policy].map(() => 0));
  },
);

test.each(['read', 'drill'] as const)('with the policy to %s the commands do all that they do', async (policy) => {
  const allowed = allowedBy(policy);

  const made = await Promise.all(COMMANDS[policy].map((command) => run(command, allowed)));

  expect(made.map(({ status }) => status)).toEqual(COMMANDS[policy].map(() => 0));
});

test('without any one of its calls the policy to read is not enough', async () => {
  const allowed = allowedBy('read');
  const aws = await FakeAws.start(healthyProduction(new Date()));
  const session = await AwsSession.open({ endpointUrl: aws.address, region: 'us-east-1', timeoutMs: 60_000 });

  for (const missing of allowed) {
    aws.clearFaults();
    aws.fault({ kind: 'denied', action: missing });
    const read = readEnvironment(session, { detail: 'doctor', isLocal: false });

    // Without the stacks nothing is known, and without anything else a part.
    const lacks = await read.then(
      ({ gaps }) => gaps.map(({ action }) => action),
      (error) => [error instanceof RefusedError ? missing : error],
    );
    expect([missing, new Set(lacks)]).toEqual([missing, new Set([missing])]);
  }
  session.close();
  await aws.close();
});

test('the policy to read changes nothing', () => {
  expect(allowedBy('read').filter((action) => !/:(Describe|Get|List)/.test(action))).toEqual([]);
});
