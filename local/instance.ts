import { join } from 'node:path';
import { APPLICATION_VARIABLES, BINDINGS_FILE_VARIABLE } from '../runtime/binding';
import type { FleetPlan } from './fleet-plan';
import { ManagedProcess } from './managed-process';
import { freePort, LOOPBACK } from './port';

/** How much longer than its own limit an instance may take to drain, in milliseconds. */
const DRAIN_MARGIN_MS = 5_000;

export interface InstancePlace {
  readonly name: string;
  /** Availability Zone that it would be in. */
  readonly zone: string;
  /** Of the plan that it runs, counted from 1. */
  readonly version: number;
  readonly bindingFile: string;
  readonly logs: string;
}

/** A process of the application, as an instance of the Auto Scaling group runs it. */
export class Instance {
  readonly startedAt = Date.now();

  static async launch(plan: FleetPlan, place: InstancePlace): Promise<Instance> {
    const port = await freePort();
    const process_ = new ManagedProcess({
      name: `instance ${place.name}`,
      command: process.execPath,
      args: [join(plan.directory, plan.entry)],
      cwd: plan.directory,
      logFile: join(place.logs, `${place.name}.log`),
      environment: {
        PATH: process.env.PATH ?? '',
        ...plan.environment,
        HOST: LOOPBACK,
        [APPLICATION_VARIABLES.port]: String(port),
        [APPLICATION_VARIABLES.instance]: place.name,
        [BINDINGS_FILE_VARIABLE]: place.bindingFile,
      },
      graceMs: Number(plan.environment[APPLICATION_VARIABLES.drainMs] ?? 0) + DRAIN_MARGIN_MS,
    });
    return new Instance(place.name, place.zone, place.version, port, process_);
  }

  private constructor(
    readonly name: string,
    readonly zone: string,
    readonly version: number,
    readonly port: number,
    readonly process: ManagedProcess,
  ) {}
}
