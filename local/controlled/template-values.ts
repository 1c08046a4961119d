import type { AssemblyStack } from '../../assembly/assembly';
import type { Templates } from '../../assembly/templates';

/** Values of resources by their ids in the assembly: what `Ref` gives by the id alone, attributes as `<id>.<attribute>`. */
export type ResourceValues = ReadonlyMap<string, string>;

/** A value of a template as it is here; `undefined` for what only a deploy knows. */
export function templateValue(
  templates: Templates,
  values: ResourceValues,
  region: string,
  stack: AssemblyStack,
  value: unknown,
): string | undefined {
  const inner = (part: unknown) => templateValue(templates, values, region, stack, part);
  if (typeof value !== 'object' || value === null) {
    return value === undefined || value === null ? undefined : String(value);
  }
  const [[name, argument] = []] = Object.entries(value);
  switch (name) {
    case 'Ref':
      return values.get(`${stack.id}.${argument}`) ?? pseudoParameters(stack, region)[String(argument)];
    case 'Fn::GetAtt':
      return values.get(`${stack.id}.${[argument].flat().join('.')}`);
    case 'Fn::ImportValue': {
      const output = templates.output({ stack, value });
      return output === undefined ? undefined : templateValue(templates, values, region, output.stack, output.value);
    }
    case 'Fn::Join': {
      const [delimiter, parts] = argument as [string, unknown];
      const texts = Array.isArray(parts) ? parts.map(inner) : [undefined];
      return texts.includes(undefined) ? undefined : texts.join(delimiter);
    }
    default:
      return undefined;
  }
}

function pseudoParameters(stack: AssemblyStack, region: string): Readonly<Record<string, string>> {
  return {
    'AWS::Region': region,
    'AWS::StackName': stack.name,
    'AWS::Partition': 'aws',
    'AWS::URLSuffix': 'amazonaws.com',
  };
}
