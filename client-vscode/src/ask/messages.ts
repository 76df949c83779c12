import { isCount, isRecord } from '../guards';
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
      readonly notices: readonly Notice[];
      readonly about: About | null;
    }
  /** An answer is new, has come to its end, or was asked for. */
  | { readonly type: 'answer'; readonly answer: Answer }
  | { readonly type: 'part'; readonly id: number; readonly part: AskPart }
  | { readonly type: 'step'; readonly id: number; readonly step: Step }
  | { readonly type: 'notices'; readonly notices: readonly Notice[] }
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
  /** Follows what a notice offers; the extension sees to it that one does. */
  | { readonly type: 'notice'; readonly command: string }
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
export const MOST_CHARACTERS = 100_000;

/** Reads a message of the view, which is data like any other; undefined where it is none. */
export function parseMessage(data: unknown): FromView | undefined {
  if (!isRecord(data)) {
    return undefined;
  }
  const { type, id } = data;
  switch (type) {
    case 'ready':
    case 'stop':
    case 'dropAbout':
      return { type };
    case 'notice':
      return isText(data['command']) ? { type, command: data['command'] } : undefined;
    case 'retry':
    case 'unfold':
    case 'copy':
    case 'openDocument':
    case 'exportTrace':
    case 'mend':
      return isCount(id) ? { type, id } : undefined;
    case 'ask':
      return isText(data['question']) ? { type, question: data['question'] } : undefined;
    case 'copyCode':
      return isText(data['text']) ? { type, text: data['text'] } : undefined;
    case 'openLink':
      return isText(data['url']) && data['url'].startsWith('https://') ? { type, url: data['url'] } : undefined;
    case 'openPlace':
      return openPlace(data);
    default:
      return undefined;
  }
}

function openPlace({ id, list, index, aside }: Readonly<Record<string, unknown>>): FromView | undefined {
  const isList = list === 'citations' || list === 'evidence' || isCount(list);
  return isCount(id) && isList && isCount(index) && typeof aside === 'boolean'
    ? { type: 'openPlace', id, list, index, aside }
    : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.length <= MOST_CHARACTERS;
}
