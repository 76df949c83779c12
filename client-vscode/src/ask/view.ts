import { randomBytes } from 'node:crypto';

import {
  Disposable,
  type Uri,
  Uri as UriOf,
  type Webview,
  type WebviewView,
  type WebviewViewProvider,
  commands,
} from 'vscode';

import { VIEW } from '../commands';
import { type FromView, type ToView, parseMessage } from './messages';
import { page } from './page';

/** What the view is told, and who hears of what it asks for. */
export interface ViewHost {
  /** Everything, for a page that was just made. */
  state(): ToView;
  handle(message: FromView): void;
}

/** The webview view. The page may be gone at any time: it is made again from what the host knows. */
export class AskView implements WebviewViewProvider {
  #webview: Webview | undefined;
  /** What is to be told once the page listens. */
  #pending: ToView[] = [];
  #listening = false;

  constructor(
    private readonly extension: Uri,
    private readonly host: ViewHost,
  ) {}

  resolveWebviewView(view: WebviewView): void {
    const { webview } = view;
    const dist = UriOf.joinPath(this.extension, 'dist');
    webview.options = { enableScripts: true, localResourceRoots: [dist] };
    this.#webview = webview;
    this.#listening = false;
    const subscriptions = Disposable.from(
      webview.onDidReceiveMessage((data: unknown) => {
        this.#hear(data);
      }),
      view.onDidDispose(() => {
        subscriptions.dispose();
        if (this.#webview === webview) {
          this.#webview = undefined; // else the view has moved, and another page is there already
          this.#listening = false;
        }
      }),
      view.onDidChangeVisibility(() => {
        this.#listening &&= view.visible; // a hidden page is thrown away, and says `ready` when it is back
      }),
    );
    webview.html = page({
      script: webview.asWebviewUri(UriOf.joinPath(dist, 'webview.js')).toString(),
      style: webview.asWebviewUri(UriOf.joinPath(dist, 'webview.css')).toString(),
      source: webview.cspSource,
      nonce: randomBytes(16).toString('base64url'),
    });
  }

  /** Shows the view with the focus in it. */
  async reveal(): Promise<void> {
    await commands.executeCommand(`${VIEW}.focus`);
  }

  /** Tells the page, if there is one: what it misses is in the state that a new one is given. */
  post(message: ToView): void {
    if (this.#listening) {
      void this.#webview?.postMessage(message);
    }
  }

  /** Tells the page now, or once it listens. */
  postLater(message: ToView): void {
    if (this.#listening) {
      this.post(message);
    } else {
      this.#pending.push(message);
    }
  }

  #hear(data: unknown): void {
    const message = parseMessage(data);
    if (message?.type === 'ready') {
      this.#listening = true;
      const pending = this.#pending;
      this.#pending = [];
      [this.host.state(), ...pending].forEach((one) => {
        this.post(one);
      });
    } else if (message !== undefined) {
      this.host.handle(message);
    }
  }
}
