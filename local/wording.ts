/** A number with its noun, for example `1 replica` or `3 replicas`. */
export function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
