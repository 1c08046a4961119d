import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { localDrillTarget } from '../bin/local-drill-target';
import { DRILLS } from '../drill/catalogue';
import type { DrillResult } from '../drill/report/drill-result';
import { timelineSvg } from '../drill/report/index';
import { runDrill } from '../drill/run-drill';
import { FilmUsers } from '../drill/users/film-users';
import { LocalEnvironment } from '../local/environment';
import { defaultStateDirectory } from '../local/state-directory';

/* `npm run drills`: every drill on dev, and the README's table and picture made anew. */

const PROJECT = join(__dirname, '..');
const WINDOW_MS = 10_000;
const RATE = 25;

/** The verdicts of a drill that the README tells; the others hold in all of them. */
const TOLD =
  /^(reads answered|requests that failed|writes are back|longest|connects|loads|statements|p99 of reads during)/;

function tableOf(results: readonly DrillResult[]): string {
  const rows = results.map(({ drill, verdicts }) => {
    const told = verdicts.filter(({ name }) => TOLD.test(name)).map(({ name, got }) => `${short(name)} ${got}`);
    return `| \`${drill}\` | ${verdicts.every(({ passed }) => passed) ? 'passed' : '**failed**'} | ${told.join('; ')} |`;
  });
  return [
    `On \`dev\`, ${RATE} requests a second, ${WINDOW_MS / 1_000} seconds before, during and after; ${results[0]?.where}. In none was an acknowledged review lost, an own review read old, or a session that the surviving engine kept.`,
    '',
    '| drill | verdict | figures |',
    '|---|---|---|',
    ...rows,
  ].join('\n');
}

function short(name: string): string {
  return name.replace(/dev\/data\/(\w+?)Cache\w{8}$/, '$1');
}

async function main(): Promise<void> {
  const environment = await LocalEnvironment.start({
    assembly: join(PROJECT, 'cdk.out'),
    environment: 'dev',
    stateDirectory: defaultStateDirectory(PROJECT),
    installEngines: false,
    report: () => {},
  });
  const results: DrillResult[] = [];
  try {
    for (const drill of DRILLS) {
      const target = localDrillTarget(environment);
      const result = await runDrill(target, drill, new FilmUsers(target.address), {
        windows: { beforeMs: WINDOW_MS, faultMs: WINDOW_MS, afterMs: WINDOW_MS },
        ratePerSecond: RATE,
      });
      results.push(result);
      for (const { name, wanted, got, passed } of result.verdicts) {
        console.log(`${passed ? '✓' : '✗'} ${drill.name}: ${name} ${wanted}, got ${got}`);
      }
    }
  } finally {
    await environment.close();
  }
  const readme = join(PROJECT, 'README.md');
  const text = readFileSync(readme, 'utf8');
  writeFileSync(
    readme,
    text.replace(
      /(<!-- drills:begin -->\n)[\s\S]*?(<!-- drills:end -->)/,
      (_, begin, end) => `${begin}${tableOf(results)}\n${end}`,
    ),
  );
  const failover = results.find(({ drill }) => drill === 'failover');
  if (failover !== undefined) {
    writeFileSync(join(PROJECT, 'docs', 'images', 'drill-failover.svg'), await timelineSvg(failover));
  }
}

void main();
