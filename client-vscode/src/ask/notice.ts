import { COMMANDS, type CommandId } from '../commands';
import type { StatusParams } from '../protocol';
import type { ServerState } from '../server/state';
import { describe } from '../status/describe';

/** A command that a notice may offer. */
export type NoticeCommand = CommandId | 'workbench.trust.manage';

/** A quiet line of the view about engine, server or trust. */
export interface Notice {
  readonly severity: 'busy' | 'information' | 'warning' | 'error';
  /** One sentence. */
  readonly text: string;
  readonly action?: { readonly title: string; readonly command: NoticeCommand };
}

const TITLES: Readonly<Partial<Record<CommandId, string>>> = {
  [COMMANDS.setUp]: 'Set Up Model',
  [COMMANDS.selectModel]: 'Select Model',
  [COMMANDS.restartServer]: 'Restart Server',
  [COMMANDS.showLog]: 'Show Log',
};
const RESTRICTED: Notice = {
  severity: 'information',
  text: 'Restricted Mode: no command is run, and nothing outside the open folders is read.',
  action: { title: 'Manage Trust', command: 'workbench.trust.manage' },
};

/** What the view says above the question box; nothing where a question is answered at once. */
export function noticeOf(server: ServerState, status: StatusParams | undefined, trusted: boolean): Notice | undefined {
  if (isOrdinary(server, status)) {
    return trusted ? undefined : RESTRICTED;
  }
  const { summary, text, severity, busy, actions } = describe(server, status, trusted);
  const command = severity === 'information' ? undefined : actions.find((action) => TITLES[action] !== undefined);
  return {
    severity: busy ? 'busy' : severity,
    text: text.endsWith('%') ? `${summary.replace(/\.$/, '')}: ${text}` : summary,
    ...(command === undefined ? {} : { action: { title: TITLES[command] ?? command, command } }),
  };
}

function isOrdinary(server: ServerState, status: StatusParams | undefined): boolean {
  switch (server.kind) {
    case 'stopped':
      return true;
    case 'starting':
      return !server.slow;
    case 'running': {
      const state = status?.engine.state;
      return state === undefined || state === 'ready' || state === 'busy' || state === 'unloaded';
    }
    case 'needsSetUp':
    case 'waiting':
    case 'failed':
      return false;
  }
}
