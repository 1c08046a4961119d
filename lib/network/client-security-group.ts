import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { letIn } from './data-connections';
import { describe } from './description';

/** Properties of a `ClientSecurityGroup`. */
export interface ClientSecurityGroupProps {
  /** The VPC of the clients and of what they reach. */
  readonly vpc: ec2.IVpc;

  /**
   * Whether the group lets its members open connections to everywhere. Without it they reach what `allowTo` names, and
   * nothing else by this group.
   *
   * @default false
   */
  readonly allowAllOutbound?: boolean;
}

/**
 * A security group that says "may reach the cache", to be attached to clients.
 *
 * The stack of the cache owns it and lets it in once. Stacks of clients attach it to their instances, so they depend on
 * the cache's stack and never the other way round: no cycle, however many clients there are.
 */
export class ClientSecurityGroup extends Construct implements ec2.IConnectable {
  /** The group to attach. */
  public readonly securityGroup: ec2.SecurityGroup;
  /** Access of the group. */
  public readonly connections: ec2.Connections;

  constructor(scope: Construct, id: string, props: ClientSecurityGroupProps) {
    super(scope, id);

    this.securityGroup = new ec2.SecurityGroup(this, 'Resource', {
      vpc: props.vpc,
      description: describe(this, 'Clients let in by '),
      allowAllOutbound: props.allowAllOutbound ?? false,
    });
    this.connections = new ec2.Connections({ securityGroups: [this.securityGroup] });
  }

  /** Lets the members of the group reach these caches or databases on their ports. */
  public allowTo(...targets: ec2.IConnectable[]): void {
    for (const target of targets) {
      letIn([this.securityGroup], target, describe(this, 'Clients of '));
      if (!this.securityGroup.allowAllOutbound) {
        for (const group of target.connections.securityGroups) {
          this.securityGroup.addEgressRule(group, target.connections.defaultPort as ec2.Port, describe(group, 'To '));
        }
      }
    }
  }
}
