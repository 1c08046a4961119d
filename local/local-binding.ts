import { BINDING_VERSION, type Binding, type CacheBinding, type DatabaseBinding } from '../runtime/binding';
import type { Certificates } from './certificates';
import type { Plan } from './plan';
import { LOOPBACK } from './port';
import { Problem } from './problem';

/** Where a cache listens, and who may sign in. */
export interface CacheEndpoint {
  readonly port: number;
  readonly logins: ReadonlyArray<{ readonly name: string; readonly password: string; readonly secret?: string }>;
}

/** Where a database listens. The master's and the application's passwords are known to this process only. */
export interface DatabaseEndpoint {
  readonly port: number;
  readonly masterPassword: string;
  readonly applicationPassword: string;
}

/** The template's binding with this machine's hosts, logins and certificates. */
export class LocalBinding {
  private readonly caches = new Map<string, CacheEndpoint>();
  private readonly databases = new Map<string, DatabaseEndpoint>();

  constructor(
    private readonly plan: Plan,
    private readonly certificates: Certificates,
  ) {}

  /** A cache that has started, by the id of its resource. */
  addCache(id: string, endpoint: CacheEndpoint): void {
    this.caches.set(id, endpoint);
  }

  /** A database that has started, by the id of its resource. */
  addDatabase(id: string, endpoint: DatabaseEndpoint): void {
    this.databases.set(id, endpoint);
  }

  /** The database of a name in the binding, where it has started. */
  database(name: string): DatabaseEndpoint | undefined {
    const id = this.plan.fleet.databases[name];
    return id === undefined ? undefined : this.databases.get(id);
  }

  /** What the fleet is given. @throws Problem when it uses what does not run here */
  ofFleet(): Binding {
    const { fleet } = this.plan;
    const caches = Object.entries(fleet.caches).map(([name, { id, secret }]) => [
      name,
      this.cacheEntry(fleet.binding.caches[name], this.started(this.caches, name, id), secret),
    ]);
    const databases = Object.entries(fleet.databases).map(([name, id]) => {
      const endpoint = this.started(this.databases, name, id);
      return [
        name,
        this.databaseEntry(name, endpoint, fleet.binding.databases[name].user, endpoint.applicationPassword),
      ];
    });
    return this.document({ caches: Object.fromEntries(caches), databases: Object.fromEntries(databases) });
  }

  /** What a deploy step of the database is given: the master's login. */
  ofDeployStep(name: string, endpoint: DatabaseEndpoint, master: string): Binding {
    return this.document({
      caches: {},
      databases: { [name]: this.databaseEntry(name, endpoint, master, endpoint.masterPassword) },
    });
  }

  private document(entries: Pick<Binding, 'caches' | 'databases'>): Binding {
    return { version: BINDING_VERSION, ...entries, metricsNamespace: this.plan.environment };
  }

  private started<T>(endpoints: ReadonlyMap<string, T>, name: string, id: string): T {
    const endpoint = endpoints.get(id);
    if (endpoint === undefined) {
      throw new Problem(`the fleet uses \`${name}\` (${id}), which is of a kind that does not run here`);
    }
    return endpoint;
  }

  private cacheEntry(template: any, endpoint: CacheEndpoint, secretId: string | undefined): CacheBinding {
    const { readerHost: _, ...kept } = template;
    const login = endpoint.logins.find(({ name, secret: id }) =>
      template.auth.type === 'secret' ? id !== undefined && id === secretId : name === template.auth.user,
    );
    return {
      ...kept,
      host: LOOPBACK,
      port: endpoint.port,
      ...(template.tls ? { ca: this.certificates.ca } : {}),
      auth: login === undefined ? { type: 'none' } : { type: 'password', user: login.name, password: login.password },
    };
  }

  private databaseEntry(name: string, endpoint: DatabaseEndpoint, user: string, password: string): DatabaseBinding {
    return {
      ...this.plan.fleet.binding.databases[name],
      host: LOOPBACK,
      port: endpoint.port,
      user,
      ca: this.certificates.ca,
      auth: { type: 'password', password },
    };
  }
}
