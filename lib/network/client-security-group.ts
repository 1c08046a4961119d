import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { letIn } from './data-connections';

/** Properties of a `ClientSecurityGroup`. */
export interface ClientSecurityGroupProps {
  /** The VPC of the clients and of what they reach. */
  readonly vpc: ec2.IVpc;

  /**
   * Whether the group itself lets its members open connections to everywhere. Without it the group is a badge only, and
   * its members need another group that lets them out.
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
      description: `Clients that ${this.node.path} lets in`,
      allowAllOutbound: props.allowAllOutbound ?? false,
    });
    this.connections = new ec2.Connections({ securityGroups: [this.securityGroup] });
  }

  /** Lets the members of the group reach these caches or databases on their ports. */
  public allowTo(...targets: ec2.IConnectable[]): void {
    for (const target of targets) {
      letIn([this.securityGroup], target, `clients of ${this.node.path}`);
    }
  }
}
