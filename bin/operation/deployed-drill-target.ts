import type { DrillChange, FailoverTarget, InstanceTarget } from '../../drill/drill-target';
import type { AwsSession } from '../../ops/aws/aws-session';
import { replicasOf, type TestableShard, TestedFailover } from '../../ops/drill/failover';
import { WatchedFleet } from '../../ops/drill/instance';
import type { EnvironmentState, FleetState } from '../../ops/environment/environment-state';

/** How often AWS is asked how far it is, in milliseconds; on this machine things take less. */
const LOOK_EVERY_MS = { aws: 3_000, local: 500 };

/** Where people are, and what is asked about it. */
export interface DeployedEnvironment {
  readonly session: AwsSession;
  readonly state: EnvironmentState;
  readonly address: string;
}

/** A replication group whose failover is tested by ElastiCache. */
export function failoverTarget(
  deployed: DeployedEnvironment,
  { group, shard }: TestableShard,
): FailoverTarget & { readonly remarks: readonly string[]; stop(): Promise<void> } {
  const { told, ...described } = describedTarget(deployed, `${group.engine} ${group.engineVersion}, ${group.nodeType}`);
  const test = new TestedFailover(deployed.session, group, everyMs(deployed), ({ at, source, message }, isPromotion) =>
    told({ kind: isPromotion ? 'promotion' : 'note', what: `${source}: ${message}`, at }),
  );
  let isCalled = false;
  return {
    ...described,
    stores: [
      {
        name: `${group.id}, shard ${shard.id}`,
        replicas: replicasOf(group),
        async killPrimary() {
          await test.call(shard.id);
          isCalled = true;
        },
      },
    ],
    settled: () => (isCalled ? test.recovered() : Promise.resolve()),
    remarks: test.remarks,
    stop: () => test.stop(),
  };
}

/** A fleet that loses an instance through Auto Scaling. */
export function instanceTarget(deployed: DeployedEnvironment, fleet: FleetState): InstanceTarget {
  const { told, ...described } = describedTarget(deployed, `${fleet.desired} instances`);
  const watched = new WatchedFleet(deployed.session, deployed.state.stacks, fleet, everyMs(deployed), (what) =>
    told({ kind: 'note', what, at: new Date() }),
  );
  return { ...described, killInstance: () => watched.loseOne(), settled: () => watched.whole() };
}

function describedTarget({ state, address }: DeployedEnvironment, what: string) {
  const listeners = new Set<(change: DrillChange) => void>();
  return {
    environment: state.environment,
    where: `${what}, ${state.isLocal ? 'on this machine' : `AWS ${state.region}`}`,
    address,
    onChange(listener: (change: DrillChange) => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    told(change: DrillChange) {
      for (const listener of listeners) {
        listener(change);
      }
    },
  };
}

function everyMs({ state }: DeployedEnvironment): number {
  return state.isLocal ? LOOK_EVERY_MS.local : LOOK_EVERY_MS.aws;
}
