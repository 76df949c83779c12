import { COMMANDS, type CommandId } from './commands';

/**
 * The commands that a link in Markdown of ours may run, also in the server's hovers. Each asks or shows; none changes a
 * file, a setting or the machine.
 */
export const LINKED_COMMANDS: readonly CommandId[] = [
  COMMANDS.ask,
  COMMANDS.explain,
  COMMANDS.search,
  COMMANDS.showTrace,
];
