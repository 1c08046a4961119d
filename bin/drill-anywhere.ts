import type { Command } from 'commander';
import { localCommands, operations } from './bundles';
import type { DrillArguments } from './drill';
import { EXIT } from './exit-codes';
import type { DeployedDrillArguments } from './operation/deployed-drill';
import { isAssembly, refuseIdle } from './operation/where';

const IDLE = {
  ofAssembly: ['environment', 'installEngines'],
  ofDeployed: [
    ...['region', 'endpointUrl', 'aws', 'stack', 'timeout', 'calls'],
    ...['url', 'group', 'shard', 'fleet', 'yes', 'confirm'],
  ],
};

/** Drills an environment that is started for it from a cloud assembly, or one that is deployed. */
export async function drillAnywhere(
  name: string,
  where: string,
  options: DrillArguments & DeployedDrillArguments,
  command: Command,
): Promise<void> {
  try {
    refuseIdle(where, command, IDLE);
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = EXIT.usage;
    return;
  }
  await (isAssembly(where)
    ? localCommands().drill(name, where, options)
    : operations().deployedDrill(name, where, options));
}
