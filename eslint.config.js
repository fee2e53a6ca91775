import js from '@eslint/js';
import tseslint from 'typescript-eslint';
import noImportCycle from './lint/no-import-cycle.js';

/** The way of the data through the program. A stage may import from those before it, never from those after it. */
const stages = [
  'acquire',
  'compute',
  'decode',
  'device',
  'condition',
  'heart',
  'window',
  'classify',
  'verdict',
  'screen',
  'record',
  'evaluate',
  'calibrate',
  'report',
  'simulate',
  'listen',
  'bedside',
  'publish',
  'health',
  'page',
  'ward',
  'appliance',
  'present',
];

const stageOrder = stages.map((stage, position) => ({
  files: [`src/${stage}/**/*.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            group: [...stages.slice(position + 1).map((later) => `**/${later}/**`), '**/index.js'],
            message: `${stage} comes earlier on the data's way: it must not know what follows it.`,
          },
        ],
      },
    ],
  },
}));

const noHashPrivate = { selector: 'PrivateIdentifier', message: 'Members are `private` here, not #private.' };

export default tseslint.config(
  // The compute module's source is AssemblyScript, which has its own compiler.
  { ignores: ['src/compute/kernel/', 'dist/', 'coverage/', 'tools/.venv/', 'tools/data/', 'tools/runs/'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      eqeqeq: 'error',
    },
  },
  {
    files: ['test/**/*.ts'],
    // chai's assertions are property accesses.
    rules: {
      '@typescript-eslint/no-unused-expressions': 'off',
      'no-restricted-syntax': ['error', noHashPrivate],
    },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly' } },
  },
  {
    files: ['src/**/*.ts'],
    plugins: { lubdub: { rules: { 'no-import-cycle': noImportCycle } } },
    rules: {
      'lubdub/no-import-cycle': 'error',
      'max-lines': ['error', 300],
      'no-restricted-syntax': [
        'error',
        noHashPrivate,
        {
          // Numbers, texts and patterns, and arithmetic of numbers.
          selector:
            ':matches(Program, ExportNamedDeclaration) > VariableDeclaration[kind=const] > ' +
            'VariableDeclarator[init.type=/^(Literal|UnaryExpression|BinaryExpression)$/] > Identifier.id[name=/[a-z]/]',
          message: 'A constant of a module that is a number or a text is SCREAMING_CASE.',
        },
      ],
    },
  },
  ...stageOrder,
);
