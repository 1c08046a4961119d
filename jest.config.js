/** Tests that need no browser, no fresh clone and no long load: `npm test`. */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['<rootDir>/test/full/'],
  transform: {
    '^.+\\.(t|j)sx?$': ['@swc/jest', { jsc: { target: 'es2022' } }],
  },
  setupFilesAfterEnv: ['aws-cdk-lib/testhelpers/jest-autoclean'],
  globalSetup: '<rootDir>/test/engines/global-setup.ts',
  testTimeout: 30_000,
  // One a core of the smallest machine that CI has; jest itself would leave one of two unused.
  maxWorkers: 2,
};
