/**
 * The binding: how an application reaches every cache and database it was given.
 *
 * It is the contract between the infrastructure (which renders it) and the runtime (which reads it). One JSON document,
 * and nothing in it is secret. This file imports nothing, because every folder may import it.
 *
 * @see docs/adr/0002-binding.md
 */

/** Version of the document that this release writes. The runtime reads this one and the one before it. */
export const BINDING_VERSION = 1;

/** Environment variable that names the file which holds the document. */
export const BINDINGS_FILE_VARIABLE = 'CACHE_BINDINGS_FILE';

/** Environment variable that holds the document itself, for compute without user data (Lambda, ECS). */
export const BINDINGS_VARIABLE = 'CACHE_BINDINGS';

/** Environment variable that tells the deploy step which role to make, a JSON `DeployStepInstructions`. */
export const DEPLOY_STEP_VARIABLE = 'CACHE_DEPLOY_STEP';

/** Key of the template metadata in which a fleet says what it runs, a `FleetDescription`. */
export const FLEET_METADATA_KEY = 'cdk-elasticache:fleet';

/** Names of the environment variables the fleet gives to its application. */
export const APPLICATION_VARIABLES = {
  /** Port the application listens on. */
  port: 'PORT',
  /** Name of this instance, shown by the application where the environment allows it. */
  instance: 'INSTANCE_NAME',
  /** How long a silent connection is kept open, in milliseconds: longer than the load balancer does. */
  keepAliveMs: 'KEEP_ALIVE_MS',
  /** Longest that requests in flight may take at the end, in milliseconds. */
  drainMs: 'DRAIN_MS',
} as const;

export type CacheEngineName = 'valkey' | 'redis' | 'memcached';

/**
 * How a cache is addressed:
 * - `primary`: one endpoint that follows the primary of a replication group;
 * - `cluster`: the configuration endpoint of a group in cluster mode, or a serverless Valkey or Redis OSS cache;
 * - `discovery`: the configuration endpoint of a Memcached cluster;
 * - `node`: one node, or a serverless Memcached cache.
 */
export type CacheMode = 'primary' | 'cluster' | 'discovery' | 'node';

/** Login without a stored secret: a token signed on the instance. */
export interface CacheIamAuth {
  readonly type: 'iam';
  readonly user: string;
  readonly cacheName: string;
  readonly region: string;
  readonly serverless: boolean;
}

export interface DatabaseIamAuth {
  readonly type: 'iam';
  readonly region: string;
}

/** A secret in Secrets Manager with the keys `username` and `password`, fetched at start. */
export interface SecretAuth {
  readonly type: 'secret';
  readonly arn: string;
  readonly region: string;
}

/** A password in the document itself: refused unless the host is loopback. */
export interface PasswordAuth {
  readonly type: 'password';
  readonly user?: string;
  readonly password: string;
}

export interface NoAuth {
  readonly type: 'none';
}

export interface CacheBinding {
  readonly engine: CacheEngineName;
  readonly mode: CacheMode;
  readonly host: string;
  readonly readerHost?: string;
  readonly port: number;
  readonly tls: boolean;
  /** Path of the certificate authority, where the system's own roots do not do. */
  readonly ca?: string;
  readonly auth: CacheIamAuth | SecretAuth | PasswordAuth | NoAuth;
}

export type DatabaseEngineName = 'postgres' | 'mysql';

export interface DatabaseBinding {
  readonly engine: DatabaseEngineName;
  readonly host: string;
  readonly port: number;
  readonly name: string;
  readonly user: string;
  readonly tls: boolean;
  readonly ca?: string;
  readonly auth: DatabaseIamAuth | SecretAuth | PasswordAuth;
}

export interface Binding {
  readonly version: number;
  readonly caches: Readonly<Record<string, CacheBinding>>;
  readonly databases: Readonly<Record<string, DatabaseBinding>>;
  readonly metricsNamespace: string;
}

/** What the deploy step is asked to do, besides running the application's migrations. */
export interface DeployStepInstructions {
  /** Name of the database in the binding that the step itself was given (with the master login). */
  readonly database: string;
  /** The role to make for the application: with `iam` it may only sign in with tokens. */
  readonly role: { readonly user: string; readonly auth: { readonly type: 'iam' } | SecretAuth | PasswordAuth };
}

/** What a fleet runs, in the template's own intrinsics, so that tools can follow each reference to its resource. */
export interface FleetDescription {
  readonly application: { readonly bucket: unknown; readonly key: string; readonly entry: string };
  readonly environment: Readonly<Record<string, string>>;
  readonly port: number;
  readonly binding: unknown;
  readonly deploySteps: readonly string[];
}

/** The document is missing, unreadable, of another version, or lacks a field. */
export class BindingError extends Error {
  /** Stable code of the error. */
  readonly code = 'BINDING_INVALID';

  constructor(source: string, problem: string, options?: { cause?: unknown }) {
    super(`binding ${source}: ${problem}`, options);
    this.name = 'BindingError';
  }
}

/**
 * Parses and checks a binding.
 *
 * @param text the document
 * @param source where it came from, named in every error: a file's path or an environment variable
 * @throws BindingError that names the source and the field
 */
export function parseBinding(text: string, source: string): Binding {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw new BindingError(source, `is not JSON (${(cause as Error).message})`, { cause });
  }
  const reader = new FieldReader(source);
  const root = reader.object(document, 'the document');
  if (root.version !== BINDING_VERSION) {
    throw new BindingError(
      source,
      `\`version\` must be ${BINDING_VERSION}, got ${JSON.stringify(root.version)}: ` +
        'the infrastructure and the runtime are of releases that do not go together',
    );
  }
  return {
    version: BINDING_VERSION,
    caches: mapValues(reader.object(root.caches, '`caches`'), (value, name) =>
      readCache(reader, value, `caches.${name}`),
    ),
    databases: mapValues(reader.object(root.databases, '`databases`'), (value, name) =>
      readDatabase(reader, value, `databases.${name}`),
    ),
    metricsNamespace: reader.string(root, 'metricsNamespace'),
  };
}

function readCache(reader: FieldReader, value: unknown, path: string): CacheBinding {
  const cache = reader.object(value, `\`${path}\``);
  const engine = reader.oneOf(cache, 'engine', ['valkey', 'redis', 'memcached'] as const, path);
  const allowed = engine === 'memcached' ? (['discovery', 'node'] as const) : (['primary', 'cluster', 'node'] as const);
  const host = reader.string(cache, 'host', path);
  const auth = reader.object(cache.auth, `\`${path}.auth\``);
  const authPath = `${path}.auth`;
  const type = reader.oneOf(auth, 'type', ['iam', 'secret', 'password', 'none'] as const, authPath);
  return {
    engine,
    mode: reader.oneOf<CacheMode>(cache, 'mode', allowed, path),
    host,
    ...(cache.readerHost === undefined ? {} : { readerHost: reader.string(cache, 'readerHost', path) }),
    port: reader.port(cache, path),
    tls: reader.boolean(cache, 'tls', path),
    ...(cache.ca === undefined ? {} : { ca: reader.string(cache, 'ca', path) }),
    auth:
      type === 'none'
        ? { type }
        : type === 'iam'
          ? {
              type,
              user: reader.string(auth, 'user', authPath),
              cacheName: reader.string(auth, 'cacheName', authPath),
              region: reader.string(auth, 'region', authPath),
              serverless: reader.boolean(auth, 'serverless', authPath),
            }
          : readSecretOrPassword(reader, auth, authPath, type, host),
  };
}

function readDatabase(reader: FieldReader, value: unknown, path: string): DatabaseBinding {
  const database = reader.object(value, `\`${path}\``);
  const host = reader.string(database, 'host', path);
  const auth = reader.object(database.auth, `\`${path}.auth\``);
  const authPath = `${path}.auth`;
  const type = reader.oneOf(auth, 'type', ['iam', 'secret', 'password'] as const, authPath);
  return {
    engine: reader.oneOf(database, 'engine', ['postgres', 'mysql'] as const, path),
    host,
    port: reader.port(database, path),
    name: reader.string(database, 'name', path),
    user: reader.string(database, 'user', path),
    tls: reader.boolean(database, 'tls', path),
    ...(database.ca === undefined ? {} : { ca: reader.string(database, 'ca', path) }),
    auth:
      type === 'iam'
        ? { type, region: reader.string(auth, 'region', authPath) }
        : readSecretOrPassword(reader, auth, authPath, type, host),
  };
}

function readSecretOrPassword(
  reader: FieldReader,
  auth: Record<string, unknown>,
  path: string,
  type: 'secret' | 'password',
  host: string,
): SecretAuth | PasswordAuth {
  if (type === 'secret') {
    return { type, arn: reader.string(auth, 'arn', path), region: reader.string(auth, 'region', path) };
  }
  if (!isLoopback(host)) {
    reader.fail(`\`${path}.type\` may be "password" only where the host is loopback, got host ${JSON.stringify(host)}`);
  }
  return {
    type,
    ...(auth.user === undefined ? {} : { user: reader.string(auth, 'user', path) }),
    password: reader.string(auth, 'password', path),
  };
}

/** Whether a host name or address can only ever mean this machine. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

class FieldReader {
  constructor(private readonly source: string) {}

  object(value: unknown, what: string): Record<string, unknown> {
    if (value === undefined) {
      this.fail(`${what} is missing`);
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.fail(`${what} must be an object, got ${JSON.stringify(value)}`);
    }
    return value as Record<string, unknown>;
  }

  string(parent: Record<string, unknown>, key: string, path?: string): string {
    const value = this.present(parent, key, path);
    if (typeof value !== 'string' || value === '') {
      this.fail(`\`${join(path, key)}\` must be a string that is not empty, got ${JSON.stringify(value)}`);
    }
    return value as string;
  }

  boolean(parent: Record<string, unknown>, key: string, path?: string): boolean {
    const value = this.present(parent, key, path);
    if (typeof value !== 'boolean') {
      this.fail(`\`${join(path, key)}\` must be true or false, got ${JSON.stringify(value)}`);
    }
    return value as boolean;
  }

  /** A port number; CloudFormation renders attributes as strings, so digits in a string are taken too. */
  port(parent: Record<string, unknown>, path: string): number {
    const value = this.present(parent, 'port', path);
    const port = typeof value === 'string' && /^\d{1,5}$/.test(value) ? Number(value) : value;
    if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65_535) {
      this.fail(`\`${path}.port\` must be a whole number from 1 to 65535, got ${JSON.stringify(value)}`);
    }
    return port as number;
  }

  oneOf<T extends string>(parent: Record<string, unknown>, key: string, allowed: readonly T[], path?: string): T {
    const value = this.present(parent, key, path);
    if (!allowed.includes(value as T)) {
      this.fail(`\`${join(path, key)}\` must be one of ${allowed.join(', ')}, got ${JSON.stringify(value)}`);
    }
    return value as T;
  }

  fail(problem: string): never {
    throw new BindingError(this.source, problem);
  }

  private present(parent: Record<string, unknown>, key: string, path?: string): unknown {
    if (parent[key] === undefined) {
      this.fail(`\`${join(path, key)}\` is missing`);
    }
    return parent[key];
  }
}

function join(path: string | undefined, key: string): string {
  return path === undefined ? key : `${path}.${key}`;
}

function mapValues<T>(source: Record<string, unknown>, read: (value: unknown, name: string) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(source).map(([name, value]) => [name, read(value, name)]));
}
