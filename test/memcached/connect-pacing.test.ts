import fc from 'fast-check';
import { ConnectPacing } from '../../runtime/memcached/connect-pacing';

test('50 processes that lose a node at once come back spread over a second', () => {
  const pauses = Array.from({ length: 50 }, (_, index) => {
    const pacing = new ConnectPacing(
      () => index / 50,
      () => 1_000_000,
    );
    return pacing.pauseMs();
  });

  expect(pauses).toEqual(Array.from({ length: 50 }, (_, index) => index * 20));
});

test('after a failed attempt the pause is half a second to a second', () => {
  const pauseFor = (random: number) => {
    const pacing = new ConnectPacing(
      () => random,
      () => 0,
    );
    pacing.attempting();
    return pacing.pauseMs();
  };

  expect([pauseFor(0), pauseFor(0.5), pauseFor(1)]).toEqual([500, 750, 1_000]);
});

test('property: never more than two attempts begin within a second, also to a node that takes and drops connections', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.boolean(), fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(300)), { minLength: 5 }),
      (steps) => {
        let nowMs = 0;
        let random = 0;
        const pacing = new ConnectPacing(
          () => random,
          () => nowMs,
        );
        const attempts: number[] = [];

        for (const [succeeds, chance, livedMs] of steps) {
          attempts.push(nowMs);
          pacing.attempting();
          if (succeeds) {
            pacing.connected();
          }
          nowMs += livedMs;
          random = chance;
          nowMs += pacing.pauseMs();
        }

        expect(attempts.every((at, index) => index < 2 || at - (attempts[index - 2] as number) >= 999.999)).toBe(true);
      },
    ),
    { numRuns: 300, seed: 3 },
  );
});
