import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ManagedProcess, waitUntilReady } from '../../local/managed-process';
import { freePort, LOOPBACK } from '../../local/port';
import { testFolder } from './folders';
import { pythonTools } from './python';

/** How long the server may take to import AWS's services, in milliseconds. */
const START_TIMEOUT_MS = 60_000;

/** What a client of the server needs in its environment. The server takes any credentials. */
const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'testing', AWS_SECRET_ACCESS_KEY: 'testing', AWS_REGION: 'us-east-1' };

/**
 * moto's server: AWS's services as far as moto has them, in memory, empty at the start. Several can run side by side.
 *
 * Its pages of services are at `/moto-api`. What it needs: see `pythonTools`.
 */
export class MotoServer {
  /** @param environment settings of moto's, such as `MOTO_EC2_LOAD_DEFAULT_AMIS` */
  static async start(environment: Readonly<Record<string, string>> = {}): Promise<MotoServer> {
    const { motoServer } = await pythonTools();
    const folder = testFolder();
    const port = await freePort();
    const process = new ManagedProcess({
      name: 'moto',
      command: motoServer,
      args: ['--host', LOOPBACK, '--port', String(port)],
      logFile: join(folder, 'moto.log'),
      cwd: folder,
      environment: { PATH: globalThis.process.env.PATH ?? '', HOME: folder, ...environment },
    });
    const server = new MotoServer(port, process, folder);
    try {
      await waitUntilReady(
        process,
        async () => {
          await fetch(`http://${LOOPBACK}:${port}/moto-api/data.json`);
        },
        START_TIMEOUT_MS,
      );
    } catch (error) {
      await server.close();
      throw error;
    }
    return server;
  }

  private constructor(
    readonly port: number,
    private readonly process: ManagedProcess,
    private readonly folder: string,
  ) {}

  /** Where the clients of all services go. */
  get endpoint(): string {
    return `http://localhost:${this.port}`;
  }

  /** Variables with which the AWS CLI, an SDK or the CDK CLI talks to this server and to no other. */
  get environment(): Record<string, string> {
    return {
      ...CREDENTIALS,
      AWS_DEFAULT_REGION: CREDENTIALS.AWS_REGION,
      AWS_ENDPOINT_URL: this.endpoint,
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    };
  }

  /** The end of the server's log, for a test that failed. */
  get log(): string {
    return this.process.logTail();
  }

  /** Ends the server by its process id. */
  async close(): Promise<void> {
    await this.process.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
