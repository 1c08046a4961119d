/** Most bytes of user data before its encoding (EC2 API, RunInstances.UserData: 16 KB). */
const MOST_BYTES = 16 * 1024;

/**
 * What is wrong with the size of user data. What only a deploy knows counts as nothing.
 *
 * @param rendered the text, with intrinsics resolved
 */
export function userDataProblems(rendered: unknown): string[] {
  const bytes = literalBytes(rendered);
  return bytes <= MOST_BYTES
    ? []
    : [
        `the user data of the instances is ${bytes} bytes, more than the ${MOST_BYTES} that EC2 takes: ` +
          'shorten the `environment` of the application, or move it into a file of the application',
      ];
}

function literalBytes(value: unknown): number {
  if (typeof value === 'string') {
    return Buffer.byteLength(value);
  }
  const parts = (value as { 'Fn::Join'?: [string, unknown[]] } | null)?.['Fn::Join']?.[1];
  return Array.isArray(parts)
    ? parts.filter((part) => typeof part === 'string').reduce((sum, part) => sum + Buffer.byteLength(part), 0)
    : 0;
}
