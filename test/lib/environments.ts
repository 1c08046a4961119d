import type { App } from 'aws-cdk-lib';
import { Application, type Environment, EnvironmentStage, Environments } from '../../lib';
import { packageFile } from '../../lib/package-file';

/** A stage as `bin/app.ts` makes it. */
export function stageIn(app: App, name: string, changes: Partial<Environment> = {}): EnvironmentStage {
  return new EnvironmentStage(app, name, {
    environment: { ...Environments.named(app, name), ...changes },
    application: Application.fromDirectory(packageFile('dist', 'service'), {
      environment: name === 'dev' ? { DEVELOPMENT: 'true' } : {},
    }),
  });
}
