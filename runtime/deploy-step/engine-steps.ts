import { CacheError } from '../errors';
import type { SqlClient } from './sql-client';

/** The role that the application signs in as. */
export interface ApplicationRole {
  readonly user: string;
  /** @default - it signs in with IAM tokens */
  readonly password?: string;
  /** The database whose rows it reads and writes. */
  readonly database: string;
}

/** What the deploy step does differently on each engine. */
export interface EngineSteps {
  /**
   * Takes the lock that deploy steps of one database wait for each other on. It ends with the client's session.
   *
   * @returns whether it was had in time
   */
  lock(client: SqlClient, database: string, timeoutMs: number): Promise<boolean>;

  /**
   * Makes the role, or makes it again what it should be: it may read and write rows and nothing else. A role that is
   * right already stays as it is, and never lacks a right meanwhile.
   *
   * @throws RoleTooPowerfulError when it has rights that cannot be taken away
   */
  makeRole(client: SqlClient, role: ApplicationRole): Promise<void>;
}

/** The application's role may do more than read and write rows, and the master's login cannot change that. */
export class RoleTooPowerfulError extends CacheError {
  constructor(user: string, rights: string, options?: { cause?: unknown }) {
    super(
      'ROLE_TOO_POWERFUL',
      `the application's role ${user} must only read and write rows, but it ${rights}: ` +
        'take that away by hand, or give the application another role',
      options,
    );
  }
}

/** The database does not know the way of RDS to sign in with IAM tokens. */
export function iamMissing(what: string, cause: unknown): CacheError {
  return new CacheError(
    'IAM_AUTHENTICATION_MISSING',
    `the database has no ${what}: IAM authentication must be enabled on its RDS instance`,
    { cause },
  );
}
