import type { StatusParams } from './protocol';
import { type ServerState, stateLine } from './server/state';

/** What a report says apart from the doctor's findings. */
export interface Facts {
  readonly extension: string;
  readonly editor: string;
  readonly system: string;
  readonly trusted: boolean;
  readonly folders: number;
  readonly server: ServerState;
  readonly status: StatusParams | undefined;
}

/** The report, in Markdown. It names no file and no line of code. */
export function reportText(facts: Facts, doctor: string): string {
  const { extension, editor, system, trusted, folders, server, status } = facts;
  return [
    '## What happened',
    '',
    '(What did you do, what did you expect, what came instead?)',
    '',
    '## Where',
    '',
    `- Inglenook ${extension}, ${editor}, ${system}`,
    `- ${folders} ${folders === 1 ? 'folder' : 'folders'} open${trusted ? '' : ', Restricted Mode'}`,
    `- Server: ${stateLine(server)}`,
    `- Engine: ${JSON.stringify(status?.engine ?? null)}`,
    `- Index: ${JSON.stringify(status?.index ?? null)}`,
    '',
    '## Doctor',
    '',
    '```text',
    doctor.replaceAll('```', "'''"),
    '```',
    '',
  ].join('\n');
}

/** The arguments that make the server's program run its doctor; undefined where it is not known to have one. */
export function doctorArguments(serve: readonly string[]): readonly string[] | undefined {
  const at = serve.lastIndexOf('serve');
  return at < 0 ? undefined : [...serve.slice(0, at), 'doctor'];
}
