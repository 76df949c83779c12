import fs from 'node:fs';

import { chromium, type Browser as Chromium, type BrowserContext, type Page } from 'playwright-core';

/** The size of a window where a test wants no other. */
export const SIZE = { width: 1280, height: 800 } as const;

const FLAGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync', '--force-color-profile=srgb', '--font-render-hinting=none'],
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1', // what would leave this machine fails
];
/** Files of an extension bear such names in a webview; VS Code's service worker answers for them, inside of the page. */
const IN_PAGE = '.vscode-resource.vscode-cdn.net';
const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** A browser without a screen, shared by the tests of a file. */
export class Browser implements AsyncDisposable {
  /** Requests to anything but the VS Code that was opened; there must be none. */
  readonly outside: string[] = [];
  readonly #chromium: Chromium;

  private constructor(chromium_: Chromium) {
    this.#chromium = chromium_;
  }

  /** Starts the browser that the variable CHROMIUM names, or the system's. */
  static async launch(): Promise<Browser> {
    const executablePath = process.env['CHROMIUM'] ?? PLACES.find((place) => fs.existsSync(place));
    if (!executablePath) throw new Error('There is no Chromium. Run tests/vscode/prepare.sh, or name one in CHROMIUM.');
    return new Browser(await chromium.launch({ executablePath, headless: true, args: FLAGS }));
  }

  /** Opens a page that shares nothing with any other: no storage, no state of the workbench. */
  async page(origin: string): Promise<Page> {
    const context = await this.#chromium.newContext({
      viewport: SIZE,
      permissions: ['clipboard-read', 'clipboard-write'],
      reducedMotion: 'reduce',
    });
    this.#watch(context, origin);
    return context.newPage();
  }

  #watch(context: BrowserContext, origin: string): void {
    context.on('request', (request) => {
      const { protocol, origin: asked, hostname } = new URL(request.url());
      const leaves = /^(https?|wss?):$/.test(protocol) && asked !== origin && !hostname.endsWith(IN_PAGE);
      if (leaves) this.outside.push(request.url());
    });
  }

  /** Closes every page and the browser. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#chromium.close();
  }
}
