import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IPolicyValidationContext, IPolicyValidationPlugin } from 'aws-cdk-lib';
import { temporaryFolder } from '../engines/temporary-folder';

/** What a plugin said of one resource. */
export interface Said {
  readonly template: string;
  readonly rule: string;
  readonly severity: string;
  readonly resource: string;
  readonly description: string;
  readonly fix: string;
}

/** What a plugin says of templates that no app has made, by their names. */
export function validated(plugin: IPolicyValidationPlugin, templates: Readonly<Record<string, object>>): Said[] {
  const directory = temporaryFolder('templates');
  const stackTemplates = Object.entries(templates).map(([name, template]) => {
    const templatePath = join(directory, `${name}.template.json`);
    writeFileSync(templatePath, JSON.stringify(template));
    return { stackConstructPath: name, templatePath, accountId: undefined, region: 'us-east-1' };
  });
  const context = { templatePaths: stackTemplates.map(({ templatePath }) => templatePath), stackTemplates };
  return plugin.validate(context as unknown as IPolicyValidationContext).violations.flatMap((violation) =>
    violation.violatingResources.map(({ templatePath = '', resourceLogicalId = '' }) => ({
      template: templatePath.slice(directory.length + 1, -'.template.json'.length),
      rule: violation.ruleName,
      severity: violation.severity ?? '',
      resource: resourceLogicalId,
      description: violation.description,
      fix: violation.fix ?? '',
    })),
  );
}
