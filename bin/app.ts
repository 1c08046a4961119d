import { App } from 'aws-cdk-lib';
import { Preflight } from 'cdk-preflight';
import { Application, EnvironmentStage, Environments } from '../lib';
import { packageFile } from '../lib/package-file';

const app = new App();
for (const environment of Environments.all(app)) {
  new EnvironmentStage(app, environment.name, {
    environment,
    // The film portal's bundle, with what only an environment without HTTPS needs.
    application: Application.fromDirectory(packageFile('dist', 'service'), {
      environment: environment.insecureHttp ? { DEVELOPMENT: 'true' } : {},
    }),
  });
}
Preflight.apply(app);
