type Fields = Readonly<Record<string, unknown>>;

/**
 * Merges two changes of one session, field by field: what only one of the two changed is taken from that one, and
 * objects are merged inside. Lists that both made longer keep what each added. Where both changed the same text or
 * number, ours wins, because it is saved last.
 *
 * @param base what both began with
 * @param theirs what is stored now
 * @param ours what is to be saved
 */
export function mergeSessions(base: Fields, theirs: Fields, ours: Fields): Record<string, unknown> {
  const merged: Record<string, unknown> = {};
  for (const name of new Set([...Object.keys(theirs), ...Object.keys(ours)])) {
    const value = mergeValues(base[name], theirs[name], ours[name]);
    if (value !== undefined) {
      merged[name] = value;
    }
  }
  return merged;
}

function mergeValues(base: unknown, theirs: unknown, ours: unknown): unknown {
  if (isSame(base, ours)) {
    return theirs;
  }
  if (isSame(base, theirs) || isSame(theirs, ours)) {
    return ours;
  }
  if (isObject(theirs) && isObject(ours)) {
    return mergeSessions(isObject(base) ? base : {}, theirs, ours);
  }
  if (Array.isArray(theirs) && Array.isArray(ours)) {
    const start = Array.isArray(base) ? base : [];
    if (startsWith(theirs, start) && startsWith(ours, start)) {
      return [...theirs, ...ours.slice(start.length)];
    }
  }
  return ours;
}

/** Sessions are JSON, so their text says whether two are the same. */
function isSame(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function startsWith(list: readonly unknown[], start: readonly unknown[]): boolean {
  return list.length >= start.length && start.every((entry, index) => isSame(entry, list[index]));
}
