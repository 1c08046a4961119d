import { judgeRandomNetworks } from './disagreements';

test('random networks are judged as packet by packet', () => {
  const { all, some } = judgeRandomNetworks(20_261_201, 400);

  expect(Math.min(...Object.values(all), ...Object.values(some))).toBeGreaterThan(40);
});
