import type { Severity } from '../finding';

/** Published controls that a rule covers, by who published them. */
export interface Controls {
  /** AWS Security Hub, Foundational Security Best Practices. */
  readonly securityHub?: readonly string[];
  /** NIST SP 800-53 revision 5, as Security Hub or cdk-nag map them. */
  readonly nist?: readonly string[];
  /** PCI DSS 4.0.1, or 3.2.1 where cdk-nag maps that. */
  readonly pci?: readonly string[];
  /** 45 CFR Part 164, as cdk-nag maps it. */
  readonly hipaa?: readonly string[];
  /** CIS AWS Foundations Benchmark 3.0.0. */
  readonly cis?: readonly string[];
  /** Questions of the Well-Architected ElastiCache lens. */
  readonly lens?: readonly string[];
}

/** One place where a rule looks. */
export interface Check {
  readonly types: readonly string[];
  /** Rego lines that choose among the resources; `name` is the logical id. */
  readonly where?: readonly string[];
  /** Path below `Properties`, for example `AuthenticationMode.Type`; empty for all of them. */
  readonly property: string;
  /** Rego term for what is judged, where it is not simply the property. */
  readonly value?: string;
  /** What the user knows that value as. */
  readonly label?: string;
  /** Whether each element of a list is judged by itself. */
  readonly each?: boolean;
  /** Rego bodies over `value`; one that is true is enough. */
  readonly holds: readonly string[];
  /** What is wrong with it, where its value says little or must not be shown. */
  readonly wrong?: string;
}

/** A control that templates are held to. */
export interface Rule {
  readonly id: string;
  readonly severity: Severity;
  /** What must be so. */
  readonly must: string;
  /** What happens where it is not. */
  readonly otherwise: string;
  readonly controls: Controls;
  /** Line of code for the L1 construct. */
  readonly fix: string;
  /** Documentation page. */
  readonly page: string;
  readonly checks: readonly Check[];
  /** Why an environment for development may do without it; such a finding is informational there. */
  readonly relaxed?: string;
}

export const REPLICATION_GROUP = 'AWS::ElastiCache::ReplicationGroup';
export const CACHE_CLUSTER = 'AWS::ElastiCache::CacheCluster';
export const SERVERLESS_CACHE = 'AWS::ElastiCache::ServerlessCache';
export const DATABASE = 'AWS::RDS::DBInstance';

/** Policies, as a set in Rego, with which what a resource held outlives it. */
export const KEEPS = '{"Snapshot", "Retain", "RetainExceptOnCreate"}';

/** A page of the ElastiCache User Guide. */
export function guide(page: string): string {
  return `https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/${page}.html`;
}

/** A property of a resource, in the CloudFormation reference. */
export function reference(type: string): string {
  const [, service = '', resource = ''] = type.toLowerCase().split('::');
  return `https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-${service}-${resource}.html`;
}
