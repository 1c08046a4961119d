// `npm run golden`: commits to the templates of this tree.
import { synthesized, writeGolden } from './templates';

const templates = synthesized();
writeGolden(templates);
console.log(`golden/: ${Object.keys(templates).join(', ')}`);
