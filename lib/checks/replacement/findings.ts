import { resolve, sep } from 'node:path';
import type { AssemblyEnvironment } from '../../../assembly/assembly';
import { Problem } from '../../../assembly/problem';
import type { Finding, Severity } from '../finding';
import { readBaseline } from './baseline';
import { type Effect, type StatefulChange, statefulChanges } from './changes';
import { exceptionsIn, isAbout, isCurrent, type ReplacementException } from './exceptions';
import { isKept, lossOf } from './losses';
import { safeWay } from './safe-ways';
import { describeChange, listed, nameOf } from './words';

/** What templates are compared with. */
export interface Comparison {
  /** Directory with what is deployed: a cloud assembly, or `<path of the stack>.template.json`. */
  readonly baseline: string;
  /** JSON file with what is let through. */
  readonly exceptions?: string;
  /** Paths of stacks that the app has too, but that are not given: they are not gone. */
  readonly otherStacks?: readonly string[];
}

/** Rules that this check knows. */
export const REPLACEMENT_RULES = [
  'stateful-replaced',
  'stateful-deleted',
  'stateful-may-be-replaced',
  'exception-unused',
] as const;

type RuleId = (typeof REPLACEMENT_RULES)[number];

const RULES: Readonly<Record<Exclude<Effect, 'update'>, RuleId>> = {
  replace: 'stateful-replaced',
  delete: 'stateful-deleted',
  'may-replace': 'stateful-may-be-replaced',
  'may-delete': 'stateful-may-be-replaced',
};

const DELETION_SOURCE = 'CloudFormation: DeletionPolicy attribute';

/**
 * Every change that would replace or delete something stateful, but for what is let through.
 *
 * @throws Problem when the baseline or the exceptions cannot be used
 */
export function replacementFindings(environments: readonly AssemblyEnvironment[], comparison: Comparison): Finding[] {
  const { baseline, exceptions: file, otherStacks = [] } = comparison;
  const stacks = environments.flatMap((environment) => environment.stacks);
  if (stacks.some(({ templateFile }) => templateFile.startsWith(`${resolve(baseline)}${sep}`))) {
    throw new Problem(
      `\`baseline\` ${baseline} is where the templates of this synth are: keep what is deployed in a directory of its own`,
    );
  }
  const exceptions = file === undefined ? [] : exceptionsIn(file);
  const deployed = readBaseline(baseline, new Map(stacks.map(({ path, name }) => [path, name])));
  const changes = statefulChanges(deployed, environments, otherStacks).filter(({ effect }) => effect !== 'update');
  const fallback = stacks[0]?.templateFile ?? '';
  return [
    ...changes.flatMap((change) => findingOf(change, exceptions)),
    ...exceptions
      .filter(({ stack }) => !otherStacks.includes(stack))
      .filter((exception) => !changes.some((change) => isAbout(exception, change)))
      .map((exception) =>
        unused(exception, stacks.find(({ path }) => path === exception.stack)?.templateFile ?? fallback),
      ),
  ];
}

function findingOf(change: StatefulChange, exceptions: readonly ReplacementException[]): Finding[] {
  const about = exceptions.filter((exception) => isAbout(exception, change));
  if (about.some(isCurrent)) {
    return [];
  }
  const { stack, currentStack, logicalId, properties } = change;
  const effect = change.effect as Exclude<Effect, 'update'>;
  const [first] = properties;
  const ended = about.map(({ until }) => `An exception for it ended on ${until}.`).at(-1);
  return [
    {
      rule: RULES[effect],
      severity: severityOf(change),
      description: [sentenceOf(change), lossOf(change), ended].filter((part) => part !== undefined).join(' '),
      fix: safeWay(change),
      templatePath: currentStack?.templateFile ?? stack.templateFile,
      logicalId,
      ...(first === undefined ? {} : { location: `Properties.${first.name}` }),
      metadata: {
        source: first === undefined ? DELETION_SOURCE : [...new Set(properties.map(({ source }) => source))].join('; '),
      },
    },
  ];
}

function severityOf(change: StatefulChange): Severity {
  return change.effect.startsWith('may-') || isKept(change) ? 'warning' : 'error';
}

/** What happens to which resource, and why. */
function sentenceOf({
  stack,
  currentStack,
  logicalId,
  before,
  now,
  effect,
  properties,
  successor,
}: StatefulChange): string {
  const subject = `The ${nameOf(before.Type)} ${stack.path}/${logicalId}`;
  switch (effect) {
    case 'replace':
      return `${subject} is replaced: ${listed(properties.map(describeChange))}.`;
    case 'may-replace':
      return `${subject} may be replaced: ${listed(properties.map(describeChange))}.`;
    case 'may-delete':
      return `${subject} may be deleted: it is there only if \`${now?.Condition}\` holds, which is new.`;
  }
  if (successor !== undefined) {
    const { stack: other, logicalId: name } = successor;
    return other.path === stack.path
      ? `${subject} was renamed to ${name}: CloudFormation deletes the one and creates the other.`
      : `${subject} was moved to ${other.path}/${name}: CloudFormation deletes the one and creates the other.`;
  }
  if (currentStack === undefined) {
    return `${subject} has no stack in the app any more: it is left as it is, and deleted with the stack.`;
  }
  return now === undefined
    ? `${subject} is deleted: it is not in its template any more.`
    : `${subject} is deleted: its logical id stands for ${now.Type} now.`;
}

function unused({ stack, resource, change, until }: ReplacementException, templatePath: string): Finding {
  return {
    rule: 'exception-unused',
    severity: 'informational',
    description: `The exception that lets ${stack}/${resource} be ${change}d until ${until} is not used: nothing does that to it.`,
    fix: 'take it out of the exceptions, or mend its stack, resource, change or properties',
    templatePath,
    logicalId: resource,
  };
}
