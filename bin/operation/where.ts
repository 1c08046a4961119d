import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { Problem } from '../../assembly/problem';

/** Whether what a command was given is a cloud assembly, or else the name of an environment. */
export function isAssembly(where: string): boolean {
  return /[/\\]/.test(where) || where === 'cdk.out' || existsSync(join(where, 'manifest.json'));
}

/**
 * Refuses options that would do nothing, since they are of the other of the two.
 *
 * @throws Problem
 */
export function refuseIdle(where: string, command: Command, { ofAssembly, ofDeployed }: IdleOptions): void {
  const inAssembly = isAssembly(where);
  const idle = inAssembly ? ofDeployed : ofAssembly;
  const flags = command.options
    .filter(
      (option) =>
        idle.includes(option.attributeName()) && command.getOptionValueSource(option.attributeName()) === 'cli',
    )
    .map(({ long }) => long);
  if (flags.length > 0) {
    throw new Problem(
      inAssembly
        ? `${flags.join(', ')}: of an environment that is deployed, whose name is given in place of ${where}`
        : `${flags.join(', ')}: of a cloud assembly, and \`${where}\` is the name of an environment`,
    );
  }
}

/** Names of options that mean something for a cloud assembly alone, and for what is deployed alone. */
export interface IdleOptions {
  readonly ofAssembly: readonly string[];
  readonly ofDeployed: readonly string[];
}
