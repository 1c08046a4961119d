import { dirname, resolve } from 'node:path';
import type { IPolicyValidationContext } from 'aws-cdk-lib';
import { Assembly, type AssemblyEnvironment } from '../../assembly/assembly';

/** The stacks that a plugin was given, those that are deployed together as one. */
export function environmentsOf({ templatePaths }: IPolicyValidationContext): AssemblyEnvironment[] {
  const given = new Set(templatePaths.map((path) => resolve(path)));
  const found = new Map<string, AssemblyEnvironment>();
  for (const directory of new Set([...given].map((path) => dirname(path)))) {
    for (const environment of new Assembly(directory).environments) {
      const stacks = environment.stacks.filter(({ templateFile }) => given.has(templateFile));
      const [first] = stacks;
      if (first !== undefined && !found.has(first.templateFile)) {
        found.set(first.templateFile, { ...environment, stacks });
      }
    }
  }
  return [...found.values()];
}
