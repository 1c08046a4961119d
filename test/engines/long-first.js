const { default: Sequencer } = require('@jest/test-sequencer');

/** Long tests that would run alone at the end if they began last; a clean machine has no times of earlier runs to go by. */
const LONG = [
  'user-data',
  'matrix',
  'fresh-clone',
  'consistency',
  'ups-and-downs',
  'guard',
  'cache-rules',
  'lost-cache',
  'examples',
  'readme-commands',
];

const rank = ({ path }) => {
  const place = LONG.findIndex((name) => path.endsWith(`/${name}.test.ts`));
  return place < 0 ? LONG.length : place;
};

/** The longest tests begin first. */
module.exports = class LongFirst extends Sequencer {
  sort(tests) {
    return [...tests].sort((one, other) => rank(one) - rank(other) || one.path.localeCompare(other.path));
  }
};
