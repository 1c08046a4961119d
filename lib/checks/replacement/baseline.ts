import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Assembly, type AssemblyEnvironment, type AssemblyStack } from '../../../assembly/assembly';
import { Problem } from '../../../assembly/problem';

const SUFFIX = '.template.json';
const NESTED = '.nested.template.json';

/**
 * What is deployed, as a directory has it: another cloud assembly, or one template a stack, named by the stack's path:
 * `prod/data.template.json`.
 *
 * @param names what CloudFormation calls the stacks, by their paths; else as CDK names them
 * @throws Problem when the directory holds neither
 */
export function readBaseline(directory: string, names: ReadonlyMap<string, string>): readonly AssemblyEnvironment[] {
  if (!existsSync(directory) || !statSync(directory).isDirectory()) {
    throw new Problem(
      `\`baseline\` ${directory} is no directory: put the templates that are deployed there first, as <path of the stack>${SUFFIX}`,
    );
  }
  if (existsSync(join(directory, 'manifest.json'))) {
    return new Assembly(directory).environments;
  }
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(SUFFIX) && !file.endsWith(NESTED))
    .sort();
  if (files.length === 0) {
    throw new Problem(
      `\`baseline\` ${directory} holds no templates: neither a cloud assembly (manifest.json) nor <path of a stack>${SUFFIX}`,
    );
  }
  const environments = new Map<string, AssemblyStack[]>();
  for (const file of files) {
    const path = file.slice(0, -SUFFIX.length).split('\\').join('/');
    const environment = dirname(path);
    const name = names.get(path) ?? path.split('/').join('-');
    environments.set(environment, [...(environments.get(environment) ?? []), stackOf(directory, file, path, name)]);
  }
  return [...environments].map(([name, stacks]) => ({ name, stacks }));
}

function stackOf(directory: string, file: string, path: string, name: string): AssemblyStack {
  const templateFile = resolve(directory, file);
  const { Resources: resources, Outputs: outputs = {} } = templateIn(templateFile);
  if (typeof resources !== 'object' || resources === null) {
    throw new Problem(`\`baseline\` ${templateFile} is no template of CloudFormation: it has no Resources`);
  }
  return { id: path.split('/').join('-'), path, name, templateFile, resources, outputs };
}

function templateIn(file: string): { Resources?: AssemblyStack['resources']; Outputs?: AssemblyStack['outputs'] } {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) ?? {};
  } catch (error) {
    throw new Problem(`\`baseline\` ${file} cannot be read: ${(error as Error).message}`);
  }
}
