import prepareEngines from './global-setup';
import { pythonTools } from './python';

/** The engines, and what several of the long tests use of PyPI: once, since test files run beside each other. */
export default async function prepareAll(): Promise<void> {
  await prepareEngines();
  // The tests that need these tools say why they cannot be had.
  await pythonTools().catch(() => {});
}
