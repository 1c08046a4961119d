import type { Film } from '../film';

/** The loader of a benchmark: the same for every call, which is the only kind that some libraries take. */
export type Load<T = Film> = (id: string) => Promise<T>;

/** A cache-aside as the documentation of a library has it. */
export interface CacheAside<T = Film> {
  /** What the cache has, or what the loader returned, which is cached then. */
  get(id: string): Promise<T>;
  /** The database has this value now: the cache is told. */
  write(id: string, value: T): Promise<unknown>;
  /** The database changed: the cache forgets. */
  remove(id: string): Promise<unknown>;
  close(): Promise<unknown>;
}

/** Connects to the server on this port of loopback. */
export type Open = <T>(port: number, load: Load<T>) => Promise<CacheAside<T>>;

/** Longer than any run: nothing expires while it is measured. */
export const TTL_MS = 3_600_000;

export const HOST = '127.0.0.1';
