import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { connect } from 'cdk-elasticache/runtime';
import express from 'express';
import session from 'express-session';
import { Pool } from 'pg';

declare module 'express-session' {
  interface SessionData {
    name: string;
  }
}

interface Entry {
  readonly name: string;
  readonly text: string;
}

async function main(): Promise<void> {
  const caches = connect<{ objects: 'memcached'; sessions: 'valkey' }>();
  const entries = caches.cache('objects').namespace<Entry[]>('entries', { ttlMs: 60_000 });
  const database = new Pool({ ...caches.database('main'), max: 10, connectionTimeoutMillis: 1_000 });
  // A connection that is lost while idle is replaced by the next query.
  database.on('error', () => {});

  const app = express();
  // Says that the process lives, and asks no cache and no database: see `FleetHealthCheck`.
  app.get('/healthz', (_, response) => {
    response.send('ok');
  });
  app.set('trust proxy', 1);
  app.use(express.urlencoded({ extended: false }));
  app.use(
    session({
      secret: await cookieSecret(),
      store: caches.sessionStore('sessions'),
      resave: false,
      saveUninitialized: false,
      cookie: { secure: true, sameSite: 'lax' },
    }),
  );

  app.get('/', async (request, response) => {
    const latest = await entries.getOrLoad('latest', async () => {
      const { rows } = await database.query<Entry>('select name, text from entries order by id desc limit 20');
      return rows;
    });
    response.json({ you: request.session.name ?? 'a guest', entries: latest });
  });

  app.post('/', async (request, response) => {
    const { name, text } = request.body as Entry;
    request.session.name = name;
    await database.query('insert into entries (name, text) values ($1, $2)', [name, text]);
    await entries.invalidate('latest');
    response.redirect(303, '/');
  });

  const server = app.listen(Number(process.env.PORT ?? 8080));
  server.keepAliveTimeout = Number(process.env.KEEP_ALIVE_MS ?? 65_000);
  process.once('SIGTERM', () => {
    setTimeout(() => process.exit(1), Number(process.env.DRAIN_MS ?? 30_000)).unref();
    server.close(() => process.exit(0));
  });
}

/** One secret for all instances, or a session would be known to the one that began it only. */
async function cookieSecret(): Promise<string> {
  // For a run on a laptop.
  if (process.env.COOKIE_SECRET !== undefined) {
    return process.env.COOKIE_SECRET;
  }
  const command = new GetSecretValueCommand({ SecretId: process.env.COOKIE_SECRET_ARN });
  const { SecretString } = await new SecretsManagerClient().send(command);
  if (SecretString === undefined) {
    throw new Error(`${process.env.COOKIE_SECRET_ARN} holds no text`);
  }
  return SecretString;
}

void main();
