// Codicons by Microsoft, CC BY 4.0: only those that are used, as text in the bundle.
import arrowUp from '@vscode/codicons/src/icons/arrow-up.svg';
import check from '@vscode/codicons/src/icons/check.svg';
import checkAll from '@vscode/codicons/src/icons/check-all.svg';
import chevronDown from '@vscode/codicons/src/icons/chevron-down.svg';
import chevronRight from '@vscode/codicons/src/icons/chevron-right.svg';
import close from '@vscode/codicons/src/icons/close.svg';
import cloudDownload from '@vscode/codicons/src/icons/cloud-download.svg';
import copy from '@vscode/codicons/src/icons/copy.svg';
import edit from '@vscode/codicons/src/icons/edit.svg';
import error from '@vscode/codicons/src/icons/error.svg';
import goToFile from '@vscode/codicons/src/icons/go-to-file.svg';
import info from '@vscode/codicons/src/icons/info.svg';
import loading from '@vscode/codicons/src/icons/loading.svg';
import refresh from '@vscode/codicons/src/icons/refresh.svg';
import search from '@vscode/codicons/src/icons/search.svg';
import stop from '@vscode/codicons/src/icons/debug-stop.svg';
import symbols from '@vscode/codicons/src/icons/symbol-class.svg';
import terminal from '@vscode/codicons/src/icons/terminal.svg';
import thinking from '@vscode/codicons/src/icons/lightbulb.svg';
import file from '@vscode/codicons/src/icons/file-code.svg';
import exported from '@vscode/codicons/src/icons/export.svg';
import references from '@vscode/codicons/src/icons/references.svg';
import watch from '@vscode/codicons/src/icons/watch.svg';
import warning from '@vscode/codicons/src/icons/warning.svg';
import { type TemplateResult, html } from 'lit-html';
import { unsafeSVG } from 'lit-html/directives/unsafe-svg.js';

const ICONS = {
  arrowUp,
  check,
  checkAll,
  chevronDown,
  chevronRight,
  close,
  cloudDownload,
  copy,
  edit,
  error,
  exported,
  file,
  goToFile,
  info,
  loading,
  references,
  refresh,
  search,
  stop,
  symbols,
  terminal,
  thinking,
  warning,
  watch,
} as const;

/** The name of an icon. */
export type IconName = keyof typeof ICONS;

/** An icon, for the eye alone: whatever it stands on says the same in words. */
export function icon(name: IconName): TemplateResult {
  return html`<span class="icon icon-${name}" aria-hidden="true">${unsafeSVG(ICONS[name])}</span>`;
}
