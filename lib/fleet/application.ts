import { cpSync, existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import { packageFile } from '../package-file';

/**
 * Most bytes that an application may be: the deploy step is a function out of the same directory (Lambda quotas,
 * deployment package: 250 MB unzipped).
 */
const MOST_BYTES = 250 * 1024 * 1024;

/** What an application directory is expected to hold. */
export interface ApplicationOptions {
  /**
   * File that is started with Node.js, relative to the directory.
   *
   * @default 'server.js'
   */
  readonly entry?: string;

  /**
   * File whose `handler` runs the migrations and makes the database role in a deploy step, relative to the directory.
   * Needed where the fleet uses a database.
   *
   * @default 'deploy.js'
   */
  readonly deployStep?: string;

  /**
   * Environment variables of the application. Nothing secret belongs here: they are readable in the template.
   *
   * @default - none
   */
  readonly environment?: { [name: string]: string };
}

/**
 * What a fleet runs: a directory with a bundled Node.js application.
 *
 * The application is started with the port to listen on in `PORT`, and with `CACHE_BINDINGS_FILE`. It answers 200 at the
 * health check's path as long as it lives, whatever the state of its caches, and ends on SIGTERM after the requests in
 * flight.
 */
export class Application {
  /**
   * An application out of a directory, which becomes one asset.
   *
   * @param directory path of the directory, relative to the working directory
   */
  static fromDirectory(directory: string, options: ApplicationOptions = {}): Application {
    return new Application(resolve(directory), options);
  }

  /** File that is started. */
  readonly entry: string;
  /** File that holds the deploy step's handler. */
  readonly deployStep: string;
  /** Environment variables of the application. */
  readonly environment: { [name: string]: string };

  private constructor(
    private readonly directory: string,
    options: ApplicationOptions,
  ) {
    this.entry = options.entry ?? 'server.js';
    this.deployStep = options.deployStep ?? 'deploy.js';
    this.environment = options.environment ?? {};
    if (!existsSync(directory) || !statSync(directory).isDirectory()) {
      throw new Error(`the application directory ${directory} does not exist: build the application before synth`);
    }
    if (readdirSync(directory).length === 0) {
      throw new Error(`the application directory ${directory} is empty: build the application before synth`);
    }
    this.requireFile(this.entry, '`entry`');
    const bytes = sizeOf(directory);
    if (bytes > MOST_BYTES) {
      throw new Error(
        `the application directory ${directory} is ${Math.ceil(bytes / 1024 / 1024)} MiB, more than the 250 MiB that a function takes: bundle the application, or leave out what it does not run`,
      );
    }
  }

  /**
   * Refuses an application without the file of its deploy step.
   *
   * @internal
   */
  _requireDeployStep(): void {
    this.requireFile(this.deployStep, '`deployStep`, which a fleet with a database needs,');
  }

  /**
   * The application's asset: the directory, RDS's certificates and the script that starts it.
   *
   * @internal
   */
  _asset(scope: Construct): Asset {
    return new Asset(scope, 'Application', {
      path: this.directory,
      assetHashType: AssetHashType.OUTPUT,
      bundling: {
        // Only the local bundling below ever runs.
        image: DockerImage.fromRegistry('none'),
        local: {
          tryBundle: (output: string) => {
            cpSync(this.directory, output, { recursive: true });
            // Node.js has no root certificate of RDS.
            cpSync(packageFile('dist', 'rds.pem'), join(output, 'rds.pem'));
            cpSync(packageFile('lib', 'fleet', 'start.sh'), join(output, 'start.sh'));
            cpSync(packageFile('lib', 'fleet', 'drain.sh'), join(output, 'drain.sh'));
            return true;
          },
        },
      },
    });
  }

  private requireFile(file: string, what: string): void {
    if (!existsSync(join(this.directory, file))) {
      throw new Error(`the application directory ${this.directory} has no ${file}: ${what} must name a file in it`);
    }
  }
}

function sizeOf(directory: string): number {
  return readdirSync(directory, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(directory, entry.name);
    return sum + (entry.isDirectory() ? sizeOf(path) : statSync(path).size);
  }, 0);
}
