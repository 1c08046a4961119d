import type { AssemblyEnvironment } from '../../../assembly/assembly';
import { Problem } from '../../../assembly/problem';
import { type ReachabilityOptions, type ReachabilityReport, reachabilityReport } from '../../../assembly/reachability';
import type { Finding } from '../finding';
import { accessFindings } from './access-findings';
import { openingFindings } from './opening-findings';
import { serviceFindings } from './service-findings';

/** Who reaches the caches and databases of environments, one report each. */
export function reachabilityReports(
  environments: readonly AssemblyEnvironment[],
  options: ReachabilityOptions = {},
): ReachabilityReport[] {
  const reports = environments.map((environment) => reachabilityReport(environment, options));
  const nowhere = (reports[0]?.unmatched ?? []).filter((name) =>
    reports.every(({ unmatched }) => unmatched.includes(name)),
  );
  if (nowhere.length > 0) {
    throw new Problem(
      `\`consumers\` and \`allowed\` must name constructs with security groups, got ${nowhere.join(', ')}`,
    );
  }
  return reports;
}

/**
 * What is wrong with who reaches what.
 *
 * @throws Problem if the options name what no environment has
 */
export function reachabilityFindings(
  environments: readonly AssemblyEnvironment[],
  options: ReachabilityOptions = {},
): Finding[] {
  return reachabilityReports(environments, options).flatMap(findingsOf);
}

/** What a report says is wrong: what is closed first, then what is open, then what is not known. */
export function findingsOf(report: ReachabilityReport): Finding[] {
  const findings = [...accessFindings(report), ...serviceFindings(report), ...openingFindings(report)];
  const order = ['error', 'warning', 'informational'];
  return findings.sort((one, other) => order.indexOf(one.severity) - order.indexOf(other.severity));
}
