/** The error of an endpoint that did not answer in time, with what was heard of it last. */
export function notReady(
  cache: string,
  { host, port }: { readonly host: string; readonly port: number },
  timeoutMs: number,
  cause: unknown,
): Error {
  const heard = cause instanceof Error ? `: ${cause.message}` : '';
  return new Error(`cache \`${cache}\` at ${host}:${port} did not answer within ${timeoutMs} ms${heard}`, { cause });
}
