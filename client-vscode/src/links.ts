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

/** A Markdown link that runs one of the commands above. */
export function commandLink(title: string, command: CommandId, ...args: readonly unknown[]): string {
  if (!LINKED_COMMANDS.includes(command)) {
    throw new Error(`${command} is not in the list of linked commands.`);
  }
  const query = args.length === 0 ? '' : `?${encodeURIComponent(JSON.stringify(args))}`;
  return `[${title.replace(/[\\[\]]/g, '\\$&')}](command:${command}${query})`;
}
