import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { CfnGuardValidator } from '@cdklabs/cdk-validator-cfnguard';
import { App, CloudFormationValidatePlugin, Stack } from 'aws-cdk-lib';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import { pythonTools } from '../engines/python';
import { temporaryFolder } from '../engines/temporary-folder';
import { PACKS, type Pack } from '../lib/acknowledgements';
import { validated } from './validation';

/** Findings by template, each as `rule at resource`. */
export type Findings = ReadonlyMap<string, readonly string[]>;

type Templates = Readonly<Record<string, object>>;

/** What other scanners say of templates. */
export const SCANNERS: Readonly<Record<string, (templates: Templates) => Promise<Findings>>> = {
  ...Object.fromEntries(
    (Object.keys(PACKS) as Pack[]).map((pack) => [
      `cdk-nag ${pack}`,
      async (templates: Templates) => nag(pack, templates),
    ]),
  ),
  'Control Tower': async (templates) =>
    collected(validated(new CfnGuardValidator({ maxBuffer: 512 * 1024 * 1024 }), templates)),
  'cfn-lint': cfnLint,
  "CDK's validator": async (templates) => collected(validated(new CloudFormationValidatePlugin(), templates)),
};

function nag(pack: Pack, templates: Templates): Findings {
  const app = new App({ context: { 'aws:cdk:disable-creation-stack-traces': true } });
  const directory = temporaryFolder('included');
  for (const [name, template] of Object.entries(templates)) {
    const templateFile = join(directory, `${name}.json`);
    writeFileSync(templateFile, JSON.stringify(template));
    new CfnInclude(new Stack(app, name), 'T', { templateFile });
  }
  const { violations } = new PACKS[pack](app).validateScope(app) as any;
  return collected(
    violations.flatMap((violation: any) =>
      (violation.violatingConstructs ?? violation.violatingResources).map(({ constructPath }: any) => ({
        template: constructPath.split('/')[0],
        rule: violation.ruleName,
        resource: constructPath.split('/').at(-1),
      })),
    ),
  );
}

async function cfnLint(templates: Templates): Promise<Findings> {
  const { python } = await pythonTools();
  const directory = temporaryFolder('linted');
  const files = Object.entries(templates).map(([name, template]) => {
    const file = join(directory, `${name}.json`);
    writeFileSync(file, JSON.stringify(template));
    return file;
  });
  const output = await new Promise<string>((resolve, reject) => {
    const args = ['--format', 'json', '--regions', 'us-east-1', '--include-checks', 'I', '--', ...files];
    execFile(join(dirname(python), 'cfn-lint'), args, { maxBuffer: 1 << 28 }, (error, stdout) =>
      // Findings make it end with a number that is a sum of kinds; what it cannot do, it says on no output at all.
      error !== null && stdout === '' ? reject(error) : resolve(stdout),
    );
  });
  return collected(
    JSON.parse(output).map(({ Filename, Rule, Location }: any) => ({
      template: basename(Filename, '.json'),
      rule: Rule.Id,
      resource: Location.Path?.[1] ?? '',
    })),
  );
}

function collected(found: ReadonlyArray<{ template: string; rule: string; resource: string }>): Findings {
  const byTemplate = new Map<string, string[]>();
  for (const { template, rule, resource } of found) {
    byTemplate.set(template, [...(byTemplate.get(template) ?? []), `${rule} at ${resource}`]);
  }
  return byTemplate;
}
