export {
  type ReachabilityOptions,
  type ReachabilityReport,
  reachabilitySvg,
  whoCanTable,
} from '../../../assembly/reachability';
export { reachabilityFindings, reachabilityReports } from './reachability-findings';
