/* An instance whose clock is off by so many milliseconds. It answers what it finds under the ids that it is sent. */
const skewMs = Number(process.env.SKEW_MS);
const SystemDate = Date;
class SkewedDate extends SystemDate {
  constructor(...args: []) {
    // As the system's own: without arguments it is now.
    super(...(args.length === 0 ? ([SystemDate.now() + skewMs] as never as []) : args));
  }

  static override now(): number {
    return SystemDate.now() + skewMs;
  }
}
globalThis.Date = SkewedDate as DateConstructor;

const opened = import('../../../runtime/connect.js').then(async ({ connect }) => {
  const caches = connect(process.env);
  const films = caches.cache('cache').namespace<string>('film', {
    ttlMs: 4_000,
    jitter: 0,
    staleWhileRevalidateMs: 60_000,
  });
  const sessions = caches.sessionStore('cache', { absoluteMs: 3_600_000 });
  await caches.ready(10_000);
  return { caches, films, sessions };
});

process.on('message', async ({ id, ask, value }: { id: number; ask: string; value: string }) => {
  const { caches, films, sessions } = await opened;
  const answer = (result: unknown) => process.send?.({ id, result });
  switch (ask) {
    case 'ready':
      answer(Date.now() - SystemDate.now());
      break;
    case 'read':
      answer(await films.lookup(value, async () => 'loaded by the skewed'));
      break;
    case 'write':
      answer(await films.writeThrough(value, 'written by the skewed', async () => {}));
      break;
    case 'session':
      sessions.get(value, (error, session) => answer({ error: error === null ? null : String(error), session }));
      break;
    case 'save':
      sessions.set(value, { member: 'Eve' }, (error) => answer({ error: error === null ? null : String(error) }));
      break;
    case 'exit':
      await caches.close();
      process.exit(0);
  }
});
process.on('disconnect', () => process.exit(0));
