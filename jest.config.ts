/** Jest runs the sources as native ES modules; `build/jest-transform.ts` removes their types, which tsc checks. */
import type { Config } from 'jest';

const config: Config = {
  testMatch: ['<rootDir>/{server,db,tui-client,tests,bench}/**/*.test.{ts,tsx}'],
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  transform: { '\\.tsx?$': '<rootDir>/build/jest-transform.ts' },
  globalSetup: '<rootDir>/build/jest-setup.ts',
  globalTeardown: '<rootDir>/build/jest-teardown.ts',
  testSequencer: '<rootDir>/build/jest-sequencer.ts',
  modulePathIgnorePatterns: ['<rootDir>/dist'],
  // Against tests that hang: on a busy machine one may take a minute.
  testTimeout: 120_000,
  // Most tests wait for sockets and processes. Workers also end with what a failed test has left open.
  maxWorkers: 2,
  // Modules of finished test files stay in memory. In 2 GiB of them the garbage collector takes a third of the time.
  workerIdleMemoryLimit: '1GB',
};

export default config;
