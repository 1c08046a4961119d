import { setTimeout as sleep } from 'node:timers/promises';
import { TerminateInstanceInAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling';
import type { AwsSession } from '../aws/aws-session';
import { AskedWronglyError, asFatal, RefusedError } from '../aws/problems';
import type { FleetState, InstanceState, StackState } from '../environment/environment-state';
import { fleetStates } from '../environment/fleets';
import { Gaps } from '../environment/gaps';
import { MetricReader } from '../environment/metrics';
import { serves } from '../environment/serves';

/**
 * Chooses the fleet that loses an instance.
 *
 * @throws AskedWronglyError when there is none, it is not clear which is meant, or it is not whole or would not be again
 */
export function drilledFleet(fleets: readonly FleetState[], name: string | undefined): FleetState {
  const [fleet, ...others] = fleets.filter((each) => name === undefined || each.name === name);
  if (fleet === undefined) {
    throw new AskedWronglyError(
      `no fleet${name === undefined ? '' : ` \`${name}\``} is there: ${fleets.map((each) => each.name).join(', ') || 'none at all'}`,
    );
  }
  if (others.length > 0) {
    throw new AskedWronglyError(
      `which fleet? --fleet names it: ${[fleet, ...others].map((each) => each.name).join(', ')}`,
    );
  }
  const serving = fleet.instances.filter(serves).length;
  const suspended = fleet.suspendedProcesses.filter((process) => NEEDED.has(process));
  if (suspended.length > 0) {
    throw new AskedWronglyError(`${fleet.name} would not be whole again: ${suspended.join(', ')} suspended`);
  }
  if (serving === 0 || serving < fleet.desired) {
    throw new AskedWronglyError(`${fleet.name} is not whole: ${serving} of ${fleet.desired} instances serve`);
  }
  return fleet;
}

/** Processes of Auto Scaling by which an instance that has ended is replaced. */
const NEEDED: ReadonlySet<string> = new Set(['Launch', 'Terminate', 'AddToLoadBalancer']);

/** A fleet that is watched while it loses an instance and gets another. */
export class WatchedFleet {
  private lost: string | undefined;
  private readonly shown = new Map<string, string>();

  /** @param happened told what instances go through, in sentences */
  constructor(
    private readonly session: AwsSession,
    private readonly stacks: readonly StackState[],
    private readonly fleet: FleetState,
    private readonly everyMs: number,
    private readonly happened: (what: string) => void,
  ) {
    for (const instance of fleet.instances) {
      this.shown.set(instance.id, stateOf(instance));
    }
  }

  /**
   * Ends an instance that serves; Auto Scaling starts another in its place.
   *
   * @throws RefusedError
   */
  async loseOne(): Promise<void> {
    const instance = (await this.look())?.instances.find(serves);
    if (instance === undefined) {
      throw new AskedWronglyError(`no instance of ${this.fleet.name} serves: there is nothing to lose`);
    }
    try {
      await this.session.autoScaling.send(
        new TerminateInstanceInAutoScalingGroupCommand({
          InstanceId: instance.id,
          ShouldDecrementDesiredCapacity: false,
        }),
        { abortSignal: this.session.signal },
      );
    } catch (error) {
      throw asFatal(error, 'autoscaling:TerminateInstanceInAutoScalingGroup', this.session.region);
    }
    this.lost = instance.id;
    this.happened(`${instance.id} is ended; the load balancer lets it end its requests first`);
  }

  /** Resolves once as many instances serve as are wanted, without the one that was ended. */
  async whole(): Promise<void> {
    for (;;) {
      const fleet = await this.look();
      const serving = fleet?.instances.filter((instance) => serves(instance) && instance.id !== this.lost) ?? [];
      if (fleet !== undefined && serving.length >= fleet.desired) {
        return;
      }
      await sleep(this.everyMs, undefined, { signal: this.session.signal });
    }
  }

  /** @returns nothing when AWS did not tell everything this time */
  private async look(): Promise<FleetState | undefined> {
    const gaps = new Gaps(this.session.region);
    const metrics = new MetricReader(this.session, 'status', new Date());
    const states = (await fleetStates(this.session, this.stacks, 'status', metrics, gaps))();
    const fleet = states.find(({ name }) => name === this.fleet.name);
    this.session.throwIfOver();
    if (gaps.list.length > 0) {
      return undefined;
    }
    if (fleet === undefined) {
      throw new RefusedError('NotFound', `${this.fleet.name} is not there any more`);
    }
    for (const instance of fleet.instances) {
      const state = stateOf(instance);
      if (this.shown.get(instance.id) !== state) {
        this.shown.set(instance.id, state);
        this.happened(`${instance.id} is ${state}`);
      }
    }
    return fleet;
  }
}

function stateOf({ lifecycle, target }: InstanceState): string {
  return target === undefined ? lifecycle : `${lifecycle}, ${target} for the load balancer`;
}
