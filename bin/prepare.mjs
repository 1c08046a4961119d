// `node bin/prepare.mjs install|build|synth`: brings a clone up to date as far as that step.
import { bring } from './steps.mjs';

bring(process.argv[2]);
