import { Problem } from '../assembly/problem';
import { BINDING_VERSION, type Binding, type CacheBinding, type DatabaseBinding } from '../runtime/binding';
import type { Certificates } from './certificates';
import type { FleetPlan } from './fleet-plan';
import type { Plan } from './plan';
import { LOOPBACK } from './port';

/** Who may sign in to a cache. */
export interface CacheLogin {
  readonly name: string;
  readonly password: string;
  /** The template's secret that the password would be in. */
  readonly secret?: string;
}

/** Where a cache listens, and who may sign in. */
export interface CacheEndpoint {
  readonly port: number;
  /** Host of the reader endpoint, on the same port. */
  readonly readerHost?: string;
  readonly logins: readonly CacheLogin[];
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

  /** Every cache and database that runs, for an application that is started by hand. */
  ofEverything(): Binding {
    const caches = [...this.plan.replicationGroups, ...this.plan.serverlessCaches, ...this.plan.memcachedClusters];
    return this.document({
      caches: Object.fromEntries(
        caches.flatMap((cache) => {
          const endpoint = this.caches.get(cache.id);
          const isMemcached = !('engine' in cache) || cache.engine === 'memcached';
          const isServerless = 'majorVersion' in cache;
          const isCluster = isServerless || ('shards' in cache && cache.shards !== undefined);
          const template = {
            engine: isMemcached ? 'memcached' : (cache as { engine: string }).engine,
            mode: isMemcached ? (isServerless ? 'node' : 'discovery') : isCluster ? 'cluster' : 'primary',
            tls: 'tls' in cache ? cache.tls : true,
            auth: { type: 'iam', user: endpoint?.logins[0]?.name },
          };
          return endpoint === undefined ? [] : [[nameIn(cache.label), this.cacheEntry(template, endpoint, undefined)]];
        }),
      ),
      databases: Object.fromEntries(
        this.plan.databases.flatMap(({ id, label, engine, databaseName, masterUser }) => {
          const endpoint = this.databases.get(id);
          const template = { engine, name: databaseName, tls: true };
          return endpoint === undefined
            ? []
            : [[nameIn(label), this.databaseEntry(template, endpoint, masterUser, endpoint.masterPassword)]];
        }),
      ),
    });
  }

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
    const id = this.plan.fleet?.databases[name];
    return id === undefined ? undefined : this.databases.get(id);
  }

  /** What the fleet is given. @throws Problem when it uses what does not run here */
  ofFleet(fleet: FleetPlan): Binding {
    const caches = Object.entries(fleet.caches).map(([name, { id, secret }]) => [
      name,
      this.cacheEntry(fleet.binding.caches[name], this.started(this.caches, name, id), secret),
    ]);
    const databases = Object.entries(fleet.databases).map(([name, id]) => {
      const endpoint = this.started(this.databases, name, id);
      return [
        name,
        this.databaseEntry(
          fleet.binding.databases[name],
          endpoint,
          fleet.binding.databases[name].user,
          endpoint.applicationPassword,
        ),
      ];
    });
    return this.document({ caches: Object.fromEntries(caches), databases: Object.fromEntries(databases) });
  }

  /** What a deploy step of the database is given: the master's login. */
  ofDeployStep(fleet: FleetPlan, name: string, endpoint: DatabaseEndpoint, master: string): Binding {
    const template = fleet.binding.databases[name];
    return this.document({
      caches: {},
      databases: { [name]: this.databaseEntry(template, endpoint, master, endpoint.masterPassword) },
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
      ...(endpoint.readerHost === undefined ? {} : { readerHost: endpoint.readerHost }),
      ...(template.tls ? { ca: this.certificates.ca } : {}),
      auth: login === undefined ? { type: 'none' } : { type: 'password', user: login.name, password: login.password },
    };
  }

  private databaseEntry(template: any, endpoint: DatabaseEndpoint, user: string, password: string): DatabaseBinding {
    return {
      ...template,
      host: LOOPBACK,
      port: endpoint.port,
      user,
      ca: this.certificates.ca,
      auth: { type: 'password', password },
    };
  }
}

/** Of `dev/data/Sessions0A1B2C3D`, `Sessions`: what the template calls it, without what CloudFormation adds. */
function nameIn(label: string): string {
  const last = label.split('/').at(-1) as string;
  return last.replace(/[0-9A-F]{8}$/, '') || last;
}
