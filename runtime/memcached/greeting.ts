/** What a connection says first: `mn` proves that somebody answers, the version that it speaks this protocol. */
export const GREETING = 'mn\r\nversion\r\n';

/**
 * `ms` and the answers of the meta protocol became what they are now in 1.6.10. Before, the bytes of a value could run
 * as commands. ElastiCache still offers 1.6.6 and older ones.
 *
 * @see https://github.com/memcached/memcached/pull/795
 */
const OLDEST_VERSION = [1, 6, 10] as const;

/** What is needed, in words. */
export const NEEDED_PROTOCOL = `the meta protocol of Memcached ${OLDEST_VERSION.join('.')} or later`;

/**
 * Whether the answer to `version` is that of a server whose meta protocol is known.
 *
 * A version that cannot be read is not an old one: what is not Memcached itself, but answers `mn`, may say anything.
 */
export function isKnownVersion(answer: string): boolean {
  const [, ...numbers] = /^VERSION (\d+)\.(\d+)\.(\d+)/.exec(answer) ?? [];
  const different = OLDEST_VERSION.findIndex((oldest, index) => Number(numbers[index] ?? oldest) !== oldest);
  return different < 0 || Number(numbers[different]) > (OLDEST_VERSION[different] as number);
}
