import type { AssemblyEnvironment, AssemblyStack } from '../../../assembly/assembly';
import { Templates } from '../../../assembly/templates';
import { isNoValue } from './stored-resource';

/**
 * The values of one environment as CloudFormation would compare them: a reference is the resource it leads to, also when
 * it crosses stacks, and whichever way it is written.
 */
export class ResolvedValues {
  private readonly templates: Templates;
  private readonly exports: ReadonlyMap<string, readonly [AssemblyStack, unknown]>;

  constructor(environment: AssemblyEnvironment) {
    this.templates = new Templates(environment);
    this.exports = new Map(
      environment.stacks.flatMap((stack) =>
        Object.values(stack.outputs).flatMap(
          ({ Value: value, Export: exported }): Array<[string, [AssemblyStack, unknown]]> =>
            exported?.Name === undefined ? [] : [[this.templates.text(stack, exported.Name), [stack, value]]],
        ),
      ),
    );
  }

  /** A value of a stack, resolved. */
  of(stack: AssemblyStack, value: unknown, followed: readonly unknown[] = []): unknown {
    if (Array.isArray(value)) {
      return value.filter((element) => !isNoValue(element)).map((element) => this.of(stack, element, followed));
    }
    if (typeof value !== 'object' || value === null) {
      return value;
    }
    const [entry, ...others] = Object.entries(value);
    if (entry !== undefined && others.length === 0) {
      const [name, argument] = entry;
      switch (name) {
        case 'Ref':
          return { Ref: this.placed(stack, String(argument)) };
        case 'Fn::GetAtt': {
          const [id = '', ...attribute] = Array.isArray(argument) ? argument.map(String) : String(argument).split('.');
          return { 'Fn::GetAtt': [this.placed(stack, id), attribute.join('.')] };
        }
        case 'Fn::ImportValue':
        case 'Fn::GetStackOutput': {
          const output = this.output(stack, name, argument);
          // What imports itself is no assembly that could be deployed.
          return output === undefined || followed.includes(output[1])
            ? value
            : this.of(...output, [...followed, output[1]]);
        }
      }
    }
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, part]) => !isNoValue(part))
        .map(([key, part]) => [key, this.of(stack, part, followed)]),
    );
  }

  /** The labels of the resources that a value of a stack is made of. */
  references(stack: AssemblyStack, value: unknown): string[] {
    return typeof value === 'object' ? this.templates.references(stack, value).map(({ label }) => label) : [];
  }

  /** A logical id with the path of its stack; pseudo parameters and parameters as they are. */
  private placed({ path, resources }: AssemblyStack, logicalId: string): string {
    return Object.hasOwn(resources, logicalId) ? `${path}/${logicalId}` : logicalId;
  }

  private output(stack: AssemblyStack, name: string, argument: unknown): readonly [AssemblyStack, unknown] | undefined {
    if (name === 'Fn::ImportValue') {
      return this.exports.get(this.templates.text(stack, argument));
    }
    const { StackName: stackName, OutputName: outputName } = argument as Record<string, unknown>;
    const text = this.templates.text(stack, stackName);
    const producer = this.templates.stacks.find((candidate) => candidate.name === text);
    const output = producer?.outputs[String(outputName)];
    return producer === undefined || output === undefined ? undefined : [producer, output.Value];
  }
}
