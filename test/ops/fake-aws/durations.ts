/** How long things take, in milliseconds. `Infinity` for what never comes to its end. */
export interface Durations {
  /** From the test of a failover until a replica is the primary. */
  readonly promotion: number;
  /** From there until the node that was the primary is being recovered. */
  readonly replacement: number;
  /** From there until it is recovered, and the group available. */
  readonly recovery: number;
  /** From the end of an instance until it is drained and gone. */
  readonly draining: number;
  /** From the end of an instance until Auto Scaling launches another. */
  readonly launch: number;
  /** From there until it is in service, and registered with the load balancer. */
  readonly start: number;
  /** From there until the load balancer finds it healthy. */
  readonly healthCheck: number;
}

export const QUICK: Durations = {
  promotion: 40,
  replacement: 10,
  recovery: 50,
  draining: 40,
  launch: 20,
  start: 30,
  healthCheck: 30,
};
