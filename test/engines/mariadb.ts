import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeCertificates } from '../../local/certificates';
import { Engines } from '../../local/engines';
import type { ManagedProcess } from '../../local/managed-process';
import { startMariadb } from '../../local/mariadb';
import { LOOPBACK } from '../../local/port';
import type { DatabaseBinding } from '../../runtime/binding';
import { engineFolder, testFolder } from './folders';

export const MASTER = { user: 'master', password: 'master-password' };

/** A real MariaDB with TLS and the database `app`, ended by its id. It speaks MySQL's protocol, grants and locks. */
export class RunningMariadb {
  static async start(): Promise<RunningMariadb> {
    const engines = new Engines({ directory: engineFolder(), install: false, report: console.log });
    const folder = testFolder();
    mkdirSync(join(folder, 'certificates'));
    const certificates = await makeCertificates(join(folder, 'certificates'));
    const { port, process } = await startMariadb({
      name: 'test',
      binary: await engines.server('mariadb'),
      readableCopy: join(engineFolder(), 'mariadb-readable'),
      directory: folder,
      masterUser: MASTER.user,
      masterPassword: MASTER.password,
      databaseName: 'app',
      certificates,
      started: () => {},
    });
    return new RunningMariadb(folder, process, {
      engine: 'mysql',
      host: LOOPBACK,
      port,
      name: 'app',
      user: MASTER.user,
      tls: true,
      ca: certificates.ca,
      auth: { type: 'password', password: MASTER.password },
    });
  }

  private constructor(
    private readonly folder: string,
    readonly process: ManagedProcess,
    /** Signs in as the master, who may do everything, as RDS's may almost. */
    readonly binding: DatabaseBinding,
  ) {}

  async stop(): Promise<void> {
    this.process.signal('SIGCONT');
    await this.process.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
