import { pythonTools } from './python';

/* `node --import tsx test/engines/install-python.ts`: what several of the long tests use of PyPI, before they run. */

void pythonTools().catch(() => {});
