import { type Disposable, Uri, env, window, workspace } from 'vscode';

import { runAction } from '../status/runAction';
import { type Answer, placeAt } from './conversation';
import { answerDocument } from './document';
import { exportTrace } from './export';
import type { FromView } from './messages';
import { Places } from './places';

/** A message that asks for something outside of the view. */
export type ActionMessage = Extract<
  FromView,
  { type: 'copy' | 'copyCode' | 'openDocument' | 'exportTrace' | 'openPlace' | 'openLink' | 'mend' }
>;

/** Does what the buttons and links of an answer ask for. */
export class AnswerActions implements Disposable {
  readonly #places = new Places();

  constructor(private readonly find: (id: number) => Answer | undefined) {}

  async run(message: ActionMessage): Promise<void> {
    if (message.type === 'copyCode') {
      await env.clipboard.writeText(message.text);
    } else if (message.type === 'openLink') {
      // VS Code itself asks before it opens a site that the person does not trust yet.
      await env.openExternal(Uri.parse(message.url, true));
    } else {
      const answer = this.find(message.id);
      if (answer !== undefined) {
        await this.#runOn(answer, message);
      }
    }
  }

  dispose(): void {
    this.#places.dispose();
  }

  async #runOn(answer: Answer, message: Exclude<ActionMessage, { type: 'copyCode' | 'openLink' }>): Promise<void> {
    switch (message.type) {
      case 'copy':
        await env.clipboard.writeText(answer.text.trim());
        return;
      case 'openDocument':
        await openDocument(answer);
        return;
      case 'exportTrace':
        await exportTrace(answer);
        return;
      case 'mend':
        await (answer.mishap?.mend && runAction(answer.mishap.mend));
        return;
      case 'openPlace': {
        const place = placeAt(answer, message.list, message.index);
        if (place !== undefined) {
          await this.#places.open(place, message.aside);
        }
      }
    }
  }
}

async function openDocument(answer: Answer): Promise<void> {
  const document = await workspace.openTextDocument({ language: 'markdown', content: answerDocument(answer) });
  await window.showTextDocument(document);
}
