// What the compiler cannot see: floating promises, time and chance taken behind the clock's back,
// exports without a name. Formatting is prettier's alone.
import { fileURLToPath } from 'node:url';
import eslint from '@eslint/js';
import prettier from 'eslint-config-prettier';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { injectedValueImports } from './injected-value-imports.mjs';

const CLOCK = 'Time comes from Clock (src/clock/clock.ts), so that the service can run on a virtual clock.';
const CHANCE =
  'Chance comes from Randomness (src/clock/clock.ts), so that a run can be repeated from its seed.';

// Written as selectors and paths, one row per door through which time or chance could slip in.
const TIMER_GLOBALS = ['setTimeout', 'setInterval'].map((name) => ({ name, message: CLOCK }));
const CLOCK_PROPERTIES = [
  ...['Date.now', 'performance.now', 'process.hrtime', 'process.uptime', 'AbortSignal.timeout'].map(
    (path) => [path, CLOCK],
  ),
  ...['globalThis.setTimeout', 'globalThis.setInterval', 'globalThis.performance'].map((path) => [
    path,
    CLOCK,
  ]),
  ...['Math.random', 'crypto.randomUUID', 'crypto.getRandomValues'].map((path) => [path, CHANCE]),
].map(([path, message]) => ({ object: path.split('.')[0], property: path.split('.')[1], message }));
const NEW_DATE_OF_NOW = [
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: CLOCK },
  { selector: "CallExpression[callee.name='Date']", message: CLOCK },
];
const CLOCK_IMPORTS = [
  ...[
    'node:timers',
    'node:timers/promises',
    'timers',
    'timers/promises',
    'node:perf_hooks',
    'perf_hooks',
  ].map((name) => ({
    name,
    message: CLOCK,
  })),
  ...['node:crypto', 'crypto'].map((name) => ({
    name,
    importNames: [
      'randomBytes',
      'randomFill',
      'randomFillSync',
      'randomInt',
      'randomUUID',
      'getRandomValues',
      'webcrypto',
    ],
    message: CHANCE,
  })),
];
const NAMED_EXPORTS = {
  selector: 'ExportDefaultDeclaration',
  message: 'Named exports only: one name for one thing, wherever it is imported.',
};

const NO_SKIPS = [
  {
    selector:
      'CallExpression[callee.object.name=/^(describe|it|test)$/][callee.property.name=/^(skip|only|todo)$/]',
    message:
      'A suite whose server is absent says so by name; nothing else is skipped, focused or left to do.',
  },
  {
    selector: 'CallExpression[callee.name=/^(xdescribe|xit|xtest|fdescribe|fit)$/]',
    message: 'Nothing is skipped or focused.',
  },
];

export default defineConfig(
  globalIgnores(['dist/', 'coverage/', '.data/', 'node_modules/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  eslint.configs.recommended,

  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      // One program for sources, specs and tests: the project service would open one per folder.
      parserOptions: {
        project: ['test/tsconfig.json'],
        tsconfigRootDir: fileURLToPath(new URL('..', import.meta.url)),
      },
    },
    plugins: { house: { rules: { 'injected-value-imports': injectedValueImports } } },
    rules: {
      'house/injected-value-imports': 'error',
      'no-restricted-syntax': ['error', NAMED_EXPORTS],
      '@typescript-eslint/no-floating-promises': 'error',
      // Silent in files that hold decorators: a class that Nest injects must stay a value import.
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/consistent-type-exports': 'error',
      // A Nest module is an empty class whose decorator says everything.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      // An abstract class is type and Nest token in one: what stands behind it may be a plain object.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/no-misused-spread': ['error', { allow: [{ from: 'file', name: 'AppConfig' }] }],
      // Ports in the vocabulary declare commands without fields of their own as empty interfaces.
      '@typescript-eslint/no-empty-object-type': ['error', { allowInterfaces: 'with-single-extends' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      eqeqeq: 'error',
    },
  },

  {
    files: ['src/**/*.ts', 'projections/**/*.ts'],
    ignores: ['src/clock/**'],
    rules: {
      'no-restricted-globals': ['error', ...TIMER_GLOBALS],
      'no-restricted-properties': ['error', ...CLOCK_PROPERTIES],
      'no-restricted-imports': ['error', { paths: CLOCK_IMPORTS }],
      'no-restricted-syntax': ['error', NAMED_EXPORTS, ...NEW_DATE_OF_NOW],
      'no-console': 'error',
    },
  },

  {
    files: ['**/*.spec.ts', 'test/**/*.ts'],
    // Jest's matchers read methods off their objects on purpose.
    rules: { '@typescript-eslint/unbound-method': 'off' },
  },
  {
    files: ['{src,projections}/**/*.spec.ts'],
    rules: { 'no-restricted-syntax': ['error', NAMED_EXPORTS, ...NEW_DATE_OF_NOW, ...NO_SKIPS] },
  },
  {
    files: ['test/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', NAMED_EXPORTS, ...NO_SKIPS] },
  },

  {
    // A declaration file says what a package exports, not what we would like it to.
    files: ['**/*.d.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },

  {
    files: ['**/*.{mjs,cjs,js}'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: {
      globals: Object.fromEntries(
        ['process', 'console', 'URL', 'Buffer', 'fetch', 'AbortSignal', 'setTimeout', 'module'].map(
          (name) => [name, 'readonly'],
        ),
      ),
    },
  },

  prettier,
);
