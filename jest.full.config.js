/**
 * The long tests by what they need of the machine; `beside` are the others.
 *
 * - `alone`: measured with nothing else running, in one process, which is ended when it is done (Node can spin in its
 *   clean-up at the natural end of a process that tests ran in)
 * - `faults`: what a call may cost while something fails; they wait most of the time, so two at once disturb nobody
 * - `waiting`: they wait for processes that they start
 * - `computing`: they can do with the processors' time that others leave
 */
const LANES = {
  alone: ['drills', 'ops/scale'],
  faults: ['faults', 'memcached-deadline', 'update'],
  waiting: [
    'browser',
    'command',
    'consistency',
    'drill-command',
    'foreign-app',
    'ops/drill',
    'ops/faults',
    'ops/local',
    'ops/permissions',
    'ops/terminal',
    'session-middleware',
    'up',
    'user-data',
  ],
  computing: ['acknowledgements', 'cache-rules', 'control-tower', 'false-positives', 'jsii', 'matrix'],
};

const ALL = '**/test/full/**/*.test.ts';
const named = (name) => `**/test/full/${name}{.test.ts,/**/*.test.ts}`;

/** Of these lanes no test needs the tools of Python before it begins. */
const ENGINES_ONLY = { globalSetup: '<rootDir>/test/engines/global-setup.ts' };

/** What differs from lane to lane; without one every long test is run. */
const OPTIONS = {
  alone: { maxWorkers: 1, forceExit: true, ...ENGINES_ONLY },
  faults: ENGINES_ONLY,
  waiting: ENGINES_ONLY,
  computing: { testTimeout: 600_000 },
  beside: {
    testMatch: [
      ALL,
      ...Object.values(LANES)
        .flat()
        .map((name) => `!${named(name)}`),
    ],
  },
};

const lane = process.env.LANE;
if (lane !== undefined && OPTIONS[lane] === undefined) {
  throw new Error(`LANE is ${lane}: ${Object.keys(OPTIONS).join(', ')}`);
}

/** The long tests: deploy, first boot, browser, fresh clone, other compilers: `npm run test:full`. */
module.exports = {
  ...require('./jest.config.js'),
  testMatch: LANES[lane]?.map(named) ?? [ALL],
  testPathIgnorePatterns: [],
  setupFiles: [],
  globalSetup: '<rootDir>/test/engines/full-setup.ts',
  testSequencer: '<rootDir>/test/engines/long-first.js',
  testTimeout: 300_000,
  ...OPTIONS[lane],
};
