/**
 * The peer of `bench/synth.ts`: the resources of every environment as bare L1s in the same stages and stacks, under the
 * same plugins. Properties come ready-made out of the templates, which is less work than a hand-written L1 app does, so
 * the comparison is hard on us; the modules that such an app imports are loaded.
 *
 * argv: the assembly with the templates, the application's directory
 */
import {
  App,
  CfnOutput,
  CfnParameter,
  CfnResource,
  CfnRule,
  type ICfnRuleConditionExpression,
  Lazy,
  Stack,
  Stage,
} from 'aws-cdk-lib';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { CloudAssembly, type CloudFormationStackArtifact } from 'aws-cdk-lib/cx-api';
import { Preflight } from 'cdk-preflight';

const [assembly, application] = process.argv.slice(2) as [string, string];

/** What CDK adds to every template by itself. */
const OF_CDK = ['BootstrapVersion', 'CheckBootstrapVersion', 'CDKMetadata'];

/** What a resource may carry beside its properties. */
const ATTRIBUTES = ['DeletionPolicy', 'UpdateReplacePolicy', 'UpdatePolicy', 'CreationPolicy', 'Condition'];

function entries(section: Record<string, any> = {}): Array<[string, any]> {
  return Object.entries(section).filter(([id]) => !OF_CDK.includes(id));
}

function addStack(stage: Stage, artifact: CloudFormationStackArtifact): Stack {
  const { hierarchicalId, stackName, template } = artifact;
  const stack = new Stack(stage, hierarchicalId.split('/').at(-1) as string, {
    stackName,
    description: template.Description,
    terminationProtection: artifact.terminationProtection,
  });
  if (hierarchicalId.endsWith('/service')) {
    new Asset(stack, 'Application', { path: application });
  }
  const resources = entries(template.Resources);
  const made = new Map(resources.map(([id, resource]) => [id, addResource(stack, id, resource)]));
  for (const [id, resource] of resources) {
    for (const other of [resource.DependsOn ?? []].flat()) {
      made.get(id)?.addResourceDependency(made.get(other) as CfnResource);
    }
  }
  for (const [id, parameter] of entries(template.Parameters)) {
    const { Type: type, Default, Description: description } = parameter;
    new CfnParameter(stack, id, { type, default: Default, description }).overrideLogicalId(id);
  }
  for (const [id, rule] of entries(template.Rules)) {
    new CfnRule(stack, id, {
      assertions: rule.Assertions.map(({ Assert, AssertDescription }: any) => ({
        assert: Lazy.any({ produce: () => Assert }) as unknown as ICfnRuleConditionExpression,
        assertDescription: AssertDescription,
      })),
    }).overrideLogicalId(id);
  }
  for (const [id, output] of entries(template.Outputs)) {
    new CfnOutput(stack, id, { value: output.Value, exportName: output.Export?.Name }).overrideLogicalId(id);
  }
  return stack;
}

/** Loads the class of a resource, as an app that names it would: most of such an app's start is the modules of its L1s. */
function loadClass(type: string): void {
  const [vendor, service, name] = type.split('::') as [string, string, string];
  if (vendor === 'AWS' && require(`aws-cdk-lib/aws-${service.toLowerCase()}`)[`Cfn${name}`] === undefined) {
    throw new Error(`aws-cdk-lib has no class for ${type}`);
  }
}

function addResource(stack: Stack, id: string, resource: any): CfnResource {
  loadClass(resource.Type);
  const l1 = new CfnResource(stack, id, { type: resource.Type, properties: resource.Properties });
  l1.overrideLogicalId(id);
  for (const attribute of ATTRIBUTES.filter((name) => resource[name] !== undefined)) {
    l1.addOverride(attribute, resource[attribute]);
  }
  for (const [key, value] of Object.entries(resource.Metadata ?? {}).filter(([name]) => !name.startsWith('aws:cdk:'))) {
    l1.addMetadata(key, value);
  }
  return l1;
}

const app = new App();
for (const { displayName, nestedAssembly } of new CloudAssembly(assembly).nestedAssemblies) {
  const { stacks } = nestedAssembly;
  const stage = new Stage(app, displayName, { env: { region: stacks[0]?.environment.region } });
  const made = new Map(stacks.map((stack) => [stack.id, addStack(stage, stack)]));
  for (const { id, dependencies } of stacks) {
    for (const dependency of dependencies.flatMap((other) => made.get(other.id) ?? [])) {
      made.get(id)?.addStackDependency(dependency);
    }
  }
}
Preflight.apply(app);
