import {
  GetTemplateCommand,
  paginateDescribeStacks,
  paginateListStackResources,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import type { AwsSession } from '../aws/aws-session';
import { AskedWronglyError, asFatal } from '../aws/problems';
import type { StackResource, StackState } from './environment-state';
import type { Gaps } from './gaps';
import type { Detail } from './metric-plan';

/** Which stacks are meant. */
export interface StackChoice {
  /** Environment that stacks are tagged with; where there is one alone it need not be named. */
  readonly environment?: string;
  /** Stacks by name, of apps that have no such environments. */
  readonly stacks?: readonly string[];
  /** Whether the environment is one on this machine, whose endpoint knows no other stacks. */
  readonly isLocal: boolean;
}

export interface ChosenStacks {
  readonly environment: string;
  readonly isDisposable: boolean;
  readonly stacks: readonly StackState[];
}

/** States of a resource that is not there, or of which that is not known. */
const UNMADE: ReadonlySet<string> = new Set(['CREATE_FAILED', 'DELETE_COMPLETE']);

/** The output of `EnvironmentStage` that names where the service is. */
const ADDRESS_OUTPUT = 'Address';

/** Tags that `EnvironmentStage` puts on every stack of an environment. */
const ENVIRONMENT_TAG = 'environment';
const DISPOSABLE_TAG = 'disposable';

/**
 * Finds the stacks of an environment, and what they have made.
 *
 * @throws AskedWronglyError when there is no such environment or stack, or more than one and none was named
 */
export async function chosenStacks(
  session: AwsSession,
  choice: StackChoice,
  detail: Detail,
  gaps: Gaps,
): Promise<ChosenStacks> {
  const all = await everyStack(session);
  const { environment, stacks } = choose(all, choice, session.region);
  return {
    environment,
    isDisposable: stacks.every((stack) => tagsOf(stack)[DISPOSABLE_TAG] === 'true'),
    stacks: await Promise.all(stacks.map((stack) => stackState(session, stack, detail, gaps))),
  };
}

async function everyStack(session: AwsSession): Promise<Stack[]> {
  const found: Stack[] = [];
  try {
    const pages = paginateDescribeStacks({ client: session.cloudFormation }, {}, { abortSignal: session.signal });
    for await (const { Stacks = [] } of pages) {
      found.push(...Stacks);
    }
  } catch (error) {
    throw asFatal(error, 'cloudformation:DescribeStacks', session.region);
  }
  return found;
}

function choose(all: readonly Stack[], { environment, stacks = [], isLocal }: StackChoice, region: string) {
  if (isLocal && environment !== undefined) {
    return { environment, stacks: all };
  }
  return stacks.length === 0 ? ofEnvironment(all, environment, region) : byName(all, stacks, environment, region);
}

function ofEnvironment(all: readonly Stack[], asked: string | undefined, region: string) {
  const environments = new Map<string, Stack[]>();
  for (const stack of all) {
    const { [ENVIRONMENT_TAG]: name, [DISPOSABLE_TAG]: disposable } = tagsOf(stack);
    if (name !== undefined && disposable !== undefined) {
      environments.set(name, [...(environments.get(name) ?? []), stack]);
    }
  }
  const names = [...environments.keys()].sort();
  const environment = asked ?? (names.length === 1 ? names[0] : undefined);
  const stacks = environments.get(environment ?? '');
  if (stacks === undefined || environment === undefined) {
    throw new AskedWronglyError(
      names.length === 0
        ? `no environment is deployed in ${region}: no stack there has the tags \`environment\` and \`disposable\`; --stack names stacks of other apps`
        : `${asked === undefined ? 'which environment' : `no environment \`${asked}\` in ${region}`}? There are: ${names.join(', ')}`,
    );
  }
  return { environment, stacks };
}

function byName(all: readonly Stack[], names: readonly string[], asked: string | undefined, region: string) {
  const stacks = names.map((name) => {
    const stack = all.find(({ StackName }) => StackName === name);
    if (stack === undefined) {
      throw new AskedWronglyError(`no stack \`${name}\` in ${region}`);
    }
    return stack;
  });
  const tagged = [...new Set(stacks.map((stack) => tagsOf(stack)[ENVIRONMENT_TAG]))];
  const environment = tagged.length === 1 && tagged[0] !== undefined ? tagged[0] : names.join('+');
  // What protects an environment is its name, so nobody may give it another.
  if (asked !== undefined && asked !== environment) {
    throw new AskedWronglyError(`these stacks are not \`${asked}\` but \`${environment}\`: name them so`);
  }
  return { environment, stacks };
}

async function stackState(session: AwsSession, stack: Stack, detail: Detail, gaps: Gaps): Promise<StackState> {
  const name = stack.StackName ?? '';
  const [resources = [], properties] = await Promise.all([
    gaps.ask(`resources of the stack ${name}`, 'cloudformation:ListStackResources', () => resourcesOf(session, name)),
    detail === 'doctor'
      ? gaps.ask(`template of the stack ${name}`, 'cloudformation:GetTemplate', () => propertiesOf(session, name))
      : undefined,
  ]);
  const address = stack.Outputs?.find(({ OutputKey }) => OutputKey === ADDRESS_OUTPUT)?.OutputValue;
  return {
    ...(address === undefined ? {} : { address }),
    name,
    status: stack.StackStatus ?? '',
    tags: tagsOf(stack),
    isTerminationProtected: stack.EnableTerminationProtection === true,
    resources: resources.map((resource) => {
      const found = properties?.get(resource.logicalId);
      return found === undefined ? resource : { ...resource, properties: found };
    }),
  };
}

async function resourcesOf(session: AwsSession, name: string): Promise<StackResource[]> {
  const found: StackResource[] = [];
  const pages = paginateListStackResources(
    { client: session.cloudFormation },
    { StackName: name },
    { abortSignal: session.signal },
  );
  for await (const { StackResourceSummaries = [] } of pages) {
    for (const {
      LogicalResourceId = '',
      PhysicalResourceId,
      ResourceType = '',
      ResourceStatus,
    } of StackResourceSummaries) {
      if (!UNMADE.has(ResourceStatus ?? '')) {
        found.push({
          logicalId: LogicalResourceId,
          type: ResourceType,
          ...(PhysicalResourceId === undefined ? {} : { physicalId: PhysicalResourceId }),
        });
      }
    }
  }
  return found;
}

/** Properties by logical id. @throws Error for a template in YAML, which CDK does not write */
async function propertiesOf(session: AwsSession, name: string): Promise<Map<string, Record<string, unknown>>> {
  const { TemplateBody = '' } = await session.cloudFormation.send(
    new GetTemplateCommand({ StackName: name, TemplateStage: 'Original' }),
    { abortSignal: session.signal },
  );
  if (!TemplateBody.trimStart().startsWith('{')) {
    throw new Error('its template is YAML, of which nothing is read here');
  }
  const { Resources = {} } = JSON.parse(TemplateBody) as {
    Resources?: Record<string, { Properties?: Record<string, unknown> }>;
  };
  return new Map(Object.entries(Resources).map(([id, { Properties = {} }]) => [id, Properties]));
}

function tagsOf({ Tags = [] }: Stack): Record<string, string> {
  return Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value]));
}
