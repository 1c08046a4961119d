import type { IPolicyValidationContext, IPolicyValidationPlugin } from 'aws-cdk-lib';
import { Assembly } from '../../assembly/assembly';

/** What plugins find in an assembly, as acknowledgements name it. */
export function findingsOfAssembly(
  directory: string,
  plugins: readonly IPolicyValidationPlugin[],
): Array<{ readonly rule: string; readonly resource: string; readonly description: string }> {
  const stacks = new Assembly(directory).environments.flatMap((environment) => environment.stacks);
  const context = {
    templatePaths: stacks.map(({ templateFile }) => templateFile),
    stackTemplates: stacks.map(({ path, templateFile }) => ({ stackConstructPath: path, templatePath: templateFile })),
  } as unknown as IPolicyValidationContext;
  return plugins.flatMap((plugin) =>
    plugin.validate(context).violations.flatMap(({ ruleName, description, violatingResources }) =>
      violatingResources.map(({ resourceLogicalId = '' }) => ({
        rule: `${plugin.name}::${ruleName}`,
        resource: resourceLogicalId,
        description,
      })),
    ),
  );
}
