import type { CloudFormationStackArtifact } from 'aws-cdk-lib/cx-api';
import type { Aws } from './aws';
import { expected, type Facts } from './expected';

/** A stack of the assembly, with what CloudFormation says of it. */
export class DeployedStack {
  static async of(aws: Aws, artifact: CloudFormationStackArtifact): Promise<DeployedStack> {
    const name = artifact.stackName;
    const [described, listed, exported] = await Promise.all([
      aws.call('cloudformation', 'describe_stacks', { StackName: name }),
      aws.call('cloudformation', 'list_stack_resources', { StackName: name }),
      aws.call('cloudformation', 'list_exports'),
    ]);
    return new DeployedStack(
      name,
      artifact.template,
      described.Stacks[0],
      listed.StackResourceSummaries,
      Object.fromEntries(exported.Exports.map((entry: any) => [entry.Name, entry.Value])),
    );
  }

  private readonly facts: Facts;

  private constructor(
    readonly name: string,
    /** As it was synthesized. */
    readonly template: any,
    /** As CloudFormation describes it. */
    readonly description: any,
    resources: any[],
    exports: Record<string, string>,
  ) {
    const byId = (field: string) =>
      Object.fromEntries(resources.map((resource) => [resource.LogicalResourceId, resource[field]]));
    this.facts = {
      names: byId('PhysicalResourceId'),
      types: byId('ResourceType'),
      parameters: this.parameters,
      stackId: description.StackId,
      stackName: name,
      exports,
    };
  }

  get outputs(): Record<string, string> {
    return Object.fromEntries(
      (this.description.Outputs ?? []).map((output: any) => [output.OutputKey, output.OutputValue]),
    );
  }

  get parameters(): Record<string, string> {
    return Object.fromEntries(
      (this.description.Parameters ?? []).map((parameter: any) => [parameter.ParameterKey, parameter.ParameterValue]),
    );
  }

  /** Resources of a type, with the properties that the template asks for, references resolved. */
  wanted(type: string): Array<{ id: string; name: string; properties: any }> {
    return Object.entries<any>(this.template.Resources)
      .filter(([, resource]) => resource.Type === type)
      .map(([id, resource]) => ({
        id,
        name: this.facts.names[id] as string,
        properties: expected(resource.Properties ?? {}, this.facts),
      }));
  }

  /** The only one of a type. */
  only(type: string): { id: string; name: string; properties: any } {
    const found = this.wanted(type);
    expect(found).toHaveLength(1);
    return found[0] as { id: string; name: string; properties: any };
  }

  /** A value of the template as it must have arrived. */
  expected(value: unknown): any {
    return expected(value, this.facts);
  }
}
