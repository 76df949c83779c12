import { expect, test } from 'vitest';

import { doctorArguments, reportText } from '../src/reportText';
import { levelOf } from '../src/server/log';

test('the doctor is the program of the server, asked for something else', () => {
  expect(doctorArguments(['-m', 'lsp_server', 'serve', '--stdio'])).toEqual(['-m', 'lsp_server', 'doctor']);
  expect(doctorArguments(['run.py'])).toBeUndefined();
});

test('a report says where it happened, and the doctor cannot end its block', () => {
  const text = reportText(
    {
      extension: '0.1.0',
      editor: 'Visual Studio Code 1.95.0',
      system: 'linux x64',
      trusted: false,
      folders: 2,
      server: { kind: 'waiting', delayMs: 1000, reason: 'it was ended by SIGKILL.' },
      status: undefined,
    },
    'model ok\n```\n# Not a heading',
  );
  expect(text).toContain('- Inglenook 0.1.0, Visual Studio Code 1.95.0, linux x64\n- 2 folders open, Restricted Mode');
  expect(text).toContain('- Server: it was ended by SIGKILL. Next start in 1 s.');
  expect(text.split('```')).toHaveLength(3);
});

test('a line of the server’s log keeps its level', () => {
  expect(['ERROR lsp_server: no', 'WARNING x: y', 'Traceback (most recent call last):'].map(levelOf)).toEqual([
    'error',
    'warn',
    undefined,
  ]);
});
