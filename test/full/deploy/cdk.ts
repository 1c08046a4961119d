import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';
import { PROJECT } from '../../engines/folders';
import type { MotoServer } from '../../engines/moto';

const run = promisify(execFile);

const CLI = join(PROJECT, 'node_modules', '.bin', 'cdk');

/** The CDK CLI that this project pins, which talks to one moto server and to nobody else. */
export class Cdk {
  /**
   * @param server where it deploys to
   * @param folder the CLI's own, where it synthesizes to
   */
  constructor(
    private readonly server: MotoServer,
    private readonly folder: string,
  ) {}

  /** The cloud assembly. */
  get assembly(): string {
    return join(this.folder, 'cdk.out');
  }

  /** Synthesizes the project's own app, once, with settings above those of `cdk.json`. */
  async synth(settings: Readonly<Record<string, string>>): Promise<void> {
    const context = Object.entries(settings).flatMap(([key, value]) => ['--context', `${key}=${value}`]);
    await this.run(PROJECT, ['synth', '--quiet', '--output', this.assembly, ...context]);
  }

  /** Runs a command on what was synthesized. @returns what it prints */
  command(...args: string[]): Promise<string> {
    // Not in the project, whose `cdk.json` would be read and built again.
    return this.run(this.folder, [...args, '--app', this.assembly]);
  }

  private async run(cwd: string, args: string[]): Promise<string> {
    try {
      const { stdout, stderr } = await run(CLI, [...args, '--no-notices'], {
        cwd,
        env: {
          PATH: process.env.PATH,
          HOME: this.folder,
          NO_COLOR: '1',
          CDK_DISABLE_CLI_TELEMETRY: 'true',
          ...this.server.environment,
        },
        maxBuffer: 64 * 1024 * 1024,
      });
      return stripVTControlCharacters(stdout + stderr);
    } catch (error) {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
      throw new Error(`cdk ${args.join(' ')} failed:\n${stdout}${stderr}\nthe end of moto's log:\n${this.server.log}`, {
        cause: error,
      });
    }
  }
}
