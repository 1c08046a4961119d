import { setTimeout as sleep } from 'node:timers/promises';
import { TerminateInstanceInAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling';
import type { AwsSession } from '../aws/aws-session';
import { AskedWronglyError, asFatal, TimedOutError } from '../aws/problems';
import type { FleetState, InstanceState, StackState } from '../environment/environment-state';
import { fleetStates } from '../environment/fleets';
import { Gaps } from '../environment/gaps';
import { MetricReader } from '../environment/metrics';
import { serves } from '../environment/serves';

/**
 * Chooses the fleet that loses an instance.
 *
 * @throws AskedWronglyError when there is none, it is not clear which is meant, or none of its instances serves
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
  if (!fleet.instances.some(serves)) {
    throw new AskedWronglyError(`no instance of ${fleet.name} serves: there is nothing to lose`);
  }
  return fleet;
}

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
    const { instances } = await this.look();
    const instance = instances.find(serves);
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
    this.happened(`${instance.id} is ended`);
  }

  /** Resolves once as many instances serve as are wanted, without the one that was ended. */
  async whole(): Promise<void> {
    for (;;) {
      const { instances, desired } = await this.look();
      if (instances.filter((instance) => serves(instance) && instance.id !== this.lost).length >= desired) {
        return;
      }
      await sleep(this.everyMs, undefined, { signal: this.session.signal });
    }
  }

  private async look(): Promise<FleetState> {
    const gaps = new Gaps(this.session.region);
    const metrics = new MetricReader(this.session, 'status', new Date());
    const states = (await fleetStates(this.session, this.stacks, 'status', metrics, gaps))();
    const fleet = states.find(({ name }) => name === this.fleet.name);
    if (fleet === undefined) {
      const [gap] = gaps.list;
      throw this.session.signal.aborted
        ? new TimedOutError('AWS did not answer in time')
        : new AskedWronglyError(
            `${this.fleet.name} cannot be seen any more${gap === undefined ? '' : `: ${gap.message}`}`,
          );
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
