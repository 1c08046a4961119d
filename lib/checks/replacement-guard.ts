import {
  type IPolicyValidationContext,
  type IPolicyValidationPlugin,
  type PolicyValidationPluginReport,
  Stack,
} from 'aws-cdk-lib';
import { environmentsOf } from './environments-of';
import { reportOf } from './finding';
import { REPLACEMENT_RULES, replacementFindings } from './replacement/findings';

/** What a `ReplacementGuard` compares with. */
export interface ReplacementGuardProps {
  /**
   * Directory with what is deployed: another cloud assembly, or one template a stack, named by the stack's path
   * (`prod/data.template.json`). Relative to the working directory.
   */
  readonly baseline: string;

  /**
   * JSON file with the changes that are let through, each until a day: an array of
   * `{ "stack": "prod/data", "resource": "<logical id>", "change": "replace" | "delete", "until": "YYYY-MM-DD", "reason": "…" }`;
   * with `"properties": ["Port"]` for a replacement by those alone.
   *
   * @default - nothing is let through
   */
  readonly exceptions?: string;
}

/**
 * Refuses a synth whose deploy would replace or delete what holds something: caches and their users, databases, buckets,
 * and all else that is stateful.
 *
 * It compares with what is on disk and asks AWS nothing, so the baseline has to be what is deployed: commit the templates
 * with each deploy, or fetch them before. What is not in templates it does not see: values of parameters, and drift.
 *
 * It is added to the app: `Validations.of(app).addPlugins(new ReplacementGuard({ baseline: 'golden' }))`. On a stage it
 * sees that stage alone.
 */
export class ReplacementGuard implements IPolicyValidationPlugin {
  public readonly name = 'ReplacementGuard';
  public readonly ruleIds?: string[] = [...REPLACEMENT_RULES];

  constructor(private readonly props: ReplacementGuardProps) {}

  /** @throws if the baseline or the exceptions cannot be used, which fails the synth */
  public validate(context: IPolicyValidationContext): PolicyValidationPluginReport {
    const environments = environmentsOf(context);
    const given = environments.flatMap(({ stacks }) => stacks.map(({ path }) => path));
    const all = context.appConstruct.node
      .findAll()
      .filter((construct) => Stack.isStack(construct))
      .map(({ node }) => node.path);
    return reportOf(
      replacementFindings(environments, {
        ...this.props,
        otherStacks: all.filter((path) => !given.includes(path)),
      }),
    );
  }
}
