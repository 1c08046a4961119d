/** The value of the newest period. */
export function newestValue(values: number | number[] | undefined): number | undefined {
  return typeof values === 'object' ? values.at(-1) : values;
}

/** As many values as before, of which the newest is another. */
export function appendValue(values: number | number[], value: number): number | number[] {
  return typeof values === 'object' ? [...values.slice(1), value] : value;
}
