/**
 * Jest runs the TypeScript sources as native ES modules: esbuild strips the types, `tsc` checks them.
 *
 * @jest-config-loader esbuild-register
 */
import type { Config } from 'jest';

const config: Config = {
  testMatch: ['<rootDir>/{server,db,tui-client,tests,bench}/**/*.test.{ts,tsx}'],
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  transform: { '\\.tsx?$': '<rootDir>/jest.esbuild.cjs' },
  modulePathIgnorePatterns: ['<rootDir>/dist'],
  testTimeout: 20_000,
};

export default config;
