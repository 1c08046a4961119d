import { Migrator } from 'kysely';
import type { DatabaseLogin } from '../../runtime';
import { openForMigrations } from './connection';
import * as films from './migrations/0001-films';
import * as reviews from './migrations/0002-reviews';

/** In order. A migration that has landed is never changed. */
const MIGRATIONS = { '0001-films': films, '0002-reviews': reviews };

/** Brings the schema up to date, in one transaction; does nothing when it is. */
export async function migrate(login: DatabaseLogin): Promise<void> {
  const database = openForMigrations(login);
  try {
    const migrator = new Migrator({ db: database, provider: { getMigrations: async () => MIGRATIONS } });
    const { error } = await migrator.migrateToLatest();
    if (error !== undefined) {
      throw error;
    }
  } finally {
    await database.destroy();
  }
}
