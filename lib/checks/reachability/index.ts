export {
  type ReachabilityOptions,
  type ReachabilityReport,
  reachabilitySvg,
  whoCanTable,
} from '../../../assembly/reachability';
export { findingsOf, reachabilityFindings, reachabilityReports } from './reachability-findings';
