/** Tests that need no browser, no fresh clone and no long load: `npm test`. */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['<rootDir>/test/full/'],
  transform: {
    '^.+\\.(t|j)sx?$': ['@swc/jest', { jsc: { target: 'es2022' } }],
  },
  // These are ES modules, which tests in CommonJS cannot load as they are.
  transformIgnorePatterns: ['/node_modules/(?!(p-limit|yocto-queue)/)'],
  setupFiles: ['<rootDir>/test/engines/without-validator.js'],
  setupFilesAfterEnv: ['aws-cdk-lib/testhelpers/jest-autoclean', '<rootDir>/test/engines/after-each-file.ts'],
  globalSetup: '<rootDir>/test/engines/global-setup.ts',
  testTimeout: 30_000,
  // One a core of the smallest machine that CI has; jest itself would leave one of two unused.
  maxWorkers: 2,
};
