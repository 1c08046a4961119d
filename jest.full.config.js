/** The long tests: deploy, first boot, browser, fresh clone, other compilers: `npm run test:full`. */
module.exports = {
  ...require('./jest.config.js'),
  testMatch: ['<rootDir>/test/full/**/*.test.ts'],
  testPathIgnorePatterns: [],
  setupFiles: [],
  globalSetup: '<rootDir>/test/engines/full-setup.ts',
  testSequencer: '<rootDir>/test/engines/long-first.js',
  testTimeout: 300_000,
};
