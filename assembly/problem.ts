/** Something the user can act on: its message is printed as it is, without a stack. */
export class Problem extends Error {}
