import { type Kysely, sql } from 'kysely';
import type { Schema } from '../schema';

/** Reviews: one a member and film. */
export async function up(database: Kysely<Schema>): Promise<void> {
  await sql`
    create table review (
      film_id integer not null references film (id),
      member text not null check (char_length(member) between 1 and 40),
      rating smallint not null check (rating between 1 and 10),
      body text not null check (char_length(body) <= 2000),
      written_at timestamptz not null default now(),
      primary key (film_id, member)
    )`.execute(database);
  await sql`create index review_newest on review (film_id, written_at desc)`.execute(database);
  await sql`create index review_of_member on review (member)`.execute(database);
}
