import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import { AwsSession } from './aws/aws-session';
import { callProblem, RefusedError, TimedOutError } from './aws/problems';

/** A stack to ask for. */
export interface DeployedStack {
  /** Path in the app, for example `prod/data`. */
  readonly path: string;
  /** Name that CloudFormation knows it by. */
  readonly name: string;
  readonly region?: string;
}

/** How long AWS may take for all stacks of a region, in milliseconds. */
const ANSWERS_MS = 60_000;

/**
 * Writes the templates that are deployed, as CloudFormation was given them, to `<directory>/<path>.template.json`.
 *
 * @returns paths of stacks that are not deployed
 * @throws RefusedError when AWS refuses or does not answer; nothing is taken for not deployed then
 * @throws TimedOutError when it takes too long
 */
export async function writeDeployedTemplates(
  stacks: readonly DeployedStack[],
  directory: string,
  endpointUrl?: string,
): Promise<string[]> {
  const missing: string[] = [];
  for (const region of new Set(stacks.map((stack) => stack.region))) {
    const session = await AwsSession.open({
      timeoutMs: ANSWERS_MS,
      ...(region === undefined ? {} : { region }),
      ...(endpointUrl === undefined ? {} : { endpointUrl }),
    });
    try {
      for (const { path, name } of stacks.filter((stack) => stack.region === region)) {
        const template = await deployedTemplate(session, name);
        if (template === undefined) {
          missing.push(path);
        } else {
          const file = join(directory, `${path}.template.json`);
          await mkdir(dirname(file), { recursive: true });
          await writeFile(file, template);
        }
      }
    } finally {
      session.close();
    }
  }
  return missing;
}

async function deployedTemplate(session: AwsSession, name: string): Promise<string | undefined> {
  try {
    const { TemplateBody = '' } = await session.cloudFormation.send(
      new GetTemplateCommand({ StackName: name, TemplateStage: 'Original' }),
      { abortSignal: session.signal },
    );
    return TemplateBody;
  } catch (error) {
    const { code, message, isTimeout } = callProblem(error, 'cloudformation:GetTemplate', session.region);
    if (code === 'ValidationError' && /does not exist/.test(message)) {
      return undefined;
    }
    const sentence = `AWS gave no template of the stack ${name}: ${code}: ${message}`;
    throw isTimeout ? new TimedOutError(sentence) : new RefusedError(code, sentence);
  }
}
