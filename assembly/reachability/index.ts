export { type Connection, connectionsOf, connectionsOfFleet } from './connections';
export { reachabilitySvg } from './drawing';
export { type ReachabilityOptions, type ReachabilityReport, reachabilityReport } from './report';
export { whoCanTable } from './who-can';
