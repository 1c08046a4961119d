// `npm start`: from a clone to the running service. Arguments go to `cdk-elasticache up`.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { bring, project } from './steps.mjs';

bring('synth');
const command = createRequire(import.meta.url)(join(project, 'dist', 'bin', 'cdk-elasticache.js'));
await command.main(['up', join(project, 'cdk.out'), ...process.argv.slice(2)]);
