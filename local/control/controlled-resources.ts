/** What the control endpoint shows beside the caches: stacks, databases, the fleet and its load balancer. */

export interface ControlledSubnet {
  readonly id: string;
  readonly zone: string;
}

export interface ControlledStack {
  /** For example `cdk-elasticache-dev-data`. */
  readonly name: string;
  readonly arn: string;
  /** As CloudFormation writes it. */
  readonly status: 'CREATE_COMPLETE' | 'UPDATE_IN_PROGRESS' | 'UPDATE_COMPLETE' | 'UPDATE_FAILED';
  readonly createdAt: Date;
  readonly updatedAt: Date | undefined;
  readonly isTerminationProtected: boolean;
  readonly tags: Readonly<Record<string, string>>;
  /** Those whose values are known here. */
  readonly outputs: ReadonlyArray<{
    readonly key: string;
    readonly value: string;
    readonly exportName: string | undefined;
  }>;
  /** Those that run here. */
  readonly resources: readonly ControlledResource[];
  /** As it was run. */
  readonly template: string;
}

export interface ControlledResource {
  readonly logicalId: string;
  /** What its own service knows it by. */
  readonly physicalId: string;
  /** For example `AWS::RDS::DBInstance`. */
  readonly type: string;
}

export interface ControlledDatabase {
  /** Lower case, at most 63 characters. */
  readonly id: string;
  /** RDS's name of the engine, for example `postgres`. */
  readonly engine: string;
  /** What the template asks for, for example `17`. */
  readonly engineVersion: string;
  /** For example `db.t4g.micro`. */
  readonly instanceClass: string;
  readonly isUp: boolean;
  readonly createdAt: Date;
  readonly endpoint: { readonly host: string; readonly port: number };
  readonly masterUser: string;
  readonly databaseName: string;
  readonly zone: string | undefined;
  readonly multiAz: boolean;
  readonly isEncrypted: boolean;
  readonly isPublic: boolean;
  readonly isDeletionProtected: boolean;
  readonly backupRetentionDays: number;
  readonly allocatedGibibytes: number | undefined;
  readonly maxAllocatedGibibytes: number | undefined;
  readonly storageType: string | undefined;
  readonly certificateAuthority: string | undefined;
  readonly autoMinorVersionUpgrade: boolean;
  readonly iamAuthentication: boolean;
  /** Name of its parameter group, where the template gives it one. */
  readonly parameterGroup: string | undefined;
  readonly subnetGroup: string | undefined;
}

/** The Auto Scaling group. */
export interface ControlledFleet {
  readonly name: string;
  readonly createdAt: Date;
  readonly minimum: number;
  readonly maximum: number;
  readonly desired: number;
  readonly zones: readonly string[];
  readonly subnets: readonly string[];
  readonly healthCheck: 'EC2' | 'ELB';
  readonly healthCheckGraceSeconds: number;
  /** ARNs. */
  readonly targetGroups: readonly string[];
  readonly launchTemplate: { readonly id: string; readonly name: string } | undefined;
  /** Counts up with each version of the application and its settings. */
  readonly launchTemplateVersion: number;
  readonly instances: readonly ControlledInstance[];
  /** Ends an instance at once. The group replaces it. */
  kill(instance: string): void;
}

export interface ControlledInstance {
  readonly id: string;
  readonly zone: string;
  readonly lifecycle: 'Pending' | 'InService' | 'Terminating';
  readonly isHealthy: boolean;
  readonly launchTemplateVersion: number;
}

export interface ControlledLoadBalancer {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: Date;
  readonly scheme: string;
  /** Where it listens, on loopback. */
  readonly port: number;
  readonly subnets: readonly ControlledSubnet[];
  readonly listenerArn: string;
  readonly targetGroup: { readonly name: string; readonly arn: string };
  readonly targets: readonly ControlledTarget[];
}

export interface ControlledTarget {
  /** Of the instance. */
  readonly id: string;
  readonly port: number;
  /** As the load balancer writes it. */
  readonly state: 'initial' | 'healthy' | 'unhealthy' | 'draining';
  /** Why it is not healthy, as AWS writes it. */
  readonly reason: string | undefined;
  readonly description: string | undefined;
}
