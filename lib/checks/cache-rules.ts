import {
  CloudFormationValidatePlugin,
  type IPolicyValidationContext,
  type IPolicyValidationPlugin,
  type PolicyValidationPluginReport,
} from 'aws-cdk-lib';
import { type Finding, reportOf } from './finding';
import { RULES } from './rules/catalogue';
import { moduleOf } from './rules/rego';
import type { Rule } from './rules/rule';

/** What a template is held to. */
export enum RuleProfile {
  /** What may be missing where one person develops is informational, with the reason why. */
  DEV = 'dev',
  /** Everything. */
  PROD = 'prod',
}

/** Properties of `CacheRules`. */
export interface CacheRulesProps {
  /**
   * What the templates are held to.
   *
   * @default RuleProfile.PROD
   */
  readonly profile?: RuleProfile;
}

/**
 * Holds ElastiCache, and the database, network, fleet and load balancer around it, to controls that are the same for
 * every engine: `Validations.of(app).addPlugins(new CacheRules())`. Errors stop the synth; a finding that is meant is
 * acknowledged at its construct, as `CacheRules::<rule>`. A value that only a deploy knows counts as missing.
 */
export class CacheRules implements IPolicyValidationPlugin {
  /** The rules as a Rego module, for `CloudFormationValidatePlugin` and other validators of plain CloudFormation. */
  public static rego(): string {
    return moduleOf(RULES);
  }

  public readonly name = 'CacheRules';
  public readonly ruleIds?: string[] = RULES.map(({ id }) => id);
  private readonly profile: RuleProfile;

  constructor(props: CacheRulesProps = {}) {
    this.profile = props.profile ?? RuleProfile.PROD;
  }

  public validate(context: IPolicyValidationContext): PolicyValidationPluginReport {
    return reportOf(this._findings(context.stackTemplates));
  }

  /**
   * What the rules find in templates.
   *
   * @internal
   */
  public _findings(stackTemplates: IPolicyValidationContext['stackTemplates']): Finding[] {
    const found = new Map<string, Finding>();
    for (const { ruleName, description, violatingResources } of engine().validate({
      stackTemplates,
    } as IPolicyValidationContext).violations) {
      const rule = RULES.find(({ id }) => id === ruleName);
      for (const { resourceLogicalId: logicalId, templatePath, locations } of rule === undefined
        ? []
        : violatingResources) {
        const finding = this.findingOf(
          rule as Rule,
          description,
          locations[0] ?? '',
          templatePath ?? '',
          logicalId ?? '',
        );
        // A condition's two sides are two findings of the engine at one place.
        found.set(JSON.stringify([finding.rule, templatePath, logicalId, finding.location]), finding);
      }
    }
    return [...found.values()];
  }

  private findingOf(rule: Rule, description: string, path: string, templatePath: string, logicalId: string): Finding {
    const relaxed = this.profile === RuleProfile.DEV ? rule.relaxed : undefined;
    // The validator writes the property before the text.
    const what = description.replace(/^\S+: /, '');
    const location = path === 'Properties' ? undefined : path;
    return {
      rule: rule.id,
      severity: relaxed === undefined ? rule.severity : 'informational',
      description: `${what}: ${rule.otherwise}`,
      fix: `${rule.fix} (${rule.page})`,
      templatePath,
      logicalId,
      ...(location === undefined ? {} : { location }),
      metadata: {
        page: rule.page,
        ...Object.fromEntries(
          Object.entries(rule.controls).map(([who, controls]) => [who, (controls as readonly string[]).join(', ')]),
        ),
        ...(relaxed === undefined ? {} : { relaxed }),
      },
    };
  }
}

let shared: CloudFormationValidatePlugin | undefined;

/** One for the process: it is the costly part, and a second one must not be registered with an app. */
function engine(): CloudFormationValidatePlugin {
  shared ??= new CloudFormationValidatePlugin({
    includeDefaultRules: false,
    regoRules: [{ name: 'cdk-elasticache', content: moduleOf(RULES) }],
  });
  return shared;
}
