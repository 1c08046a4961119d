/** What golden templates have in the place of what every build changes: hashes of assets, and versions of functions. */
const MASKS: ReadonlyArray<readonly [RegExp, string]> = [
  [/[0-9a-f]{64}/g, 'ASSET_HASH'],
  [/CurrentVersion[0-9A-F]{8}[0-9a-f]{32}/g, 'CurrentVersionHASH'],
];

/** Whether CloudFormation takes a value for another: in any order of keys, `"10"` for `10` and `"true"` for `true`. */
export function sameValue(before: unknown, now: unknown): boolean {
  if (typeof before !== 'object' || typeof now !== 'object' || before === null || now === null) {
    return before === now || sameText(before, now);
  }
  if (Array.isArray(before) || Array.isArray(now)) {
    return (
      Array.isArray(before) &&
      Array.isArray(now) &&
      before.length === now.length &&
      before.every((element, index) => sameValue(element, now[index]))
    );
  }
  const keys = Object.keys(before);
  return (
    keys.length === Object.keys(now).length &&
    keys.every(
      (key) =>
        Object.hasOwn(now, key) &&
        sameValue((before as Record<string, unknown>)[key], (now as Record<string, unknown>)[key]),
    )
  );
}

function sameText(before: unknown, now: unknown): boolean {
  const isScalar = (value: unknown) => ['string', 'number', 'boolean'].includes(typeof value);
  if (!isScalar(before) || !isScalar(now)) {
    return false;
  }
  const [old, current] = [String(before), String(now)];
  return old === current || old === masked(current);
}

function masked(text: string): string {
  return MASKS.reduce((result, [pattern, mask]) => result.replaceAll(pattern, mask), text);
}
