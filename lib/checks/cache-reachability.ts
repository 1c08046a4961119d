import { writeFileSync } from 'node:fs';
import type { IPolicyValidationContext, IPolicyValidationPlugin, PolicyValidationPluginReport } from 'aws-cdk-lib';
import { reachabilitySvg } from '../../assembly/reachability';
import { environmentsOf } from './environments-of';
import { reportOf } from './finding';
import { findingsOf, reachabilityReports } from './reachability/reachability-findings';

/** Properties of `CacheReachability`. */
export interface CacheReachabilityProps {
  /**
   * What is to reach the caches and databases: paths of constructs, or logical ids. Each is to reach what its binding or
   * its own definition names, or else all of them.
   *
   * @default - who a binding of this package names, and who refers to an endpoint or its secret
   */
  readonly consumers?: string[];

  /**
   * What may reach them besides, for example a bastion: paths of constructs, or logical ids, or blocks of addresses.
   *
   * @default - nothing
   */
  readonly allowed?: string[];

  /**
   * File that a drawing of the paths is written to, as SVG. It is overwritten.
   *
   * @default - no drawing
   */
  readonly picture?: string;
}

/**
 * Proves at synth that what is to reach a cache or database does, and that nothing else can: by security groups with
 * their references, network ACLs, routes, and the ways to Secrets Manager, S3 and CloudWatch. Tokens of IAM are signed
 * locally and need no way.
 *
 * To reach it are those that `consumers` names; or else who a binding of this package names (fleets, their deploy steps,
 * functions and containers), and who holds an endpoint or its secret in its own definition (variables of a function,
 * containers of a service, user data of instances): a reference is an intent. Where nobody refers to a cache or database
 * at all, everything with a security group may be meant, and it is told only if none of it can reach it.
 *
 * Stacks that are deployed together are judged together. What is imported, or known to a deploy only, is said to be
 * unknown and never guessed.
 *
 * ```ts
 * Validations.of(app).addPlugins(new CacheReachability({ allowed: ['prod/ops/Bastion'] }));
 * ```
 */
export class CacheReachability implements IPolicyValidationPlugin {
  /** Name in the report of a synth. */
  public readonly name = 'CacheReachability';
  /** What it tells. */
  public readonly ruleIds?: string[] = [
    'cache-unreachable',
    'database-unreachable',
    'service-unreachable',
    'unexpected-access',
    'reachability-unknown',
  ];

  constructor(private readonly props: CacheReachabilityProps = {}) {}

  /** Judges all environments of the templates, and draws them where that is asked for. */
  public validate(context: IPolicyValidationContext): PolicyValidationPluginReport {
    const { picture, ...options } = this.props;
    const reports = reachabilityReports(environmentsOf(context), options);
    if (picture !== undefined) {
      writeFileSync(picture, reachabilitySvg(reports));
    }
    return reportOf(reports.flatMap(findingsOf));
  }
}
