import type { Assembly, AssemblyEnvironment } from '../assembly/assembly';
import { Problem } from '../assembly/problem';

/** The environments of an assembly, or the one of a name. @throws Problem when there is none */
export function chosenEnvironments(
  { directory, environments }: Assembly,
  name: string | undefined,
): AssemblyEnvironment[] {
  const found = environments.filter((environment) => name === undefined || environment.name === name);
  if (found.length === 0) {
    throw new Problem(
      name === undefined
        ? `${directory} has no stacks`
        : `no environment \`${name}\` in ${directory}, there are: ${environments.map((one) => one.name).join(', ')}`,
    );
  }
  return found;
}
