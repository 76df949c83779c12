/** Our commands, as package.json declares them. */
export const COMMANDS = {
  ask: 'inglenook.ask',
  askSelection: 'inglenook.askSelection',
  search: 'inglenook.search',
  explain: 'inglenook.explain',
  newConversation: 'inglenook.newConversation',
  stop: 'inglenook.stop',
  showTrace: 'inglenook.showTrace',
  clearTrace: 'inglenook.clearTrace',
  selectModel: 'inglenook.selectModel',
  unloadModel: 'inglenook.unloadModel',
  setUp: 'inglenook.setUp',
  restartServer: 'inglenook.restartServer',
  showLog: 'inglenook.showLog',
  reportProblem: 'inglenook.reportProblem',
  openWalkthrough: 'inglenook.openWalkthrough',
  showActions: 'inglenook.showActions',
} as const;

/** The id of one of our commands. */
export type CommandId = (typeof COMMANDS)[keyof typeof COMMANDS];

/** VS Code's own command that grants a workspace trust. */
export const MANAGE_TRUST = 'workbench.trust.manage';

/** Context keys that package.json's `when` clauses read. */
export const CONTEXTS = {
  /** A question is being answered: Stop is there. */
  asking: 'inglenook.asking',
  /** The search box is open: the keys that open to the side are its own. */
  searching: 'inglenook.searching',
  /** A model can answer: the first step of the walkthrough is done. */
  modelReady: 'inglenook.modelReady',
} as const;

/** The webview view that answers stream into. */
export const VIEW = 'inglenook.view';
