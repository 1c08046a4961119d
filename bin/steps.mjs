// Steps that bring a clone up to date. Uses Node.js alone, because it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const project = dirname(dirname(fileURLToPath(import.meta.url)));
const stamps = join(project, 'node_modules', '.cache', 'cdk-elasticache');
const bin = (name) => join(project, 'node_modules', '.bin', name);

const steps = {
  install: {
    inputs: ['package.json', 'package-lock.json', '.npmrc'],
    outputs: ['node_modules/.package-lock.json'],
    command: ['npm', 'ci', '--no-audit', '--no-fund', '--loglevel', 'error'],
  },
  build: {
    after: ['install'],
    inputs: [
      'package-lock.json',
      'assembly',
      'bin',
      'runtime',
      'service',
      'rotation',
      'local',
      'drill',
      'tsconfig.json',
    ],
    outputs: ['dist/service/server.js', 'dist/bin/cdk-elasticache.js', 'dist/rds.pem'],
    command: ['node', 'bin/build.mjs'],
  },
  synth: {
    after: ['build'],
    inputs: [
      'package-lock.json',
      'assembly',
      'bin',
      'lib',
      'runtime/binding.ts',
      'cdk.json',
      'dist/service',
      'dist/rds.pem',
    ],
    outputs: ['cdk.out/manifest.json'],
    command: [bin('cdk'), 'synth', '--quiet', '--no-notices'],
    environment: { CDK_DISABLE_CLI_TELEMETRY: 'true' },
  },
};

/** Runs a step and those before it, each only if what it depends on has changed since it last succeeded. */
export function bring(name) {
  const step = steps[name];
  for (const earlier of step.after ?? []) {
    bring(earlier);
  }
  const stamp = join(stamps, name);
  const state = fingerprint(step.inputs);
  const current =
    step.outputs.every((output) => existsSync(join(project, output))) &&
    existsSync(stamp) &&
    readFileSync(stamp, 'utf8') === state;
  if (current) {
    console.log(`✓ ${name} (unchanged)`);
    return;
  }
  const startedAt = Date.now();
  console.log(`… ${name}`);
  const [command, ...args] = step.command;
  const { status, error } = spawnSync(command, args, {
    cwd: project,
    stdio: 'inherit',
    env: { ...process.env, ...step.environment },
  });
  if (status !== 0) {
    console.error(
      `${name} failed: \`${step.command.map((part) => part.replace(`${project}/`, '')).join(' ')}\` ${error?.message ?? ''}`,
    );
    process.exit(1);
  }
  mkdirSync(stamps, { recursive: true });
  writeFileSync(stamp, state);
  console.log(`✓ ${name} (${((Date.now() - startedAt) / 1000).toFixed(1)} s)`);
}

/** One hash over the content of files and folders. */
function fingerprint(paths) {
  const hash = createHash('sha256').update(process.version);
  for (const path of paths) {
    addTo(hash, path);
  }
  return hash.digest('hex');
}

function addTo(hash, path) {
  const full = join(project, path);
  if (!existsSync(full)) {
    return;
  }
  if (statSync(full).isDirectory()) {
    for (const entry of readdirSync(full).sort()) {
      addTo(hash, `${path}/${entry}`);
    }
  } else {
    hash.update(path).update(readFileSync(full));
  }
}
