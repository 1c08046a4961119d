import { type DatabaseLogin, deployStep } from 'cdk-elasticache/runtime';
import { Client } from 'pg';

/** Runs once a deploy, before the instances: the schema, then the role that they sign in with. */
export const handler = deployStep({ client: (login) => new Client(login), migrate });

async function migrate(login: DatabaseLogin): Promise<void> {
  const client = new Client(login);
  await client.connect();
  try {
    await client.query(
      'create table if not exists entries (id bigint generated always as identity primary key, name text, text text)',
    );
  } finally {
    await client.end();
  }
}
