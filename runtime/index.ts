export { BindingError } from './binding';
export { Cache, type CacheOptions } from './cache';
export { type Codec, compactCodec, jsonCodec } from './codec';
export { type CacheEngines, Caches, type ConnectOptions, connect } from './connect';
export type { Costs } from './costs';
export { Counter, type CounterOptions } from './data-types/counter';
export type { LifeOptions } from './data-types/data-key';
export { DataTypes } from './data-types/data-types';
export { FieldHash, type Fields, type FieldValue, type NumberField } from './data-types/field-hash';
export type { ValueCodec } from './data-types/json-value';
export {
  Leaderboard,
  type LeaderboardOptions,
  type LeaderboardPage,
  type LeaderboardPageRequest,
  type Ranking,
} from './data-types/leaderboard';
export type { Period } from './data-types/leaderboard-period';
export { RebuildLostError } from './data-types/leaderboard-rebuild';
export type { Ties } from './data-types/leaderboard-scripts';
export { List, ListFullError, type ListOptions } from './data-types/list';
export { MemberSet, type MemberSetOptions } from './data-types/member-set';
export { type RateLimit, RateLimiter, type RateLimiterOptions } from './data-types/rate-limiter';
export { RecentList, type RecentListOptions } from './data-types/recent-list';
export type { DatabaseLogin } from './database-login';
export { CALL_BUDGET_MS } from './deadline';
export { type DeployStepOptions, deployStep } from './deploy-step';
export type { SqlClient } from './deploy-step/sql-client';
export {
  CacheError,
  CacheUnavailableError,
  EngineRefusedError,
  EngineUnsupportedError,
  LoadShedError,
  SessionNotRotatedError,
  SessionTooLargeError,
  UnknownBindingError,
} from './errors';
export { cacheOverIoredis, type IoredisCacheOptions } from './ioredis';
export type { LoadLimit } from './load-limiter';
export { type MysqlLogin, mysqlLogin } from './mysql-login';
export type { Lookup, Namespace } from './namespace';
export type { NamespaceOptions, TierOptions } from './namespace-options';
export type {
  CacheEvent,
  CacheObserver,
  DropEvent,
  Outcome,
  ReadEvent,
  StateEvent,
  WriteEvent,
} from './observer';
export { type MeterLike, OpenTelemetryObserver } from './observers/opentelemetry';
export { PrometheusObserver } from './observers/prometheus';
export {
  type CachedQuery,
  QueryCache,
  type QueryClient,
  type QueryIdentity,
  type QueryPool,
  type QueryRows,
} from './query-cache';
export type { IoredisClient } from './redis/ioredis';
export { type CacheTime, REQUEST_BUDGET_MS, withCacheBudget } from './request-budget';
export { type SessionData, SessionStore, type SessionStoreOptions } from './sessions/session-store';
export type { UserSession } from './sessions/user-sessions';
export type { WriteCost } from './writing';
