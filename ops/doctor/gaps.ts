import type { EnvironmentState } from '../environment/environment-state';

/** What is not known, and that AWS refused it where it did. @param action as IAM writes it */
export function becauseOf(state: EnvironmentState, action: string, what: string): string {
  const gap = state.gaps.find((each) => each.action === action);
  return gap === undefined ? what : `${what}: ${action} failed with ${gap.code}`;
}
