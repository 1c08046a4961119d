import { App } from 'aws-cdk-lib';
import { Preflight } from 'cdk-preflight';
import { Application, EnvironmentStack, Environments } from '../lib';
import { packageFile } from '../lib/package-file';

/** The film portal's bundle, with what only an environment without HTTPS needs. */
function application(disposable: boolean): Application {
  return Application.fromDirectory(packageFile('dist', 'service'), {
    environment: disposable ? { DEVELOPMENT: 'true' } : {},
  });
}

const app = new App();
for (const environment of Environments.all) {
  new EnvironmentStack(app, environment.name, {
    environment,
    application: application(environment.disposable),
    allowFrom: app.node.tryGetContext('allowFrom'),
  });
}
Preflight.apply(app);
