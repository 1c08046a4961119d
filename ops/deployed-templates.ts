import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CloudFormationClient, GetTemplateCommand } from '@aws-sdk/client-cloudformation';

/** A stack to ask for. */
export interface DeployedStack {
  /** Path in the app, for example `prod/data`. */
  readonly path: string;
  /** Name that CloudFormation knows it by. */
  readonly name: string;
  readonly region?: string;
}

/** AWS did not give a template, and not because there is none. */
export class TemplateRefusedError extends Error {}

// What Node.js the bundled SDK runs on is this package's to say.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

/** How long AWS may take for one answer, in milliseconds. */
const ANSWER_MS = 20_000;

/**
 * Writes the templates that are deployed, as CloudFormation was given them, to `<directory>/<path>.template.json`.
 *
 * @returns paths of stacks that are not deployed
 * @throws TemplateRefusedError when AWS refuses or does not answer; nothing is taken for not deployed then
 */
export async function writeDeployedTemplates(
  stacks: readonly DeployedStack[],
  directory: string,
  endpoint?: string,
): Promise<string[]> {
  const missing: string[] = [];
  for (const { path, name, region } of stacks) {
    const client = new CloudFormationClient({
      maxAttempts: 5,
      ...(region === undefined ? {} : { region }),
      ...(endpoint === undefined ? {} : { endpoint }),
    });
    try {
      const command = new GetTemplateCommand({ StackName: name, TemplateStage: 'Original' });
      const { TemplateBody: body = '' } = await client.send(command, { abortSignal: AbortSignal.timeout(ANSWER_MS) });
      const file = join(directory, `${path}.template.json`);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, body);
    } catch (error) {
      const { name: code, message } = error as Error;
      if (code !== 'ValidationError' || !/does not exist/.test(message)) {
        throw new TemplateRefusedError(`AWS gave no template of the stack ${name}: ${code}: ${message}`);
      }
      missing.push(path);
    } finally {
      client.destroy();
    }
  }
  return missing;
}
