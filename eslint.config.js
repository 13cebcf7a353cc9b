import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import boundaries from 'eslint-plugin-boundaries';
import { defineConfig, globalIgnores } from 'eslint/config';
import ts from 'typescript-eslint';

const element = (type) => ({ element: { type } });
const may = (from, ...to) => ({ from: element(from), allow: to.map((type) => ({ to: element(type) })) });

// Who may import whom. core imports no one; a plugin imports core, never another plugin; a backend core and compiler.
const packages = {
  core: [],
  autograd: ['core'],
  compiler: ['core'],
  'cpu-backend': ['core', 'compiler'],
  'webgpu-backend': ['core', 'compiler'],
  losses: ['core'],
  optimizers: ['core'],
  metrics: ['core'],
  data: ['core'],
  formats: ['core'],
  nn: ['core', 'autograd'],
  train: ['core', 'autograd', 'data', 'formats', 'metrics', 'nn'],
  testkit: ['core', 'autograd', 'compiler'],
  cli: ['core', 'autograd', 'data', 'formats', 'metrics', 'nn', 'train'],
};
const everything = Object.keys(packages);

export default defineConfig(
  globalIgnores(['**/dist', '**/coverage', '**/.turbo', 'packs']),
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [ts.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowArray: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/require-await': 'off', // an interface may be asynchronous for others' sake
    },
  },
  {
    // they also run in browsers
    files: ['packages/*/src/**/*.ts'],
    ignores: ['packages/{cli,kindling}/src/**', 'packages/data/src/node.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        { patterns: [{ group: ['node:*'], allowTypeImports: true, message: 'This package also runs in browsers.' }] },
      ],
    },
  },
  {
    // tests look at what types hide
    files: ['packages/*/test/**/*.ts', 'examples/**/*.ts'],
    rules: {
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        WebAssembly: 'readonly',
        performance: 'readonly',
        setTimeout: 'readonly',
      },
    },
  },
  {
    files: ['apps/bench/src/page/**/*.mjs'],
    languageOptions: {
      globals: {
        Blob: 'readonly',
        LIBRARY_VERSIONS: 'readonly', // see its vite.config.mjs
        URLSearchParams: 'readonly',
        document: 'readonly',
        location: 'readonly',
        navigator: 'readonly',
      },
    },
  },
  {
    files: ['packages/*/src/**/*.ts'],
    plugins: { boundaries },
    settings: {
      'import/resolver': { typescript: { project: './tsconfig.json' } },
      'boundaries/elements': [...everything, 'kindling'].map((name) => ({ type: name, pattern: `packages/${name}` })),
    },
    rules: {
      'boundaries/dependencies': [
        'error',
        {
          default: 'disallow',
          policies: [
            ...everything.map((name) => may(name, name, ...packages[name])),
            may('kindling', 'kindling', ...everything),
          ],
        },
      ],
    },
  },
  prettier,
);
