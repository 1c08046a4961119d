import { type CfnElement, Stack, Token, Validations } from 'aws-cdk-lib';
import type * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import { acknowledgeInlinePolicy } from '../acknowledgements';

/** A role that instances can assume. */
export function createInstanceRole(scope: Construct): iam.Role {
  const role = new iam.Role(scope, 'Role', {
    description: `Instances of ${scope.node.path}`,
    assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
    // Session Manager instead of SSH.
    managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName('AmazonSSMManagedInstanceCore')],
  });
  Validations.of(role).acknowledge({
    id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/AmazonSSMManagedInstanceCore]',
    reason: 'what Session Manager needs, kept current by AWS; it takes the place of SSH keys',
  });
  // What caches, databases and the signal are granted is added to a policy of its own.
  acknowledgeInlinePolicy(role);
  return role;
}

/**
 * A role that the user owns, as this stack can use it: one of another stack is taken by its name, so that policies stand
 * here, and the other stack does not come to depend on what they name.
 */
export function roleInStack(scope: Construct, role: iam.IRole): iam.IRole {
  return Stack.of(role) === Stack.of(scope) ? role : iam.Role.fromRoleName(scope, 'Role', role.roleName);
}

/**
 * What an instance does before it serves: it fetches its application, and ships logs and metrics. A policy of its own, so
 * that what is said of its findings is said of nothing else that the role may do.
 */
export function grantStart(scope: Construct, role: iam.IRole, asset: Asset, logGroup: logs.ILogGroup): iam.Policy {
  const policy = new iam.Policy(scope, 'StartPolicy', {
    roles: [role],
    statements: [
      // The one object, where `asset.grantRead` would grant all assets of the account.
      new iam.PolicyStatement({
        actions: ['s3:GetObject'],
        resources: [asset.bucket.arnForObjects(asset.s3ObjectKey)],
      }),
      new iam.PolicyStatement({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [logGroup.logGroupArn],
      }),
      // Metrics have no ARN: the namespace is the bound.
      new iam.PolicyStatement({
        actions: ['cloudwatch:PutMetricData'],
        resources: ['*'],
        conditions: { StringEquals: { 'cloudwatch:namespace': Stack.of(scope).stackName } },
      }),
      // How the agent and the drain find the group they belong to; neither action knows resources.
      new iam.PolicyStatement({
        actions: ['autoscaling:DescribeAutoScalingInstances', 'ec2:DescribeTags'],
        resources: ['*'],
      }),
    ],
  });
  acknowledgeInlinePolicy(policy);
  Validations.of(policy).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: 'metrics have no ARN, and are bound to one namespace; the two actions that only describe know no resources',
  });
  return policy;
}

/**
 * Lets an instance say that it has drained. A policy of its own, after the group, whose name it holds: the role's own
 * policy stands before the group.
 */
export function grantDrain(scope: Construct, role: iam.IRole, group: autoscaling.AutoScalingGroup): void {
  const policy = new iam.Policy(scope, 'DrainPolicy', {
    roles: [role],
    statements: [
      new iam.PolicyStatement({
        actions: ['autoscaling:CompleteLifecycleAction'],
        resources: [group.autoScalingGroupArn],
      }),
    ],
  });
  acknowledgeInlinePolicy(policy);
  Validations.of(policy).acknowledge({
    id: `AwsSolutions-IAM5[Resource::${describeArn(group)}]`,
    reason: 'the id in the ARN of the group, which no template knows; its name follows',
  });
}

/** The group's ARN as cdk-nag writes it: references in angle brackets. */
function describeArn(group: autoscaling.AutoScalingGroup): string {
  const stack = Stack.of(group);
  const region = Token.isUnresolved(stack.region) ? '<AWS::Region>' : stack.region;
  const partition = Token.isUnresolved(stack.partition) ? '<AWS::Partition>' : stack.partition;
  const name = stack.getLogicalId(group.node.defaultChild as CfnElement);
  return `arn:${partition}:autoscaling:${region}:<AWS::AccountId>:autoScalingGroup:*:autoScalingGroupName/<${name}>`;
}
