import { Annotations } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { describe } from './description';

/** Access to what holds data: the given security groups, or a new one that lets nobody in. */
export function dataConnections(
  scope: Construct,
  vpc: ec2.IVpc,
  port: number,
  securityGroups?: ec2.ISecurityGroup[],
): ec2.Connections {
  return new ec2.Connections({
    securityGroups: securityGroups ?? [
      new ec2.SecurityGroup(scope, 'SecurityGroup', {
        vpc,
        description: describe(scope, 'Nodes of '),
        // What holds data never opens a connection of its own.
        allowAllOutbound: false,
      }),
    ],
    defaultPort: ec2.Port.tcp(port),
  });
}

/**
 * Lets clients reach what holds data, by rules that stand on the clients' side: their stack depends on the stack of the
 * data, and never the other way round.
 */
export function letIn(clients: ec2.ISecurityGroup[], target: ec2.IConnectable, description: string): void {
  const { securityGroups, defaultPort } = target.connections;
  if (defaultPort === undefined) {
    throw new Error('`connections` of what holds data must have a `defaultPort`, got none');
  }
  if (securityGroups.length === 0 && Construct.isConstruct(target)) {
    Annotations.of(target).addWarningV2(
      'cdk-elasticache:unknown-security-groups',
      'its security groups are not known here, so nobody was let in: give `securityGroups`, or see to the rules yourself',
    );
  }
  for (const group of securityGroups) {
    for (const client of clients) {
      group.addIngressRule(client, defaultPort, description, true);
    }
  }
}
