/** The reference of joining: all gets of one tick in one MGET, and nothing else. */
import { byHand } from './by-hand';
import type { Open } from './client';
import { connected, FASTEST, textStore } from './node-redis';

interface Waiting {
  readonly key: string;
  readonly resolve: (text: string | null) => void;
  readonly reject: (error: unknown) => void;
}

export const joined: Open = async (port, load) => {
  const client = await connected(port, FASTEST);
  const others = await textStore(port, FASTEST);
  let waiting: Waiting[] = [];

  async function flush(): Promise<void> {
    const batch = waiting;
    waiting = [];
    try {
      const texts = await client.mGet(batch.map(({ key }) => key));
      for (let index = 0; index < batch.length; index += 1) {
        (batch[index] as Waiting).resolve(texts[index] as string | null);
      }
    } catch (error) {
      for (const { reject } of batch) {
        reject(error);
      }
    }
  }

  const get = (key: string) =>
    new Promise<string | null>((resolve, reject) => {
      if (waiting.push({ key, resolve, reject }) === 1) {
        process.nextTick(flush);
      }
    });
  const close = async () => {
    client.destroy();
    await others.close();
  };
  return byHand({ ...others, get, close }, load, 'joined');
};
