import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Assembly, type AssemblyEnvironment, type AssemblyStack } from '../assembly/assembly';
import { Problem } from '../assembly/problem';
import type { Finding } from '../lib/checks/finding';
import { findingsOf, reachabilityReports, reachabilitySvg, whoCanTable } from '../lib/checks/reachability';
import { replacementFindings } from '../lib/checks/replacement/findings';
import { writeDeployedTemplates } from '../ops/deployed-templates';
import manifest from '../package.json';
import { chosenEnvironments } from './assembly-environments';
import { EXIT, exitOf } from './exit-codes';
import { type CheckedFinding, type CheckName, located } from './guard/checked-finding';
import { sarifOf } from './guard/sarif';
import { findingsText } from './guard/text';

export interface GuardArguments {
  readonly environment?: string;
  readonly dev: readonly string[];
  readonly baseline?: string;
  readonly deployed: boolean;
  readonly endpointUrl?: string;
  readonly exceptions?: string;
  readonly consumer: readonly string[];
  readonly allow: readonly string[];
  readonly whoCan: boolean;
  readonly picture?: string;
  readonly sarif?: string;
  readonly json: boolean;
  readonly all: boolean;
}

/** Holds a synthesized app to the rules, proves who reaches its caches, and names what a deploy would destroy. */
export async function guard(directory: string, options: GuardArguments): Promise<void> {
  try {
    const assembly = new Assembly(directory);
    const environments = chosenEnvironments(assembly, options.environment);
    refuseUnknown(options.dev, assembly);
    refuseIdle(options);
    // What can be wrong with the call comes before what takes seconds.
    const otherStacks = assembly.environments
      .filter((environment) => !environments.includes(environment))
      .flatMap(({ stacks }) => stacks.map(({ path }) => path));
    const replaced = await replacements(environments, otherStacks, options);
    const reports = reachabilityReports(environments, reachOf(options));
    const findings = [
      ...(await ruleFindings(environments, options.dev)),
      ...locatedIn(environments, 'CacheReachability', reports.flatMap(findingsOf)),
      ...locatedIn(environments, 'ReplacementGuard', replaced),
    ];
    await write(options.sarif, () => sarifOf(findings, manifest.version));
    await write(options.picture, () => reachabilitySvg(reports));
    if (options.json) {
      console.log(JSON.stringify({ findings }, null, 2));
    } else {
      console.log([...(options.whoCan ? [whoCanTable(reports), ''] : []), findingsText(findings, options)].join('\n'));
    }
    if (findings.some(({ severity, acknowledged }) => severity === 'error' && acknowledged === undefined)) {
      process.exitCode = EXIT.problem;
    }
  } catch (error) {
    const code = exitOf(error);
    if (code === undefined) {
      throw error;
    }
    console.error((error as Error).message);
    process.exitCode = code;
  }
}

function refuseUnknown(dev: readonly string[], { environments }: Assembly): void {
  const unknown = dev.find((name) => !environments.some((environment) => environment.name === name));
  if (unknown !== undefined) {
    throw new Problem(`--dev names \`${unknown}\`, there are: ${environments.map(({ name }) => name).join(', ')}`);
  }
}

/** An option that would do nothing is a mistake: what it was to let through or to ask would not be. */
function refuseIdle({ baseline, deployed, exceptions, endpointUrl }: GuardArguments): void {
  if (deployed && baseline !== undefined) {
    throw new Problem('--deployed fetches what --baseline names: give one of them');
  }
  if (exceptions !== undefined && baseline === undefined && !deployed) {
    throw new Problem('--exceptions lets changes through: compare with something, by --baseline or --deployed');
  }
  if (endpointUrl !== undefined && !deployed) {
    throw new Problem('--endpoint-url is asked by --deployed alone');
  }
}

/** The rules are judged by the validator of the app's own CDK. */
async function ruleFindings(
  environments: readonly AssemblyEnvironment[],
  dev: readonly string[],
): Promise<CheckedFinding[]> {
  const { CacheRules, RuleProfile } = await import('../lib/checks/cache-rules.js').catch((error) => {
    throw /MODULE_NOT_FOUND$/.test(error.code)
      ? new Problem('`guard` needs the CDK library of your app: run it where `aws-cdk-lib` is installed')
      : error;
  });
  return environments.flatMap((environment) => {
    const { name, stacks } = environment;
    const plugin = new CacheRules({ profile: dev.includes(name) ? RuleProfile.DEV : RuleProfile.PROD });
    return locatedIn([environment], 'CacheRules', plugin._findings(stacks.map(judged)));
  });
}

/** A stack as CDK hands it to its plugins. */
function judged({ path, templateFile, region }: AssemblyStack) {
  return { stackConstructPath: path, templatePath: templateFile, accountId: undefined, region };
}

function reachOf({ consumer, allow }: GuardArguments) {
  return {
    ...(consumer.length === 0 ? {} : { consumers: consumer }),
    ...(allow.length === 0 ? {} : { allowed: allow }),
  };
}

async function replacements(
  environments: readonly AssemblyEnvironment[],
  otherStacks: readonly string[],
  { baseline, deployed, endpointUrl, exceptions }: GuardArguments,
): Promise<Finding[]> {
  const compared = (directory: string) =>
    replacementFindings(environments, {
      baseline: directory,
      otherStacks,
      ...(exceptions === undefined ? {} : { exceptions }),
    });
  if (!deployed) {
    return baseline === undefined ? [] : compared(baseline);
  }
  const directory = await mkdtemp(join(tmpdir(), 'deployed-'));
  try {
    const stacks = environments.flatMap((environment) => environment.stacks);
    const missing = await writeDeployedTemplates(stacks, directory, endpointUrl);
    return missing.length === stacks.length ? [] : compared(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

function locatedIn(
  environments: readonly AssemblyEnvironment[],
  check: CheckName,
  findings: readonly Finding[],
): CheckedFinding[] {
  const stacks = environments.flatMap((environment) => environment.stacks);
  return located(check, findings, stacks, (file) => readFileSync(file, 'utf8'));
}

async function write(file: string | undefined, content: () => string): Promise<void> {
  if (file !== undefined) {
    await mkdir(dirname(resolve(file)), { recursive: true });
    await writeFile(file, content());
  }
}
