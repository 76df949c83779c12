import { expect, test } from 'vitest';

import manifest from '../package.json';
import { COMMANDS } from '../src/commands';
import { LINKED_COMMANDS, commandLink } from '../src/links';

test('a link carries its arguments encoded, and its title cannot end it', () => {
  expect(commandLink('Ask [it](x)', COMMANDS.ask, { question: 'a b' })).toBe(
    '[Ask \\[it\\](x)](command:inglenook.ask?%5B%7B%22question%22%3A%22a%20b%22%7D%5D)',
  );
});

test('a command that is not in the list has no link', () => {
  expect(() => commandLink('Stop', COMMANDS.stop)).toThrow('not in the list');
});

test('package.json declares each command that the code names, and no other', () => {
  const declared = manifest.contributes.commands.map(({ command }) => command);
  expect([...declared].sort()).toEqual(Object.values<string>(COMMANDS).sort());
  expect(declared).toEqual(expect.arrayContaining([...LINKED_COMMANDS]));
});
