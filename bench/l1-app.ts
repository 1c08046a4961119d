/**
 * The peer of `bench/synth.ts`: the resources of the dev environment as bare L1s, under the same plugins. Properties
 * come ready-made out of a template, which is less work than a hand-written L1 app does, so the comparison is hard on us.
 *
 * argv: the template, the application's directory
 */
import { readFileSync } from 'node:fs';
import { App, CfnParameter, CfnResource, Stack } from 'aws-cdk-lib';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Preflight } from 'cdk-preflight';

const [template, application] = process.argv.slice(2) as [string, string];
const { Resources: resources, Parameters: parameters } = JSON.parse(readFileSync(template, 'utf8'));
const app = new App();
const stack = new Stack(app, 'dev', { stackName: 'cdk-elasticache-dev', env: { region: 'us-east-1' } });
new Asset(stack, 'Application', { path: application });
const made = new Map<string, CfnResource>();
for (const [id, resource] of Object.entries<any>(resources)) {
  const l1 = new CfnResource(stack, id, { type: resource.Type, properties: resource.Properties });
  l1.overrideLogicalId(id);
  for (const attribute of ['Metadata', 'DeletionPolicy', 'UpdateReplacePolicy', 'UpdatePolicy', 'CreationPolicy']) {
    if (resource[attribute] !== undefined) {
      l1.addOverride(attribute, resource[attribute]);
    }
  }
  made.set(id, l1);
}
for (const [id, resource] of Object.entries<any>(resources)) {
  for (const other of [resource.DependsOn ?? []].flat()) {
    made.get(id)?.addDependency(made.get(other) as CfnResource);
  }
}
for (const [name, parameter] of Object.entries<any>(parameters)) {
  if (name !== 'BootstrapVersion') {
    new CfnParameter(stack, name, { type: parameter.Type, default: parameter.Default }).overrideLogicalId(name);
  }
}
Preflight.apply(app);
