import client from '../../client-vscode/eslint.config.mjs';

/** The extension's own rules; the packages are the extension's too. */
export default [
  ...client,
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
  },
  {
    files: ['fixtures.ts'],
    // vitest reads a fixture's needs from its first parameter, which must be destructured.
    rules: { 'no-empty-pattern': 'off' },
  },
  { ignores: ['workspaces/', 'artefacts/'] },
];
