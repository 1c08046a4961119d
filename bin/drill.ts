import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Problem } from '../assembly/problem';
import { DRILLS, drillsNamed } from '../drill/catalogue';
import type { DrillTarget } from '../drill/drill-target';
import type { DrillResult } from '../drill/report/drill-result';
import { runDrill } from '../drill/run-drill';
import { FilmUsers } from '../drill/users/film-users';
import { PathUsers } from '../drill/users/path-users';
import type { Users } from '../drill/users/users';
import { Visitor } from '../drill/users/visitor';
import { LocalEnvironment } from '../local/environment';
import { EXIT } from './exit-codes';
import { interruption } from './interruption';
import { localDrillTarget } from './local-drill-target';

export interface DrillArguments {
  readonly environment?: string;
  readonly stateDir: string;
  readonly installEngines: boolean;
  readonly seconds: number;
  readonly rate: number;
  readonly path: readonly string[];
  readonly report?: string;
  readonly json: boolean;
}

/** Starts an environment of its own, breaks it on purpose, and reports what users felt. */
export async function drill(name: string, assembly: string, options: DrillArguments): Promise<void> {
  const { signal } = interruption();
  const tell = (line: string) => (options.json ? console.error(line) : console.log(line));
  let environment: LocalEnvironment | undefined;
  try {
    const drills = drillsNamed(name);
    if (drills === undefined) {
      process.exitCode = EXIT.usage;
      throw new Problem(`no drill \`${name}\`, there are: ${[...DRILLS.map((one) => one.name), 'all'].join(', ')}`);
    }
    environment = await LocalEnvironment.start({
      assembly,
      stateDirectory: options.stateDir,
      installEngines: options.installEngines,
      report: tell,
      signal,
      ...(options.environment === undefined ? {} : { environment: options.environment }),
    });
    const results: DrillResult[] = [];
    for (const one of drills) {
      const target = localDrillTarget(environment);
      const lacks = one.lacks?.(target);
      if (lacks !== undefined) {
        tell(`– ${one.name} is not run: ${lacks}`);
        continue;
      }
      tell(`… ${one.name}: ${one.title.toLowerCase()}`);
      const windowMs = options.seconds * 1_000;
      const running = runDrill(target, one, await usersOf(target, options.path), {
        windows: { beforeMs: windowMs, faultMs: windowMs, afterMs: windowMs },
        ratePerSecond: options.rate,
        signal,
      });
      const result = await Promise.race([running, environment.broken]);
      results.push(result);
      tell(`${result.verdicts.every(({ passed }) => passed) ? '✓' : '✗'} ${one.name}`);
    }
    await tellResults(results, environment, options, tell);
    if (results.length === 0) {
      throw new Problem(`nothing was drilled: ${name} needs what this environment lacks`);
    }
    if (results.some(({ verdicts }) => verdicts.some(({ passed }) => !passed))) {
      process.exitCode = EXIT.problem;
    }
  } catch (error) {
    console.error(`\n${signal.aborted ? 'interrupted: what was broken has been healed' : (error as Error).message}`);
    process.exitCode ??= EXIT.problem;
  }
  await environment?.close();
  process.exit();
}

async function tellResults(
  results: readonly DrillResult[],
  environment: LocalEnvironment,
  options: DrillArguments,
  tell: (line: string) => void,
): Promise<void> {
  // Bundled on its own: its charts are large.
  const { reportJson, reportPage, summaryText } = await import('../drill/report/index.js');
  const name = `drill-${new Date().toISOString().replace(/[:.]/g, '-')}.html`;
  const file = resolve(options.report ?? join(environment.folder, 'reports', name));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, await reportPage(results));
  tell(
    `\n${summaryText(results, { colour: process.stdout.isTTY === true && !options.json, width: process.stdout.columns ?? 120 })}`,
  );
  tell(`\nThe report: ${file}`);
  if (options.json) {
    process.stdout.write(`${reportJson(results)}\n`);
  }
}

/** The film portal's users where it is the film portal that runs; else people who ask for the given paths. */
async function usersOf({ address }: DrillTarget, paths: readonly string[]): Promise<Users> {
  const [first, ...others] = paths;
  if (first !== undefined) {
    return new PathUsers(address, [first, ...others]);
  }
  const visitor = new Visitor(address);
  const [signIn, film] = [await visitor.get('/sign-in'), await visitor.get('/films/1/recommendations')];
  return signIn.status === 200 && signIn.body.includes('_csrf') && film.status === 200
    ? new FilmUsers(address)
    : new PathUsers(address, ['/']);
}
