import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CachePlan, ServerlessPlan } from './cache-plans';
import { Endpoint } from './caches/endpoint';
import { type Certificates, makeCertificates } from './certificates';
import type { RunningDatabase } from './database-options';
import type { Engines } from './engines';
import { LocalBinding } from './local-binding';
import { type ManagedProcess, ProcessFailed } from './managed-process';
import { startMariadb } from './mariadb';
import type { DatabasePlan, Plan } from './plan';
import { same } from './plan-update';
import { startPostgres } from './postgres';
import {
  type CacheSurroundings,
  type RunningCache,
  startGroup,
  startMemcached,
  startServerless,
} from './running-cache';
import { newSecret } from './secret';
import { Snapshots } from './snapshots';
import type { EnvironmentDirectory } from './state-directory';
import { counted } from './wording';

export interface EngineRoomOptions {
  readonly engines: Engines;
  readonly directory: EnvironmentDirectory;
  /** Begins a step; what is returned ends it, with what it did. */
  readonly step: () => (what: string) => void;
  readonly report: (line: string) => void;
  /** Told each process that was started. */
  readonly started: (process: ManagedProcess) => void;
  /** Told that an engine is gone and does not come back. */
  readonly failed: (error: Error) => void;
}

/** A database of the templates that runs, and where clients reach it. */
export interface BoundDatabase extends RunningDatabase {
  readonly plan: DatabasePlan;
  readonly endpoint: Endpoint;
  readonly startedAt: Date;
}

/** The caches and databases of an environment. */
export class EngineRoom {
  readonly caches = new Map<string, RunningCache>();
  readonly databases = new Map<string, BoundDatabase>();
  readonly snapshots: Snapshots;
  private readonly passwords = new Map<string, { readonly master: string; readonly application: string }>();

  static async open(options: EngineRoomOptions): Promise<EngineRoom> {
    return new EngineRoom(options, await makeCertificates(options.directory.folder('certificates')));
  }

  private constructor(
    private readonly options: EngineRoomOptions,
    private readonly certificates: Certificates,
  ) {
    this.snapshots = new Snapshots(options.directory.folder('snapshots'), async ({ id }) => {
      const found = [...this.caches.values()].find((running) => running.kind === 'group' && running.plan.name === id);
      return found?.kind === 'group' ? found.cache.save() : new Map();
    });
  }

  /** Starts what the plan has and what does not run yet, one after the other: each line of progress is a step. */
  async start(plan: Plan): Promise<void> {
    const surroundings = this.surroundings();
    const starts: Array<[CachePlan | ServerlessPlan, () => Promise<RunningCache>]> = [
      ...plan.replicationGroups.map((one): [CachePlan, () => Promise<RunningCache>] => [
        one,
        () => startGroup(one, surroundings),
      ]),
      ...plan.serverlessCaches.map((one): [ServerlessPlan, () => Promise<RunningCache>] => [
        one,
        () => startServerless(one, surroundings),
      ]),
      ...plan.memcachedClusters.map((one): [CachePlan, () => Promise<RunningCache>] => [
        one,
        () => startMemcached(one, surroundings),
      ]),
    ];
    for (const [{ id, label }, start] of starts) {
      if (!this.caches.has(id)) {
        const done = this.options.step();
        const running = await start();
        this.caches.set(id, running);
        done(running.summary);
        this.reportParameters(label, running.leftParameters);
        this.watchContents(running);
      }
    }
    for (const database of plan.databases) {
      if (!this.databases.has(database.id)) {
        await this.startDatabase(database);
      }
    }
  }

  /** Brings the caches that run in line with a plan: numbers of nodes, users, parameters. */
  async apply(plan: Plan, report: (line: string) => void): Promise<void> {
    for (const group of plan.replicationGroups) {
      const running = this.caches.get(group.id);
      if (running?.kind !== 'group' || same(running.plan, group)) {
        continue;
      }
      const before = running.plan;
      if (before.nodes !== group.nodes) {
        await running.cache.setReplicas(group.nodes - 1);
        report(`✓ ${group.label}: ${counted(group.nodes - 1, 'replica')}`);
      }
      if (!same([before.users, before.parameterGroup], [group.users, group.parameterGroup])) {
        const users = group.users.map(({ name, access }) => ({
          name,
          access,
          password: running.endpoint.logins.find((login) => login.name === name)?.password ?? newSecret(),
        }));
        const logins = users.map(({ name, password }, index) => ({ ...group.users[index], name, password }));
        const left = await running.cache.apply({ users, parameters: group.parameterGroup.parameters });
        this.reportParameters(group.label, left);
        report(`✓ ${group.label}: users and parameters`);
        this.caches.set(group.id, { ...running, plan: group, endpoint: { ...running.endpoint, logins } });
      } else {
        this.caches.set(group.id, { ...running, plan: group });
      }
    }
    for (const cluster of plan.memcachedClusters) {
      const running = this.caches.get(cluster.id);
      if (running?.kind === 'memcached' && !same(running.plan, cluster)) {
        if (running.plan.nodes !== cluster.nodes) {
          await running.cache.setNodes(cluster.nodes);
          report(`✓ ${cluster.label}: ${counted(cluster.nodes, 'node')}`);
        }
        this.caches.set(cluster.id, { ...running, plan: cluster });
      }
    }
  }

  /** The template's binding with the hosts, logins and certificates of what runs. */
  binding(plan: Plan): LocalBinding {
    const binding = new LocalBinding(plan, this.certificates);
    for (const [id, { endpoint }] of this.caches) {
      binding.addCache(id, endpoint);
    }
    for (const [id, { endpoint }] of this.databases) {
      const { master, application } = this.passwords.get(id) as { master: string; application: string };
      binding.addDatabase(id, { port: endpoint.port, masterPassword: master, applicationPassword: application });
    }
    return binding;
  }

  /** Ends a cache or a database. */
  async end(id: string): Promise<void> {
    const [cache, database] = [this.caches.get(id), this.databases.get(id)];
    this.caches.delete(id);
    this.databases.delete(id);
    await cache?.cache.close();
    database?.endpoint.close();
    await database?.process.stop();
  }

  async close(): Promise<void> {
    await Promise.all([...this.caches.keys(), ...this.databases.keys()].map((id) => this.end(id)));
  }

  private surroundings(): CacheSurroundings {
    const { engines, directory, started, failed } = this.options;
    return {
      engines,
      certificates: this.certificates,
      folder: (id) => directory.folder('caches', id),
      snapshot: (name) => this.snapshots.filesOf(name),
      started,
      failed,
    };
  }

  private reportParameters(label: string, names: readonly string[]): void {
    if (names.length > 0) {
      this.options.report(`! parameters of ${label} that are not applied here: ${names.join(', ')}`);
    }
  }

  private watchContents(running: RunningCache): void {
    const { cache, plan } = running;
    const { unknownRules = [] } = cache as { unknownRules?: readonly string[] };
    if (unknownRules.length > 0) {
      this.options.report(
        `! access rules of ${plan.label} that this engine does not know, so that nobody has them: ${unknownRules.join(' ')}`,
      );
    }
    cache.onChange((change) => {
      if (change.type === 'failover') {
        this.options.report(`! ${plan.label}: ${change.to} took the place of ${change.from}`);
      }
      if (change.type === 'recovered') {
        const how = change.isEmpty ? ', empty: there was nothing to copy from' : '';
        this.options.report(`! ${plan.label}: ${change.node} is back${how}`);
      }
    });
  }

  private async startDatabase(plan: DatabasePlan): Promise<void> {
    const { engines, directory } = this.options;
    const done = this.options.step();
    const master = await keptSecret(join(directory.path, `${plan.id}.password`));
    this.passwords.set(plan.id, { master, application: newSecret() });
    const shared = {
      name: plan.label,
      directory: directory.folder('databases', plan.id),
      masterUser: plan.masterUser,
      masterPassword: master,
      databaseName: plan.databaseName,
      certificates: this.certificates,
      parameters: plan.parameters,
      started: this.options.started,
    };
    const startedAt = new Date();
    let running: RunningDatabase;
    if (plan.engine === 'postgres') {
      const binaries = await engines.postgres();
      running = await startPostgres({ ...shared, binaries });
      done(binaries.product);
    } else {
      const binary = await engines.server('mariadb');
      running = await startMariadb({ ...shared, binary, readableCopy: join(engines.directory, 'mariadb-readable') });
      done(`${binary.product}${plan.product === 'mysql' ? ', standing in for MySQL' : ''}`);
    }
    this.databases.set(plan.id, { ...running, plan, startedAt, endpoint: await Endpoint.to(running.port) });
    this.reportParameters(plan.label, running.leftParameters);
    void running.process.ended.then((how) => {
      if (!running.process.isStopping) {
        this.options.failed(new ProcessFailed(running.process, how));
      }
    });
  }
}

/** A secret that is the same at the next start, because the database keeps it. */
async function keptSecret(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    const made = newSecret();
    await writeFile(file, made, { mode: 0o600 });
    return made;
  }
}
