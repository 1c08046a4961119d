import { Engines } from '../../local/engines';
import { engineFolder } from './folders';

/** Finds or fetches the real engines once, before any test starts them. */
export default async function prepareEngines(): Promise<void> {
  const engines = new Engines({ directory: engineFolder(), install: false, report: console.log });
  await engines.server('valkey');
  await engines.server('memcached');
  await engines.postgres();
  // Few tests need it: they say why it cannot be had.
  await engines.server('mariadb').catch(() => {});
}
