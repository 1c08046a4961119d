import type { AssemblyEnvironment, AssemblyStack } from '../../../assembly/assembly';
import { Templates } from '../../../assembly/templates';
import { isNoValue } from './stored-resource';

/**
 * The values of one environment as CloudFormation would compare them: a reference is the resource it leads to, also when
 * it crosses stacks, and whichever way it is written.
 */
export class ResolvedValues {
  private readonly templates: Templates;

  constructor(environment: AssemblyEnvironment) {
    this.templates = new Templates(environment);
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
          const output = this.templates.output({ stack, value });
          // What imports itself is no assembly that could be deployed.
          return output === undefined || followed.includes(output.value)
            ? value
            : this.of(output.stack, output.value, [...followed, output.value]);
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
}
