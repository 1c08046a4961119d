import { hostname } from 'node:os';
import { join } from 'node:path';
import { connect } from '../runtime';
import { buildApp } from './app';
import { connectAhead, openDatabase } from './database/connection';

/** Longest that requests in flight may take to end, in milliseconds: as long as the load balancer waits for them. */
const DRAIN_MS = Number(process.env.DRAIN_MS ?? 30_000);

async function main(): Promise<void> {
  const caches = connect<{ objects: 'memcached'; sessions: 'valkey' }>();
  const database = openDatabase(caches.database('main'));
  const app = await buildApp({
    caches,
    database,
    instance: process.env.INSTANCE_NAME ?? hostname(),
    development: process.env.DEVELOPMENT === 'true',
    assets: join(__dirname, 'assets'),
  });
  // An instance that is healthy before its session store and its database are connected would answer its first visitors
  // with 503. One that is lost must not keep it from starting either.
  await Promise.all([caches.ready().catch(() => {}), connectAhead(database)]);
  process.once('SIGTERM', () => {
    // Stops listening, ends what is in flight, then ends by itself.
    setTimeout(() => process.exit(1), DRAIN_MS).unref();
    void app.close().then(() => process.exit(0));
  });
  await app.listen({ host: process.env.HOST ?? '0.0.0.0', port: Number(process.env.PORT ?? 8080) });
}

main().catch((error: Error) => {
  // The message of a bad binding names its file and field; the stack would only hide it.
  console.error(error.message);
  process.exit(1);
});
