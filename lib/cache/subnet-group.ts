import { Annotations, type IResource, Resource, Token } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import { CfnSubnetGroup } from 'aws-cdk-lib/aws-elasticache';
import type { Construct } from 'constructs';
import { enforce } from '../limits';
import { dataSubnets } from '../network/subnets';
import { injected } from '../property-injection';

/** Subnets that one group may have without a higher quota (dg/quota-limits). */
const MOST_SUBNETS = 20;

/** The subnets that the nodes of caches are put in. */
export interface ISubnetGroup extends IResource {
  /** Name of the group. */
  readonly subnetGroupName: string;
}

/** Properties of a `SubnetGroup`. */
export interface SubnetGroupProps {
  /** The VPC of the subnets. */
  readonly vpc: ec2.IVpc;

  /**
   * The subnets.
   *
   * @default - the isolated subnets where the VPC has some, else the private ones
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * Name of the group, 1 to 255 letters, digits and hyphens; it is stored in lower case. A fixed name makes a
   * replacement fail, and a change of it replaces the caches in the group.
   *
   * @default - a name that CloudFormation makes
   */
  readonly subnetGroupName?: string;

  /**
   * Text that describes the group.
   *
   * @default - the construct's path
   */
  readonly description?: string;
}

/**
 * The subnets of a VPC that the nodes of caches are put in, to be shared by several caches. A cache makes one of its own
 * when it is given none.
 *
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/SubnetGroups.html
 */
export class SubnetGroup extends Resource implements ISubnetGroup {
  /** Identifies the construct to property injectors. */
  static readonly PROPERTY_INJECTION_ID = 'cdk-elasticache.SubnetGroup';

  /** A group that exists already, by its name. */
  static fromSubnetGroupName(scope: Construct, id: string, subnetGroupName: string): ISubnetGroup {
    class Imported extends Resource implements ISubnetGroup {
      readonly subnetGroupName = subnetGroupName;
    }
    return new Imported(scope, id);
  }

  /** Name of the group. */
  public readonly subnetGroupName: string;
  /** The underlying resource. */
  public readonly resource: CfnSubnetGroup;

  /** @throws if no subnet is selected, or the name is not one that ElastiCache takes */
  constructor(scope: Construct, id: string, props: SubnetGroupProps) {
    super(scope, id);
    props = injected(scope, id, SubnetGroup.PROPERTY_INJECTION_ID, props);

    const name = props.subnetGroupName;
    enforce([
      {
        broken: name !== undefined && !Token.isUnresolved(name) && !/^[a-zA-Z0-9-]{1,255}$/.test(name),
        message: `\`subnetGroupName\` must be 1 to 255 letters, digits and hyphens, got ${JSON.stringify(name)}`,
      },
      {
        broken: name?.toLowerCase() === 'default',
        message:
          '`subnetGroupName` must not be default, which is the group of the default VPC (Security Hub ElastiCache.7): leave the name out',
      },
    ]);
    this.resource = createSubnetGroup(this, 'Resource', {
      ...props,
      // AWS stores it in lower case, and would report a difference for ever.
      subnetGroupName: name === undefined || Token.isUnresolved(name) ? name : name.toLowerCase(),
      description: props.description ?? `Subnets of ${this.node.path}`,
    });
    this.subnetGroupName = this.resource.ref;
  }
}

/**
 * The resource, checked: what a cache makes for itself alone.
 *
 * @throws if no subnet is selected
 */
export function createSubnetGroup(scope: Construct, id: string, props: SubnetGroupProps): CfnSubnetGroup {
  const { subnetIds } = props.vpc.selectSubnets(props.vpcSubnets ?? dataSubnets(props.vpc));
  enforce([
    {
      broken: subnetIds.length === 0,
      message: '`vpcSubnets` selects no subnet, AWS would refuse the group: choose a kind of subnet that the VPC has',
    },
  ]);
  if (!Token.isUnresolved(subnetIds) && subnetIds.length > MOST_SUBNETS) {
    Annotations.of(scope).addWarningV2(
      'cdk-elasticache:subnets-quota',
      `\`vpcSubnets\` selects ${subnetIds.length} subnets, more than the ${MOST_SUBNETS} that a group may have without a higher quota`,
    );
  }
  return new CfnSubnetGroup(scope, id, {
    cacheSubnetGroupName: props.subnetGroupName,
    description: props.description ?? `Subnets of ${scope.node.path}`,
    subnetIds,
  });
}
