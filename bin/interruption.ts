/** Ctrl-C, a signal to end, or a terminal that was closed. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** Resolves when it happens. */
  readonly happened: Promise<void>;
}

/** Takes the signals that ask this process to end. */
export function interruption(): Interruption {
  const controller = new AbortController();
  const happened = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        controller.abort();
        resolve();
      });
    }
  });
  return { signal: controller.signal, happened };
}
