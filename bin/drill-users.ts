import { FilmUsers } from '../drill/users/film-users';
import { PathUsers } from '../drill/users/path-users';
import { ProbeUsers } from '../drill/users/probe-users';
import type { Users } from '../drill/users/users';
import { Visitor } from '../drill/users/visitor';

export interface UserOptions {
  /** What is read, where it is not the film portal. */
  readonly path: readonly string[];
  /** Path below which is written. */
  readonly probe?: string;
}

/** The film portal's users where it is the film portal that runs; else people who ask for the given paths. */
export async function usersOf(address: string, { path, probe }: UserOptions): Promise<Users> {
  const [first = '/', ...others] = path;
  if (probe !== undefined) {
    return new ProbeUsers(address, [first, ...others], probe);
  }
  return path.length === 0 && (await isFilmPortal(address))
    ? new FilmUsers(address)
    : new PathUsers(address, [first, ...others]);
}

async function isFilmPortal(address: string): Promise<boolean> {
  const visitor = new Visitor(address);
  const [signIn, film] = [await visitor.get('/sign-in'), await visitor.get('/films/1/recommendations')];
  return signIn.status === 200 && signIn.body.includes('_csrf') && film.status === 200;
}
