// Typed lint for src and tests, and the direction of imports between the layers (design: "Imports go one way").
import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/** A layer may import only from itself, from `util`, and from the layers that are listed here. */
const layers = {
  util: [],
  contract: [],
  gemini: ['contract'],
  sources: ['contract', 'gemini'],
  workflow: ['contract'],
  activities: ['contract', 'gemini', 'sources'],
  client: ['contract'],
  worker: ['contract', 'gemini', 'sources', 'activities'],
  testing: ['contract'],
  nexus: ['contract'],
  cli: ['contract', 'gemini', 'sources', 'client', 'worker', 'testing'],
};

const zones = Object.entries(layers).flatMap(([layer, allowed]) =>
  Object.keys(layers)
    .filter((other) => other !== layer && other !== 'util' && !allowed.includes(other))
    .map((other) => ({
      target: `./src/${layer}`,
      from: `./src/${other}`,
      message: `${layer} must not import ${other}`,
    })),
);

const nodeBuiltins = {
  group: [
    'node:*',
    'fs',
    'fs/*',
    'path',
    'os',
    'crypto',
    'http',
    'https',
    'net',
    'child_process',
    'stream',
    'timers',
    'timers/*',
  ],
  message: 'This code must load without Node built-ins.',
};

/** A variable that is not declared read-only. */
const MUTABLE =
  'VariableDeclaration > VariableDeclarator:not([id.typeAnnotation.typeAnnotation.typeName.name=/^Readonly/])';

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
    settings: {
      'import-x/resolver-next': [
        createNodeResolver({ extensions: ['.ts', '.js'], extensionAlias: { '.js': ['.ts', '.js'] } }),
      ],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      eqeqeq: ['error', 'smart'],
      'no-console': 'error',
      'import-x/no-default-export': 'error',
      'import-x/no-cycle': 'error',
      'import-x/no-restricted-paths': ['error', { zones, basePath: import.meta.dirname }],
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector:
            'Property[key.name=/^maxConcurrent(Workflow|Activity|Nexus)TaskPolls$/]:not(ObjectPattern > *)',
          message: 'The SDK does not read it. Use workflowTaskPollerBehavior and the like.',
        },
      ],
      'no-restricted-properties': [
        'error',
        {
          object: 'AbortSignal',
          property: 'timeout',
          message: 'Use withTimeout of src/util: see its comment.',
        },
        {
          object: 'process',
          property: 'exit',
          message: 'It drops output that a pipe has not taken yet. Use exitSoon of src/cli/terminal.',
        },
      ],
    },
  },
  // All runs of the shipped workflows share these modules (see src/workflow/run-state.ts). A WeakMap shows a run nothing of another one, if
  // its keys are objects that the run has made.
  {
    files: ['src/{workflow,contract,util}/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...[
          '> VariableDeclaration[kind=/let|var/]',
          `> ${MUTABLE} > NewExpression:not([callee.name=/^(WeakMap|WeakSet|RegExp)$/])`,
          `> ${MUTABLE} > :matches(ObjectExpression[properties.length=0], ArrayExpression[elements.length=0])`,
          `> ${MUTABLE} > :matches(TSAsExpression, TSSatisfiesExpression) > :matches(NewExpression, ObjectExpression[properties.length=0], ArrayExpression[elements.length=0])`,
          `> ${MUTABLE} > ObjectExpression > Property > NewExpression`,
          '> VariableDeclaration > VariableDeclarator > Literal[regex.flags=/[gy]/]',
          "> VariableDeclaration > VariableDeclarator > NewExpression[callee.name='RegExp'][arguments.1.value=/[gy]/]",
          '> ClassDeclaration PropertyDefinition[static=true]:not([readonly=true])',
          '> ClassDeclaration PropertyDefinition[static=true] > NewExpression',
          '> ExpressionStatement > AssignmentExpression',
        ].flatMap((state) =>
          ['Program', 'Program > ExportNamedDeclaration'].map((scope) => ({
            selector: `${scope} ${state}`,
            message: 'All runs of a worker share this variable: use runState, or declare it read-only.',
          })),
        ),
      ],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector:
            'Program:has(MemberExpression[property.name="concurrent"]) MemberExpression[object.name="expect"][property.name="poll"]',
          message: 'Use eventually of test/support: expect.poll needs the one test that runs.',
        },
      ],
    },
  },
  // It prints to the test runner's console.
  { files: ['test/support/global-setup.ts'], rules: { 'no-console': 'off' } },
  // What vitest loads by its default export.
  {
    files: ['vitest.config.ts', 'test/support/global-setup.ts'],
    rules: { 'import-x/no-default-export': 'off' },
  },
  restrict(
    ['src/contract/**', 'src/workflow/**'],
    [
      nodeBuiltins,
      {
        group: ['@temporalio/worker', '@temporalio/client', '@temporalio/activity', '@google/genai'],
        message: 'Sandbox-safe code only.',
      },
    ],
  ),
  restrict(
    ['src/client/**'],
    [
      {
        group: ['@temporalio/worker', '@temporalio/core-bridge', '@google/genai'],
        message: 'The client loads no native module.',
      },
    ],
  ),
  restrict(
    ['src/gemini/**'],
    [{ group: ['@temporalio/*'], message: 'The Files API layer knows nothing of Temporal.' }],
  ),
);
