// Jest projects in the order of cost: pure specs, the house's own rules, hostile peers, contracts, one room with real
// parts, faults, SMPP stacks of others, a Kafka broker, the whole service. ESM throughout; started with --experimental-vm-modules.
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

const shared = {
  rootDir: root,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/\\.data/'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        jsc: {
          target: 'es2023',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          keepClassNames: true,
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
};

const project = (displayName, testMatch) => ({ ...shared, displayName, testMatch });

export default {
  rootDir: root,
  testTimeout: 60_000,
  globalSetup: '<rootDir>/.config/jest.global-setup.mjs',
  globalTeardown: '<rootDir>/.config/jest.global-teardown.mjs',
  projects: [
    project('unit', ['<rootDir>/src/**/*.spec.ts', '<rootDir>/projections/**/*.spec.ts']),
    project('house', ['<rootDir>/test/house/**/*.spec.ts']),
    project('fuzz', ['<rootDir>/test/fuzz/**/*.spec.ts']),
    project('contract', ['<rootDir>/test/contract/**/*.contract.spec.ts']),
    project('integration', ['<rootDir>/test/integration/**/*.spec.ts']),
    project('faults', ['<rootDir>/test/faults/**/*.spec.ts']),
    {
      ...project('interop', ['<rootDir>/test/interop/**/*.spec.ts']),
      globalSetup: '<rootDir>/test/interop/support/prepare.mjs',
    },
    {
      ...project('kafka', ['<rootDir>/test/kafka/**/*.spec.ts']),
      globalSetup: '<rootDir>/test/kafka/support/prepare.mjs',
    },
    project('e2e', ['<rootDir>/test/e2e/**/*.spec.ts']),
  ],
};
