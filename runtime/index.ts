export { BindingError } from './binding';
export { Cache, type CacheEngines, Caches, connect } from './connect';
export type { DatabaseLogin } from './database-login';
export { CALL_BUDGET_MS, REQUEST_BUDGET_MS, withCacheBudget } from './deadline';
export { type DeployStepOptions, deployStep, type SqlClient } from './deploy-step';
export {
  CacheError,
  CacheUnavailableError,
  EngineUnsupportedError,
  SessionTooLargeError,
  UnknownBindingError,
} from './errors';
export type { Lookup, Namespace, NamespaceOptions, Outcome, WriteCost } from './namespace';
export type { DataTypes, FieldHash, MemberSet, RecentList, RecentListOptions } from './redis/data-types';
export type { Leaderboard, Ranking } from './redis/leaderboard';
export { type SessionData, SessionStore, type SessionStoreOptions } from './session-store';
