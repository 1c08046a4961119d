import { connect } from 'cdk-elasticache/runtime';
import { Pool } from 'pg';

interface Film {
  readonly id: number;
  readonly title: string;
}

// Outside of the handler, so that connections outlive a call.
const caches = connect<{ objects: 'memcached' }>();
const films = caches.cache('objects').namespace<Film | null>('film', { ttlMs: 60_000 });
const database = new Pool({ ...caches.database('main'), max: 2 });

/** A film by its id: from the cache, else from the database. */
export async function handler({ id }: { readonly id: number }): Promise<Film | null> {
  return films.getOrLoad(id, async () => {
    const { rows } = await database.query<Film>('select id, title from films where id = $1', [id]);
    return rows[0] ?? null;
  });
}
