import type { AskPart } from '../protocol';
import type { About, Answer, FoldedAnswer, PlaceList, Step } from './conversation';
import type { Notice } from './notice';

/** What the view is told. */
export type ToView =
  /** Everything, when the page is made and after a new conversation. */
  | {
      readonly type: 'state';
      readonly answers: readonly (Answer | FoldedAnswer)[];
      /** Earlier questions, the newest last. */
      readonly history: readonly string[];
      readonly notice: Notice | null;
      readonly about: About | null;
    }
  /** An answer is new, has come to its end, or was asked for. */
  | { readonly type: 'answer'; readonly answer: Answer }
  | { readonly type: 'part'; readonly id: number; readonly part: AskPart }
  | { readonly type: 'step'; readonly id: number; readonly step: Step }
  | { readonly type: 'notice'; readonly notice: Notice | null }
  /** What the next question is about. */
  | { readonly type: 'about'; readonly about: About | null }
  | { readonly type: 'focus' }
  /** Opens the trace of the last answer. */
  | { readonly type: 'trace' };

/** What the view asks for. */
export type FromView =
  | { readonly type: 'ready' }
  | { readonly type: 'ask'; readonly question: string }
  | { readonly type: 'stop' }
  | { readonly type: 'dropAbout' }
  | { readonly type: 'notice' }
  | { readonly type: 'retry' | 'unfold'; readonly id: number }
  | { readonly type: 'copy' | 'openDocument' | 'exportTrace' | 'mend'; readonly id: number }
  | { readonly type: 'copyCode'; readonly text: string }
  | { readonly type: 'openLink'; readonly url: string }
  | {
      readonly type: 'openPlace';
      readonly id: number;
      readonly list: PlaceList;
      readonly index: number;
      /** Whether to open it to the side. */
      readonly aside: boolean;
    };

/** Longer texts come from no question box and no code block. */
const MOST_CHARACTERS = 100_000;

/** Reads a message of the view, which is data like any other; undefined where it is none. */
export function parseMessage(data: unknown): FromView | undefined {
  if (typeof data !== 'object' || data === null || !('type' in data)) {
    return undefined;
  }
  const message = data as Readonly<Record<string, unknown>>;
  const { type, id } = message;
  switch (type) {
    case 'ready':
    case 'stop':
    case 'dropAbout':
    case 'notice':
      return { type };
    case 'retry':
    case 'unfold':
      return isIndex(id) ? { type, id } : undefined;
    case 'copy':
    case 'openDocument':
    case 'exportTrace':
    case 'mend':
      return isIndex(id) ? { type, id } : undefined;
    case 'ask':
      return isText(message['question']) ? { type, question: message['question'] } : undefined;
    case 'copyCode':
      return isText(message['text']) ? { type, text: message['text'] } : undefined;
    case 'openLink':
      return isText(message['url']) && message['url'].startsWith('https://')
        ? { type, url: message['url'] }
        : undefined;
    case 'openPlace':
      return openPlace(message);
    default:
      return undefined;
  }
}

function openPlace({ id, list, index, aside }: Readonly<Record<string, unknown>>): FromView | undefined {
  const isList = list === 'citations' || list === 'evidence' || isIndex(list);
  return isIndex(id) && isList && isIndex(index) && typeof aside === 'boolean'
    ? { type: 'openPlace', id, list, index, aside }
    : undefined;
}

function isIndex(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.length <= MOST_CHARACTERS;
}
