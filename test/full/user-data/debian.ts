import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { engineFolder } from '../../engines/folders';

const run = promisify(execFile);

/** Its systemd is of version 252, as Amazon Linux 2023's is. */
const SUITE = 'bookworm';

/** What Amazon Linux 2023 has, or the first boot installs. The AWS CLI needs Python, and the machine its network. */
const PACKAGES = ['systemd', 'curl', 'unzip', 'logrotate', 'python3', 'iproute2'];

/**
 * The folder of a small Debian, made on the first call, which takes about a minute and a half, and found again later.
 *
 * Needs root, and a Debian whose mirror has `bookworm`.
 */
export async function debianFolder(): Promise<string> {
  const fingerprint = createHash('sha256')
    .update([SUITE, ...PACKAGES].join())
    .digest('hex')
    .slice(0, 12);
  const folder = join(engineFolder(), `machine-${fingerprint}`);
  if (!existsSync(folder)) {
    console.log('making a Debian with debootstrap (once, about a minute and a half) ...');
    await mkdir(engineFolder(), { recursive: true });
    const partial = `${folder}.partial`;
    await rm(partial, { recursive: true, force: true });
    await requireDebootstrap();
    const packages = `--include=${PACKAGES.join()}`;
    await run('debootstrap', ['--variant=minbase', packages, SUITE, partial, await mirror()], {
      maxBuffer: 64 * 1024 * 1024,
    });
    await rename(partial, folder);
  }
  return folder;
}

async function requireDebootstrap(): Promise<void> {
  try {
    await run('debootstrap', ['--version']);
  } catch {
    await run('apt-get', ['update', '--quiet=2']);
    await run('apt-get', ['install', '--yes', '--quiet=2', 'debootstrap']);
  }
}

/** The mirror that this machine's own packages come from. */
async function mirror(): Promise<string> {
  const { stdout } = await run('apt-get', ['indextargets', '--format', '$(BASE_URI)']);
  const [found] = stdout
    .split('\n')
    .filter((uri) => uri.includes('/dists/') && !uri.includes('security'))
    .map((uri) => uri.slice(0, uri.indexOf('/dists/')));
  if (found === undefined) {
    throw new Error('`apt-get indextargets` names no mirror: the test of the first boot needs a Debian');
  }
  return found;
}
