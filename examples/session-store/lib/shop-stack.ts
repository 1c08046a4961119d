import { Stack, type StackProps } from 'aws-cdk-lib';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import type { SessionStore } from 'cdk-elasticache';
import type { Construct } from 'constructs';

export interface ShopStackProps extends StackProps {
  readonly vpc: ec2.IVpc;
  readonly sessions: SessionStore;
}

/** A shop on instances, and its new check-out on Fargate: who has signed in to one has signed in to the other. */
export class ShopStack extends Stack {
  constructor(scope: Construct, id: string, props: ShopStackProps) {
    super(scope, id, props);

    const { vpc, sessions } = props;

    // The shop as it was before it had the store.
    const shop = new autoscaling.AutoScalingGroup(this, 'Shop', {
      vpc,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      instanceType: ec2.InstanceType.of(ec2.InstanceClass.T4G, ec2.InstanceSize.SMALL),
      machineImage: ec2.MachineImage.latestAmazonLinux2023({ cpuType: ec2.AmazonLinuxCpuType.ARM_64 }),
      requireImdsv2: true,
      minCapacity: 2,
      maxCapacity: 4,
      ssmSessionPermissions: true,
    });
    // What is new: access, and the binding in a file that `CACHE_BINDINGS_FILE` names.
    sessions.allow(shop, shop);
    shop.addUserData(
      'mkdir -p /etc/shop',
      `cat > /etc/shop/bindings.json <<'END'\n${sessions.cache.binding('sessions')}\nEND`,
      'echo CACHE_BINDINGS_FILE=/etc/shop/bindings.json >> /etc/shop/environment',
    );

    const task = new ecs.FargateTaskDefinition(this, 'Task', { cpu: 256, memoryLimitMiB: 512 });
    const container = task.addContainer('CheckOut', {
      image: ecs.ContainerImage.fromRegistry('public.ecr.aws/docker/library/node:22-slim'),
      command: ['node', '/app/check-out.js'],
      logging: ecs.LogDrivers.awsLogs({ streamPrefix: 'check-out' }),
    });
    const checkOut = new ecs.FargateService(this, 'CheckOut', {
      cluster: new ecs.Cluster(this, 'Cluster', { vpc }),
      taskDefinition: task,
      desiredCount: 2,
      minHealthyPercent: 100,
      circuitBreaker: { rollback: true },
    });
    sessions.useFromContainer(checkOut, container);
  }
}
