/** The longest key that Memcached takes, in bytes. */
const LONGEST_KEY_BYTES = 250;

const FIRST_PRINTABLE = 0x21;
const LAST_PRINTABLE = 0x7e;

/** Whether a key is 1 to 250 bytes of printable ASCII without spaces, so that it cannot end its own line. */
export function isKey(key: string): boolean {
  const { length } = key;
  if (typeof key !== 'string' || length === 0 || length > LONGEST_KEY_BYTES) {
    return false;
  }
  for (let index = 0; index < length; index += 1) {
    const code = key.charCodeAt(index);
    if (code < FIRST_PRINTABLE || code > LAST_PRINTABLE) {
      return false;
    }
  }
  return true;
}
