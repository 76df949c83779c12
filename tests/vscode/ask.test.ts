import { describe, expect } from 'vitest';

import { screenshot } from './artefacts.ts';
import { test } from './fixtures.ts';
import { until } from './processes.ts';
import { protocolRules, PROTOCOLS } from './rules.ts';
import { AskView } from './view.ts';

/** Slow enough to be seen, whatever the machine. */
const SLOW = 0.2;

describe('asking', () => {
  test('an answer streams; its citation opens the line, and what is not there is no link', async ({
    window,
    model,
  }) => {
    await model.follows(protocolRules(SLOW));
    const view = await AskView.of(window);
    await view.ask(PROTOCOLS);
    await view.text('There are').waitFor();
    await view.button('Stop').first().waitFor();
    await window.says('At work.');
    expect(await view.footer().count()).toBe(0);
    await screenshot(window, 'ask-streaming');

    await model.follows(protocolRules());
    await view.footer().waitFor();
    await screenshot(window, 'ask-answer');
    expect(await view.link(/core\.py:400/).count()).toBe(0);
    await view
      .link(/core\.py:11/)
      .first()
      .click();
    await window.tab('core.py').waitFor();
    await until('the cursor is in the cited line', async () => (await window.cursor()).line === 11);
    await screenshot(window, 'ask-citation');
  });

  test('Stop ends an answer where it is, and the engine is free', async ({ window, model }) => {
    await model.follows(protocolRules(SLOW));
    const view = await AskView.of(window);
    await view.ask(PROTOCOLS);
    await view
      .text(/^There/)
      .first()
      .waitFor();
    await view.button('Stop').first().click();
    await window.says('Ready.');
    await view.text('Stopped').waitFor();
    await screenshot(window, 'ask-stopped');
    expect(await view.words()).toContain('There');
    expect(await view.words()).not.toContain('core.py:400');
    expect(await window.notifications.count()).toBe(0);
  });

  test('a second question goes on with the conversation, whose words are still computed', async ({ window, model }) => {
    await model.follows([...protocolRules(), { when: 'second', say: 'Openable is not there.' }]);
    const view = await AskView.of(window);
    await view.askThrough(PROTOCOLS);
    await view.askThrough('And the second?');
    expect(await view.words()).toMatch(/There are two[^]*And the second\?[^]*Openable is not there/);
    const [, cached] = /(\d+) % cached/.exec(await view.footer().innerText()) ?? [];
    expect(Number(cached)).toBeGreaterThan(80);
    await screenshot(window, 'ask-follow-up');
  });

  test('a conversation is still there after a reload, and goes on', async ({ window, model }) => {
    await model.follows(protocolRules());
    await (await AskView.of(window)).askThrough(PROTOCOLS);
    const view = await AskView.of(await window.reload());
    await view.footer().waitFor();
    await screenshot(window, 'ask-reloaded');
    const answer = await view.askThrough(PROTOCOLS);
    await answer.getByText('The model no longer knew what was said before this.').waitFor();
    await view
      .link(/core\.py:11/)
      .first()
      .click();
    await window.tab('core.py').waitFor();
  });

  test('an answer can be copied, asked again, and opened as a document', async ({ window, model }) => {
    await model.follows(protocolRules());
    const view = await AskView.of(window);
    await view.askThrough(PROTOCOLS);
    await view.button('Copy').first().click();
    await until('the answer is on the clipboard', async () => {
      const copied = await window.page.evaluate(() => navigator.clipboard.readText());
      return copied.includes('There are two');
    });
    await view.button('Open as Document').click();
    await window.line('There are two').waitFor();
    await screenshot(window, 'ask-document');
    await view.button('Retry').click();
    await view.footer().waitFor({ state: 'detached' });
    await view.footer().waitFor();
  });

  test('a question about a selection takes the selection along', async ({ window, model }) => {
    await model.follows([{ when: 'class Till', say: 'It takes money.' }]);
    await window.says('Ready.');
    await window.openFile('till.py');
    await window.goTo(13);
    await window.press('Shift+ArrowDown', 'Shift+ArrowDown');
    await window.run('Inglenook: Ask About Selection');
    const view = new AskView(window);
    await view.askThrough('What is it for?');
    expect(await view.words()).toContain('It takes money.');
    await screenshot(window, 'ask-selection');
  });

  test('an explanation comes into the view too, and can be made anew', async ({ window, model }) => {
    await model.follows([{ when: 'Till', say: 'It takes money.' }]);
    await window.says('Ready.');
    await window.openFile('till.py');
    await window.goTo(13, 8);
    await window.run('Inglenook: Explain Symbol');
    const view = new AskView(window);
    await view.text('Explain Till').waitFor();
    await view.text('It takes money.').waitFor();
    await screenshot(window, 'ask-explain');
    await view.button('Retry').click();
    await view.text('It takes money.').waitFor({ state: 'detached' }); // a second one is drawn at random
  });
});
