/** @throws RangeError when it is not a whole number of this range */
export function checkWholeNumber(
  what: string,
  value: number,
  least: number,
  most: number = Number.MAX_SAFE_INTEGER,
): void {
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    throw new RangeError(`${what} must be a whole number${rangeOf(least, most)}, got ${value}`);
  }
}

function rangeOf(least: number, most: number): string {
  if (most !== Number.MAX_SAFE_INTEGER) {
    return ` from ${least} to ${most}`;
  }
  return least <= Number.MIN_SAFE_INTEGER + 1 ? '' : ` of at least ${least}`;
}

/** @throws RangeError when it is not a finite number */
export function checkFinite(what: string, value: number): void {
  if (!Number.isFinite(value)) {
    throw new RangeError(`${what} must be a finite number, got ${value}`);
  }
}

/**
 * Text that comes back as it went in: half of a surrogate pair has no bytes in UTF-8.
 *
 * @throws TypeError when it is no text, or holds half of a surrogate pair
 * @throws RangeError when it is longer
 */
export function checkText(what: string, text: string, mostBytes = Number.POSITIVE_INFINITY): void {
  if (typeof text !== 'string' || /\p{Surrogate}/u.test(text)) {
    throw new TypeError(`${what} must be text without halves of surrogate pairs, got ${JSON.stringify(text)}`);
  }
  const bytes = Buffer.byteLength(text);
  if (bytes > mostBytes) {
    throw new RangeError(`${what} must be at most ${mostBytes} bytes, got ${bytes}`);
  }
}
