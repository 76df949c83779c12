import { expect, test } from 'vitest';

import manifest from '../package.json';
import { COMMANDS } from '../src/commands';
import { LINKED_COMMANDS } from '../src/links';

test('package.json declares each command that the code names, and no other', () => {
  const declared = manifest.contributes.commands.map(({ command }) => command);
  expect([...declared].sort()).toEqual(Object.values<string>(COMMANDS).sort());
  expect(declared).toEqual(expect.arrayContaining([...LINKED_COMMANDS]));
});
