import js from '@eslint/js';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'coverage/'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: ['./tsconfig.json', './test/tsconfig.json'] } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['**/*.mjs', '**/*.js', '**/*.cjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        module: 'writable',
        setTimeout: 'readonly',
        performance: 'readonly',
        fetch: 'readonly',
        Buffer: 'readonly',
      },
    },
  },
  // vitest's asymmetric matchers (expect.stringContaining …) are typed any.
  { files: ['test/**/*.ts'], rules: { '@typescript-eslint/no-unsafe-assignment': 'off' } },
  // What is printed goes through one place, which replaces what a terminal would act on.
  {
    files: ['src/commands/**/*.ts', 'src/lib/**/*.ts'],
    ignores: ['src/lib/ui/output/terminal.ts'],
    rules: {
      'no-console': 'error',
      'no-restricted-syntax': [
        'error',
        {
          selector: "CallExpression[callee.property.name='write']:has(Identifier[name='process'])",
          message: 'Print with ui/output/terminal.ts.',
        },
        {
          selector: "CallExpression[callee.object.type='ThisExpression'][callee.property.name=/^log(ToStderr)?$/]",
          message: 'Print with say, warn, note or table.',
        },
      ],
    },
  },
  // Only commands and ui know oclif.
  {
    files: ['src/lib/**/*.ts'],
    ignores: ['src/lib/ui/**'],
    rules: { 'no-restricted-imports': ['error', { paths: ['@oclif/core', 'inquirer', 'ora', 'string-width'] }] },
  },
);
