import path from 'node:path';

import { replaceFile } from './scratch.ts';

/** Values by dotted key, as in settings.json. */
export type Settings = Readonly<Record<string, unknown>>;

/** What a theme is called in `workbench.colorTheme`. */
export const THEMES = {
  dark: 'Dark 2026',
  light: 'Light 2026',
  highContrast: 'Default High Contrast',
  highContrastLight: 'Default High Contrast Light',
} as const;

/** A VS Code that neither greets nor asks nor calls home. */
export const QUIET: Settings = {
  'workbench.colorTheme': THEMES.dark,
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.enableExperiments': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'editor.minimap.enabled': false,
  'editor.stickyScroll.enabled': false, // a second copy of a line
  'files.autoSave': 'off',
  'files.simpleDialog.enable': true,
  'chat.disableAIFeatures': true,
  'git.openRepositoryInParentFolders': 'never',
  'security.workspace.trust.enabled': false,
};

/**
 * Writes the settings of a user-data folder; windows that are open take them over.
 *
 * A window in a browser is a remote one: settings that belong to the machine count only in the machine's own file.
 */
export async function writeSettings(userData: string, settings: Settings): Promise<void> {
  const machine = Object.fromEntries(Object.entries(settings).filter(([key]) => key.startsWith('inglenook.')));
  await replaceFile(path.join(userData, 'Machine/settings.json'), JSON.stringify(machine, null, 2));
  await replaceFile(path.join(userData, 'User/settings.json'), JSON.stringify(settings, null, 2));
}
