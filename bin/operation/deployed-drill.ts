import { Problem } from '../../assembly/problem';
import type { Drill } from '../../drill/drill';
import type { DrilledEnvironment } from '../../drill/drill-target';
import { failover } from '../../drill/drills/lost-nodes';
import { instance } from '../../drill/drills/lost-servers';
import type { DrillResult } from '../../drill/report/drill-result';
import { runDrill } from '../../drill/run-drill';
import { MOST_FAILOVERS } from '../../ops/drill/events';
import { testableShard } from '../../ops/drill/failover';
import { drilledFleet } from '../../ops/drill/instance';
import { hasPassed, reportFile, tellResults } from '../drill-results';
import { type UserOptions, usersOf } from '../drill-users';
import { EXIT } from '../exit-codes';
import { type Consent, confirmed } from './confirmed';
import { type DeployedEnvironment, failoverTarget, instanceTarget } from './deployed-drill-target';
import { type Operation, type OperationArguments, operation } from './operation';

export interface DeployedDrillArguments extends OperationArguments, UserOptions, Consent {
  readonly seconds: number;
  readonly rate: number;
  readonly report?: string;
  /** Where users go, when no stack says it. */
  readonly url?: string;
  readonly group?: string;
  readonly shard?: string;
  readonly fleet?: string;
}

/** Longest that AWS may take until everything is back, in seconds: a node that is rebuilt copies its data. */
const RECOVERY_SECONDS = 30 * 60;

/** Longest that a drill may take, the question before it included, in seconds. */
const MOST_SECONDS = 4 * RECOVERY_SECONDS;

/** Drills that AWS has a call for; everything else breaks a machine that is not ours to reach. */
const DEPLOYED_DRILLS: Readonly<
  Record<
    string,
    (deployed: DeployedEnvironment, options: DeployedDrillArguments, running: Operation) => Promise<DrillResult>
  >
> = {
  [failover.name]: drillFailover,
  [instance.name]: drillInstance,
};

/** Breaks what is deployed, once somebody has agreed, and reports what users felt. */
export async function deployedDrill(name: string, environment: string, options: DeployedDrillArguments): Promise<void> {
  await operation(environment, options, async (running) => {
    const drill = DEPLOYED_DRILLS[name];
    if (drill === undefined) {
      throw new Problem(
        `\`${name}\` is drilled on an environment of its own alone; what is deployed can be drilled by ${Object.keys(DEPLOYED_DRILLS).join(' and ')}`,
      );
    }
    const state = await running.read('status');
    const address = options.url ?? state.address;
    if (address === undefined) {
      throw new Problem('no stack has the output `Address`: --url says where users go');
    }
    const file = await reportFile(options.stateDir, options);
    const session = await running.open(MOST_SECONDS);
    const result = await drill({ session, state, address }, options, running).finally(() => session.close());
    await tellResults([result], file, options, (line) => (options.json ? console.error(line) : console.log(line)));
    if (!hasPassed(result)) {
      process.exitCode = EXIT.problem;
    }
  });
}

async function drillFailover(
  deployed: DeployedEnvironment,
  options: DeployedDrillArguments,
  { interrupted }: Operation,
) {
  const chosen = await testableShard(deployed.session, deployed.state.groups, options);
  const { group, shard, tested } = chosen;
  const primary = shard.nodes.find(({ role }) => role === 'primary')?.id ?? 'the primary';
  await agree(deployed, options, interrupted, [
    `TestFailover ends ${primary} of ${group.id}, shard ${shard.id}; a replica takes its place, and the node is rebuilt${deployed.state.isLocal ? '' : ', which takes minutes'}`,
    `it is one of the ${MOST_FAILOVERS} failovers that AWS lets be tested in 24 hours, of which ${tested} are used`,
  ]);
  const target = failoverTarget(deployed, chosen);
  try {
    const result = await run(target, failover, deployed, options, interrupted);
    return { ...result, notes: [...result.notes, ...target.remarks] };
  } finally {
    await target.stop();
  }
}

async function drillInstance(
  deployed: DeployedEnvironment,
  options: DeployedDrillArguments,
  { interrupted }: Operation,
) {
  const fleet = drilledFleet(deployed.state.fleets, options.fleet);
  const alone = fleet.desired === 1 ? ['it is the only one: nobody is served until another has started'] : [];
  await agree(deployed, options, interrupted, [
    `Auto Scaling ends one instance of ${fleet.name}, and starts another in its place`,
    ...alone,
  ]);
  return run(instanceTarget(deployed, fleet), instance, deployed, options, interrupted);
}

function agree(
  { state, address }: DeployedEnvironment,
  options: DeployedDrillArguments,
  interrupted: AbortSignal,
  will: readonly string[],
): Promise<void> {
  const { environment, region, isLocal, isDisposable } = state;
  const isElsewhere = state.address !== undefined && state.address !== address;
  return confirmed(
    {
      environment,
      // Users who go elsewhere may write to what is not disposable.
      isProtected: !isLocal && (!isDisposable || isElsewhere),
      will: [
        `in ${environment}, ${isLocal ? 'on this machine' : `AWS ${region}`}:`,
        ...will,
        ...(isElsewhere ? [`users go where the stacks do not say that the service is, which is ${state.address}`] : []),
        `${withoutLogin(address)} gets ${options.rate} requests a second meanwhile; what the drill's users write is deleted at the end`,
      ],
    },
    options,
    interrupted,
  );
}

async function run<Target extends DrilledEnvironment>(
  target: Target,
  drill: Drill<Target>,
  { address }: DeployedEnvironment,
  options: DeployedDrillArguments,
  signal: AbortSignal,
): Promise<DrillResult> {
  const windowMs = options.seconds * 1_000;
  return runDrill(target, drill, await usersOf(address, options), {
    windows: { beforeMs: windowMs, faultMs: windowMs, afterMs: windowMs },
    ratePerSecond: options.rate,
    recoveryMs: RECOVERY_SECONDS * 1_000,
    signal,
    left: (what) => console.error(`! ${what}`),
  });
}

/** An address without a name and a password that may stand in it. */
function withoutLogin(address: string): string {
  const url = new URL(address);
  url.username = '';
  url.password = '';
  return url.href;
}
