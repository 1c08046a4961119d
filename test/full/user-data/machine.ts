import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { testFolder } from '../../engines/folders';
import { pythonTools } from '../../engines/python';
import { eventually } from '../../engines/running';
import { debianFolder } from './debian';

/** What of Debian's first steps would change the machine outside, or needs what is not there. */
const MASKED = [
  'systemd-sysctl.service',
  'systemd-modules-load.service',
  'systemd-remount-fs.service',
  'sys-kernel-debug.mount',
  'sys-kernel-tracing.mount',
  'dev-hugepages.mount',
  'sys-fs-fuse-connections.mount',
];

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Where cloud-init keeps the user data that it runs. */
const BOOT_SCRIPT = '/var/lib/cloud/instance/scripts/part-001';

/** Stands for a program: notes how it was called, and fails where the test says so. */
const STUB = `#!/bin/sh
name=$(basename "$0")
echo "$name $*" >>/var/log/stubs
[ ! -e "/var/lib/fails/$name" ]
`;

/** The real AWS CLI, with the test's endpoint. Its credentials are the instance's. */
const AWS = `#!/bin/sh
export AWS_ENDPOINT_URL=http://127.0.0.1:5000 PYTHONPATH=/opt/aws-cli PYTHONDONTWRITEBYTECODE=1
exec python3 -m awscli "$@"
`;

export interface MachineOptions {
  /** Path of the socket that the instance's metadata service listens on. */
  readonly metadata: string;
  /** Path of the socket that stands for AWS's endpoints. */
  readonly aws: string;
  /** Programs that only note how they were called, as paths in the machine. */
  readonly stubs: readonly string[];
}

export interface Result {
  readonly status: number;
  readonly output: string;
}

/** @throws Error that says who may run this */
export function requireRoot(): void {
  if (process.getuid?.() !== 0) {
    throw new Error('needs root, because it boots a machine with a real systemd in namespaces');
  }
}

/**
 * A machine in namespaces of its own: a Debian whose first process is its real systemd, with a network of nothing but
 * itself. Needs root, and a kernel with overlayfs and control groups of version 2.
 */
export class Machine {
  static async boot(options: MachineOptions): Promise<Machine> {
    requireRoot();
    const debian = await debianFolder();
    const { sitePackages } = await pythonTools();
    const folder = testFolder();
    for (const name of ['upper', 'work', 'root', 'cgroup']) {
      mkdirSync(join(folder, name));
    }
    const log = openSync(join(folder, 'systemd.log'), 'w');
    const namespaces = ['--mount', '--pid', '--net', '--uts', '--ipc', '--fork', '--kill-child=KILL'];
    const init = ['bash', join(__dirname, 'init.sh'), folder, debian, process.execPath, sitePackages];
    const unshare = spawn('unshare', [...namespaces, ...init], { stdio: ['ignore', log, log] });
    closeSync(log);
    const machine = new Machine(folder, unshare, options);
    try {
      machine.prepare(options.stubs);
      await machine.becomeReady();
      await machine.forward();
    } catch (error) {
      const told = machine.systemdLog;
      await machine.close();
      throw new Error(`the machine did not boot: ${(error as Error).message}\n${told}`, { cause: error });
    }
    return machine;
  }

  private forwarder: ChildProcess | undefined;

  private constructor(
    private readonly folder: string,
    private readonly unshare: ChildProcess,
    private readonly options: MachineOptions,
  ) {}

  /** What has changed since the machine was new. */
  get changes(): string {
    return join(this.folder, 'upper');
  }

  /** A file of the machine, as a path outside. */
  path(file: string): string {
    return join('/proc', this.pid, 'root', file);
  }

  read(file: string): string {
    return existsSync(this.path(file)) ? readFileSync(this.path(file), 'utf8') : '';
  }

  /** Runs a script as cloud-init does: as root, with nothing in the environment, its output in cloud-init's log. */
  async firstBoot(script: string): Promise<Result> {
    mkdirSync(this.path(dirname(BOOT_SCRIPT)), { recursive: true });
    writeFileSync(this.path(BOOT_SCRIPT), script, { mode: 0o700 });
    const result = await this.run(
      'bash',
      '-c',
      `${BOOT_SCRIPT} 2>&1 | tee --append /var/log/cloud-init-output.log; exit \${PIPESTATUS[0]}`,
    );
    rmSync(this.path(BOOT_SCRIPT));
    return result;
  }

  /** Runs a command in the machine, whatever its status. */
  async run(...command: string[]): Promise<Result> {
    const enter = ['--target', this.pid, '--mount', '--pid', '--net', '--uts', '--ipc', '--cgroup'];
    return new Promise((resolve) => {
      execFile(
        'nsenter',
        [...enter, 'env', '-i', `PATH=${PATH}`, ...command],
        { cwd: '/', maxBuffer: 64 * 1024 * 1024 },
        (error, stdout, stderr) =>
          resolve({ status: error === null ? 0 : Number(error.code ?? -1), output: `${stdout}${stderr}`.trim() }),
      );
    });
  }

  /** A property of a unit. */
  async unit(name: string, property: string): Promise<string> {
    return (await this.run('systemctl', 'show', '--property', property, '--value', name)).output;
  }

  /** Asks the application. */
  ask(path: string): Promise<{ status: number; body: string }> {
    return new Promise((resolve, reject) => {
      const asked = request({ socketPath: this.applicationSocket, path, agent: false }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk) => {
          body += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode as number, body }));
        response.on('error', reject);
      });
      asked.on('error', reject).end();
    });
  }

  /** Ends everything in it, and takes its folder away. */
  async close(): Promise<void> {
    this.forwarder?.kill('SIGKILL');
    if (this.unshare.exitCode === null && this.unshare.signalCode === null) {
      const ended = new Promise((resolve) => this.unshare.on('exit', resolve));
      this.unshare.kill('SIGKILL');
      await ended;
    }
    // Its processes may end a moment after the first of them.
    await eventually(() => removeControlGroup(join(this.folder, 'cgroup'), basename(this.folder)));
    rmSync(this.folder, { recursive: true, force: true });
  }

  private get pid(): string {
    return readFileSync(join(this.folder, 'pid'), 'utf8').trim();
  }

  private get applicationSocket(): string {
    return join(this.folder, 'application');
  }

  private get systemdLog(): string {
    return readFileSync(join(this.folder, 'systemd.log'), 'utf8').slice(-4_000);
  }

  private prepare(stubs: readonly string[]): void {
    const write = (file: string, content: string) => {
      mkdirSync(join(this.changes, dirname(file)), { recursive: true });
      writeFileSync(join(this.changes, file), content);
      chmodSync(join(this.changes, file), 0o755);
    };
    for (const stub of stubs) {
      write(stub, STUB);
    }
    write('/usr/bin/aws', AWS);
    for (const unit of MASKED) {
      write(`/etc/systemd/system/${unit}`, '');
    }
  }

  private async becomeReady(): Promise<void> {
    await eventually(async () => {
      if (this.unshare.exitCode !== null) {
        return;
      }
      const { output } = await this.run('systemctl', 'is-active', 'basic.target');
      if (output !== 'active') {
        throw new Error(output);
      }
    }, 20_000);
    if (this.unshare.exitCode !== null) {
      throw new Error(`unshare ended with status ${this.unshare.exitCode}`);
    }
  }

  private async forward(): Promise<void> {
    const ways = [
      `169.254.169.254:80=${this.options.metadata}`,
      `127.0.0.1:5000=${this.options.aws}`,
      `${this.applicationSocket}=127.0.0.1:8080`,
    ];
    const forwarder = spawn(
      'nsenter',
      ['--target', this.pid, '--net', process.execPath, join(__dirname, 'forward.mjs'), ...ways],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    this.forwarder = forwarder;
    let output = '';
    await new Promise<void>((resolve, reject) => {
      forwarder.stdout.on('data', (chunk) => {
        output += chunk;
        if (ways.every((way) => output.includes(way))) {
          resolve();
        }
      });
      forwarder.on('exit', (status) => reject(new Error(`forward.mjs ended with status ${status}`)));
    });
  }
}

/** Control groups outlive their processes. The hierarchy may be mounted nowhere, so it is mounted for the purpose. */
async function removeControlGroup(mountPoint: string, name: string): Promise<void> {
  const remove = `mount -t cgroup2 none "$1" && { [ ! -e "$1/$2" ] || find "$1/$2" -depth -type d -exec rmdir {} +; }`;
  await promisify(execFile)('unshare', ['--mount', 'sh', '-c', remove, 'sh', mountPoint, name]);
}
