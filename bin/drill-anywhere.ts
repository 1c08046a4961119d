import type { Command } from 'commander';
import { type DrillArguments, drill } from './drill';
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
    ? drill(name, where, options)
    : (await import('./operation/deployed-drill.js')).deployedDrill(name, where, options));
}
