import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Construct } from 'constructs';
import * as lib from '../../lib';
import { PROJECT } from '../engines/folders';

const PAGES = join(PROJECT, 'docs', 'constructs');
const pages = readdirSync(PAGES).sort();

/** What the blocks of the pages may use without saying so. Each page's blocks stand in one constructor of a stack. */
const PRELUDE = `
import { App, Duration, PropertyInjectors, RemovalPolicy, Size, Stack } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as sns from 'aws-cdk-lib/aws-sns';
import { ${Object.keys(lib).sort().join(', ')} } from 'cdk-elasticache';

abstract class Page extends Stack {
  protected readonly vpc = new ec2.Vpc(this, 'Vpc', { availabilityZones: ['us-east-1a', 'us-east-1b'] });
  protected readonly clients = new ec2.SecurityGroup(this, 'ClientsOfThePage', { vpc: this.vpc });
  protected readonly role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
  protected readonly topic = new sns.Topic(this, 'Topic');
  protected readonly certificate = acm.Certificate.fromCertificateArn(this, 'Certificate', 'arn:aws:acm:us-east-1:111122223333:certificate/1');
  protected readonly application = Application.fromDirectory('dist/service');
}
`;

function blocksOf(page: string): string[] {
  const text = readFileSync(join(PAGES, page), 'utf8');
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((match) => match[1] as string);
}

test('every block of every page compiles, and synthesizes without an error', () => {
  const folder = join(PROJECT, 'dist', 'docs');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const classes = pages.map(
    (page, index) => `
// ${page}
class Page${index} extends Page {
  constructor(app: App, id: string) {
    super(app, id, { env: { region: 'us-east-1' } });
    const { vpc, clients, role, topic, certificate, application } = this;
    void [vpc, clients, role, topic, certificate, application];
${blocksOf(page).join('\n')}
  }
}`,
  );
  const made = pages.map((page, index) => `new Page${index}(app, '${page.replace('.md', '')}');`);
  const context = JSON.stringify(JSON.parse(readFileSync(join(PROJECT, 'cdk.json'), 'utf8')).context);
  writeFileSync(
    join(folder, 'pages.ts'),
    [
      PRELUDE,
      ...classes,
      `const app = new App({ context: ${context}, outdir: 'dist/docs/out' });`,
      ...made,
      'app.synth();',
      '',
    ].join('\n'),
  );
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: '../../tsconfig.json',
      compilerOptions: { noUnusedLocals: false, paths: { 'cdk-elasticache': ['../../lib/index.ts'] } },
      include: ['pages.ts'],
    }),
  );

  const compiled = spawnSync(join(PROJECT, 'node_modules', '.bin', 'tsc'), ['-p', folder], { encoding: 'utf8' });
  const run = spawnSync(process.execPath, ['--import', 'tsx', join(folder, 'pages.ts')], {
    cwd: PROJECT,
    encoding: 'utf8',
    env: { ...process.env, TSX_TSCONFIG_PATH: join(folder, 'tsconfig.json') },
  });

  expect(pages.flatMap(blocksOf).length).toBeGreaterThan(25);
  expect(compiled.stdout).toBe('');
  expect(run.stderr.match(/^.*ERROR.*$/gm) ?? []).toEqual([]);
  expect([run.status, run.status === 0 ? '' : run.stderr.slice(-2_000)]).toEqual([0, '']);
}, 60_000);

describe('the runtime’s pages', () => {
  const folder = join(PROJECT, 'docs', 'runtime');
  const runtimePages = readdirSync(folder).sort();
  const textOf = (page: string) => readFileSync(join(folder, page), 'utf8');

  test('every block compiles, each as a file of its own', () => {
    const out = join(PROJECT, 'dist', 'docs-runtime');
    rmSync(out, { recursive: true, force: true });
    mkdirSync(out, { recursive: true });
    const blocks = runtimePages.flatMap((page) =>
      [...textOf(page).matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((match, index) => ({
        file: `${page.replace('.md', '')}-${index}.ts`,
        text: match[1] as string,
      })),
    );
    for (const { file, text } of blocks) {
      writeFileSync(join(out, file), text);
    }
    writeFileSync(
      join(out, 'tsconfig.json'),
      JSON.stringify({
        extends: '../../tsconfig.json',
        compilerOptions: {
          noUnusedLocals: false,
          paths: {
            'cdk-elasticache/runtime': ['../../runtime/index.ts'],
            'cdk-elasticache/memcached': ['../../runtime/memcached/index.ts'],
          },
        },
        include: ['.'],
      }),
    );

    const compiled = spawnSync(join(PROJECT, 'node_modules', '.bin', 'tsc'), ['-p', out], { encoding: 'utf8' });

    expect(blocks.length).toBeGreaterThanOrEqual(10);
    expect(compiled.stdout).toBe('');
  });

  test('every link leads to a file, and every failure mode has its section', () => {
    const links = runtimePages.flatMap((page) =>
      [...textOf(page).matchAll(/\]\((?!https?:)([^)#]+)/g)].map((match) => match[1] as string),
    );

    expect(links.filter((link) => !existsSync(join(folder, link)))).toEqual([]);
    for (const file of ['deadline', 'circuit-breaker', 'lease', 'load-limiter', 'stale-if-error', 'quarantine']) {
      expect(textOf('failure-modes.md')).toContain(`](../../runtime/${file}.ts)`);
    }
  });
});

test('every construct has its page', () => {
  // All environments have one page.
  const elsewhere = ['EnvironmentStage', 'NetworkStack', 'DataStack', 'ServiceStack'];
  const constructs = Object.entries(lib).flatMap(([name, value]) =>
    (value as { prototype?: unknown }).prototype instanceof Construct &&
    !name.endsWith('Base') &&
    !elsewhere.includes(name)
      ? [name]
      : [],
  );
  const page = (name: string) => `${name.replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase()}.md`;

  expect(constructs.map(page).sort()).toEqual(pages);
  for (const name of constructs) {
    expect(readFileSync(join(PAGES, page(name)), 'utf8').startsWith(`# ${name}\n`)).toBe(true);
  }
});

describe('the comparison', () => {
  const comparison = readFileSync(join(PROJECT, 'docs', 'comparison.md'), 'utf8');
  const rows = [...comparison.matchAll(/^\| ([^*|][^|]*?) \| (.*?) \|(.*)\|$/gm)]
    .map(([, feature, ours, peers]) => ({ feature: feature as string, ours: ours as string, peers: peers as string }))
    .filter(({ feature }) => feature !== 'Feature' && !/^-+$/.test(feature));

  test('each yes leads to a test that exists', () => {
    const yes = rows.filter(({ ours }) => ours.startsWith('[yes]'));
    const broken = yes.filter(({ ours }) => {
      const [, file, title] = /^\[yes\]\(([^ )]+) "([^"]+)"\)/.exec(ours) ?? [];
      const path = join(PROJECT, 'docs', file ?? '');
      return file === undefined || !existsSync(path) || !readFileSync(path, 'utf8').includes(title as string);
    });

    expect(yes.length).toBeGreaterThan(70);
    expect(broken).toEqual([]);
  });

  test('what is no yes says why', () => {
    const others = rows.filter(({ ours }) => !ours.startsWith('[yes]'));

    expect(others.filter(({ ours }) => !/^(not now|not yet|partly): \S/.test(ours))).toEqual([]);
  });

  test('has every row and every verdict on the peers that were read', () => {
    const peers = readFileSync(join(PROJECT, 'test', 'lib', 'peers.tsv'), 'utf8')
      .trim()
      .split('\n');

    expect(
      rows.map(
        ({ feature, peers: verdicts }) =>
          `${feature}\t${verdicts
            .split('|')
            .map((cell) => cell.trim())
            .join('\t')}`,
      ),
    ).toEqual(peers);
  });
});

test('every link of the pages leads to a file', () => {
  const files = [...pages.map((page) => join(PAGES, page)), join(PROJECT, 'docs', 'comparison.md')];
  const broken = files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/\]\((?!https?:)([^)# ]+)/g)]
      .map((match) => match[1] as string)
      .filter((link) => !existsSync(join(dirname(file), link)))
      .map((link) => `${file} -> ${link}`),
  );

  expect(broken).toEqual([]);
});
