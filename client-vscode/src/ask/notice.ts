import { COMMANDS, type CommandId, MANAGE_TRUST } from '../commands';
import type { StatusParams } from '../protocol';
import type { ServerState } from '../server/state';
import { RESTRICTION, describe } from '../status/describe';

/** A command that a notice may offer. */
export type NoticeCommand = CommandId | typeof MANAGE_TRUST;

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
const UNTRUSTED: Notice = {
  severity: 'information',
  text: `${RESTRICTION.join(': ')}.`,
  action: { title: 'Manage Workspace Trust', command: MANAGE_TRUST },
};

/** What the view says above the question box; nothing where a question is answered at once, and everything works. */
export function noticesOf(server: ServerState, status: StatusParams | undefined, trusted: boolean): readonly Notice[] {
  return [...(isOrdinary(server, status) ? [] : [engineNotice(server, status)]), ...(trusted ? [] : [UNTRUSTED])];
}

function engineNotice(server: ServerState, status: StatusParams | undefined): Notice {
  const { summary, text, severity, busy, actions } = describe(server, status, true);
  const actionable = severity !== 'information' || server.kind === 'starting';
  const command = actionable ? actions.find((action): action is CommandId => action in TITLES) : undefined;
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
