// Typed lint for src and tests, and the direction of imports between the layers (design: "Imports go one way").
import { importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/** A layer may import only from itself and the layers named for it here. */
const layers = {
  contract: [],
  gemini: ['contract'],
  workflow: ['contract'],
  activities: ['contract', 'gemini'],
  client: ['contract'],
  worker: ['contract', 'gemini', 'activities'],
  testing: ['contract'],
  cli: ['contract', 'gemini', 'client', 'worker', 'testing'],
};

const zones = Object.entries(layers).flatMap(([layer, allowed]) =>
  Object.keys(layers)
    .filter((other) => other !== layer && !allowed.includes(other))
    .map((other) => ({
      target: `./src/${layer}`,
      from: `./src/${other}`,
      message: `${layer} must not import ${other}`,
    })),
);

const nodeBuiltins = {
  group: ['node:*', 'fs', 'fs/*', 'path', 'os', 'crypto', 'http', 'https', 'net', 'child_process', 'stream', 'timers', 'timers/*'],
  message: 'This code must load without Node built-ins.',
};

const restrict = (files, groups) => ({
  files,
  rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns: groups }] },
});

export default tseslint.config(
  { ignores: ['dist', 'coverage', '.cache', 'node_modules'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    plugins: { 'import-x': importX },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    settings: { 'import-x/resolver': { typescript: false, node: { extensions: ['.ts', '.js'] } } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      eqeqeq: ['error', 'smart'],
      'no-console': 'error',
      'import-x/no-default-export': 'error',
    },
  },
  { files: ['src/cli/**', 'scripts/**'], rules: { 'no-console': 'off' } },
  { files: ['vitest.config.ts'], rules: { 'import-x/no-default-export': 'off' } },
  restrict(['src/contract/**', 'src/workflow/**'], [
    nodeBuiltins,
    { group: ['@temporalio/worker', '@temporalio/client', '@temporalio/activity', '@google/genai'], message: 'Sandbox-safe code only.' },
  ]),
  restrict(['src/client/**'], [{ group: ['@temporalio/worker', '@temporalio/core-bridge', '@google/genai'], message: 'The client loads no native module.' }]),
  restrict(['src/gemini/**'], [{ group: ['@temporalio/*'], message: 'The Files API layer knows nothing of Temporal.' }]),
);
