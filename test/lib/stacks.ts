import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, type AppProps, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import cdkJson from '../../cdk.json';
import { temporaryFolder } from '../engines/temporary-folder';

/**
 * An app with the feature flags that this project's own `cdk.json` sets. Where a construct was made is not recorded: it
 * stands in no template, and under jest, which maps each line back to its source, it takes a third of the time.
 */
export function newApp(props: AppProps = {}): App {
  return new App({ context: { ...cdkJson.context, 'aws:cdk:disable-creation-stack-traces': true }, ...props });
}

/** A VPC in two named zones, with subnets of every kind. */
export function vpcIn(stack: Stack): ec2.Vpc {
  return new ec2.Vpc(stack, 'Vpc', {
    availabilityZones: ['us-east-1a', 'us-east-1b'],
    natGateways: 1,
    subnetConfiguration: [
      { name: 'Public', subnetType: ec2.SubnetType.PUBLIC },
      { name: 'Service', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      { name: 'Data', subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
    ],
  });
}

/** A stack with a VPC. */
export function newStack(): { stack: Stack; vpc: ec2.Vpc } {
  const stack = new Stack(newApp(), 'Test', { env: { region: 'us-east-1' } });
  return { stack, vpc: vpcIn(stack) };
}

/** The properties of the only resource of a type. */
export function only(stack: Stack, type: string): any {
  const found = Object.values(Template.fromStack(stack).findResources(type));
  expect(found).toHaveLength(1);
  return found[0];
}

/** A small application directory. */
export function applicationDirectory(files: Readonly<Record<string, string>> = {}): string {
  const directory = temporaryFolder('application');
  for (const [name, content] of Object.entries({ 'server.js': '', 'deploy.js': '', ...files })) {
    writeFileSync(join(directory, name), content);
  }
  return directory;
}

/** The texts of the warnings that a synth would show. */
export function warnings(stack: Stack): string[] {
  return stack.node
    .findAll()
    .flatMap(({ node }) =>
      node.metadata.filter(({ type }) => type === 'aws:cdk:warning').map(({ data }) => String(data)),
    );
}
