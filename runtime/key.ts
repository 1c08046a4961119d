import { createHash } from 'node:crypto';

/** Characters every engine takes in a key as they are: printable ASCII without the space. */
const PLAIN = /^[\x21-\x7e]+$/;

/** Marks a hashed id. A plain id that starts with it is hashed too, so that the two can never meet. */
const HASH_MARK = '#';

/** Longest plain id. Memcached takes keys of 250 bytes; the rest is for the namespace. */
const LONGEST_PLAIN_ID = 150;

const NAMESPACE = /^[a-z][a-z0-9-]{0,39}$/;

/**
 * Makes the key under which an id of a namespace is stored. What a user may have typed (spaces, line ends, long or
 * non-ASCII text) is replaced by its SHA-256 and never sent raw: in Memcached's text protocol it would be a command.
 * So is whatever holds a brace, because cluster mode would hash what stands between braces alone.
 *
 * @returns at most 192 bytes of printable ASCII
 * @throws TypeError when the namespace is not a short lower-case name
 */
export function storeKey(namespace: string, id: string): string {
  return checkNamespace(namespace) + safeId(id);
}

/**
 * The start of every key of a namespace.
 *
 * @throws TypeError when it is not a short lower-case name
 */
export function checkNamespace(namespace: string): string {
  if (!NAMESPACE.test(namespace)) {
    throw new TypeError(
      `a namespace must be 1 to 40 characters of a-z, 0-9 and -, starting with a letter, got ${JSON.stringify(namespace)}`,
    );
  }
  return `${namespace}:`;
}

/** An id as it stands in a key. */
export function safeId(id: string): string {
  const plain = id.length <= LONGEST_PLAIN_ID && PLAIN.test(id) && !id.startsWith(HASH_MARK) && !id.includes('{');
  return plain ? id : HASH_MARK + sha256(id);
}

/** A byte that no UTF-8 text holds. */
const NOT_UTF8 = Buffer.from([0xff]);

/** SHA-256 as base64url, 43 characters. Texts with half of a surrogate pair, which UTF-8 cannot tell apart, differ too. */
export function sha256(text: string): string {
  const hash = createHash('sha256');
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.includes('\ufffd') && bytes.toString('utf8') !== text) {
    hash.update(NOT_UTF8).update(text, 'utf16le');
  } else {
    hash.update(bytes);
  }
  return hash.digest('base64url');
}
