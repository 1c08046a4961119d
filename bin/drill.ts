import { Problem } from '../assembly/problem';
import { DRILLS, drillsNamed } from '../drill/catalogue';
import type { DrillResult } from '../drill/report/drill-result';
import { runDrill } from '../drill/run-drill';
import { LocalEnvironment } from '../local/environment';
import { hasPassed, type ResultOptions, reportFile, tellResults } from './drill-results';
import { type UserOptions, usersOf } from './drill-users';
import { EXIT } from './exit-codes';
import { interruption } from './interruption';
import { localDrillTarget } from './local-drill-target';

export interface DrillArguments extends ResultOptions, UserOptions {
  readonly environment?: string;
  readonly stateDir: string;
  readonly installEngines: boolean;
  readonly seconds: number;
  readonly rate: number;
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
    const file = await reportFile(environment.folder, options);
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
      const running = runDrill(target, one, await usersOf(target.address, options), {
        windows: { beforeMs: windowMs, faultMs: windowMs, afterMs: windowMs },
        ratePerSecond: options.rate,
        signal,
        left: (what) => console.error(`! ${what}`),
      });
      const result = await Promise.race([running, environment.broken]);
      results.push(result);
      tell(`${hasPassed(result) ? '✓' : '✗'} ${one.name}`);
    }
    await tellResults(results, file, options, tell);
    if (results.length === 0) {
      throw new Problem(`nothing was drilled: ${name} needs what this environment lacks`);
    }
    if (!results.every(hasPassed)) {
      process.exitCode = EXIT.problem;
    }
  } catch (error) {
    console.error(`\n${signal.aborted ? 'interrupted: what was broken has been healed' : (error as Error).message}`);
    process.exitCode ??= EXIT.problem;
  }
  await environment?.close();
  process.exit();
}
