import { App } from 'aws-cdk-lib';
import { FilmStack } from '../lib/film-stack';

const app = new App();
new FilmStack(app, 'Films', { env: { region: 'eu-central-1' } });
