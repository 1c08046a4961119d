import { OwnWrites, WriteTally } from '../../drill/users/own-writes';
import type { Answer } from '../../drill/users/visitor';

let tally: WriteTally;
let writes: OwnWrites;

beforeEach(() => {
  tally = new WriteTally();
  writes = new OwnWrites('/films/1', tally);
});

const write = (text: string, isOk: boolean) => writes.write(text, async () => ({ isOk }));

const page =
  (body: string, status = 200) =>
  async (): Promise<Answer> => ({
    status,
    body,
    headers: { 'x-instance': 'i-2' },
    ms: 1,
    askedAt: performance.now(),
  });

test.each([
  ['what was acknowledged last', 'second', 0],
  ['what was sent later and not acknowledged', 'third', 0],
  ['what was sent before and not acknowledged: it may be carried out late', 'unsure', 0],
  ['what was acknowledged before', 'first', 1],
  ['nothing', '', 1],
])('a read that shows %s', async (_, shown, stale) => {
  await write('first', true);
  await write('unsure', false);
  await write('second', true);
  await write('third', false);

  await writes.read(page(`<p>${shown}</p>`));

  expect(tally).toMatchObject({ acknowledged: 2, stale, lost: 0 });
  expect(tally.remarks).toEqual(
    stale === 0
      ? []
      : [expect.stringMatching(/^\/films\/1 did not show a write that was acknowledged \d+ ms before, on i-2\.$/)],
  );
  expect(writes.isUnsure).toBe(true);
});

test('an answer that is none says nothing, and nobody who wrote nothing expects anything', async () => {
  await writes.read(page(''));
  await write('first', true);
  await writes.read(page('', 503));

  expect(tally).toMatchObject({ stale: 0, lost: 0 });
});

test('a read that was under way while something was written may show either', async () => {
  await write('first', true);
  const asked = (text: string) => async () => {
    await write('second', true);
    return page(text)();
  };
  await writes.read(asked('first'));
  await writes.read(page('second'));

  expect(tally.stale).toBe(0);
});

test('writes of one place come one after the other, and a read after them', async () => {
  const order: string[] = [];
  const slow = (text: string) =>
    writes.write(text, async () => {
      order.push(`${text} begins`);
      await new Promise((resolve) => setTimeout(resolve, 10));
      order.push(`${text} ends`);
      return { isOk: true };
    });

  await Promise.all([slow('one'), slow('two'), writes.read(() => page(order.push('read') ? 'two' : '')())]);

  expect(order).toEqual(['one begins', 'one ends', 'two begins', 'two ends', 'read']);
});

test('what comes late was read too old, and what never comes is lost', async () => {
  await write('first', true);
  const shown = ['nothing', 'nothing', 'first'];
  await writes.readAtLast(() => page(shown.shift() as string)());

  expect(tally).toMatchObject({ stale: 1, lost: 0 });

  await writes.readAtLast(page('nothing'));

  expect(tally).toMatchObject({ stale: 1, lost: 1 });
  expect(tally.remarks.at(-1)).toBe('/films/1 never showed what was acknowledged.');
});
