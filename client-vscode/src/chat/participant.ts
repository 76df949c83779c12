import {
  type CancellationToken,
  type ChatContext,
  type ChatParticipant,
  type ChatPromptReference,
  type ChatRequest,
  type ChatResponseStream,
  type ChatResult,
  Location,
  ThemeIcon,
  Uri,
  chat,
} from 'vscode';

import type { Parts } from '../parts';
import type { AskContext, AskPart, Citation } from '../protocol';
import { editorRange, wireRange } from '../ranges';
import type { Failure } from '../server/failure';
import { mendings, sentence } from '../status/mending';
import { type AnswerMetadata, conversationOf } from './thread';
import { AnswerWriter, type Page } from './writer';

const PARTICIPANT = 'inglenook.codebase';

/** `@codebase` in VS Code's chat: the same questions and answers as in the view, by our own model. */
export function createParticipant(parts: Parts): ChatParticipant {
  const participant = chat.createChatParticipant(PARTICIPANT, (request, context, stream, token) =>
    answer(parts, request, context, stream, token),
  );
  participant.iconPath = new ThemeIcon('flame');
  return participant;
}

async function answer(
  { connection, failures }: Parts,
  request: ChatRequest,
  { history }: ChatContext,
  stream: ChatResponseStream,
  token: CancellationToken,
): Promise<ChatResult> {
  const conversationId = conversationOf(history, PARTICIPANT);
  const context = contextOf(request.references);
  const writer = new AnswerWriter(pageOf(stream));
  const onPart = (part: AskPart): void => {
    if (!token.isCancellationRequested) {
      writer.take(part); // a stream that was cancelled takes nothing more, and throws
    }
  };
  const params = {
    question: request.prompt,
    ...(context === undefined ? {} : { context }),
    ...(conversationId === undefined ? {} : { conversationId }),
  };
  try {
    const result = await connection.ask(params, { onPart }, token);
    writer.finish(result);
    return { metadata: { conversationId: result.conversationId } satisfies AnswerMetadata };
  } catch (error) {
    const failure = failures.log(error);
    const metadata = conversationId === undefined ? {} : { metadata: { conversationId } satisfies AnswerMetadata };
    if (token.isCancellationRequested) {
      return metadata;
    }
    writer.stop();
    return failure.isCancellation ? metadata : { ...metadata, ...failed(failure, stream) };
  }
}

/** Says what went wrong where the answer would stand; the conversation can go on. */
function failed(failure: Failure, stream: ChatResponseStream): ChatResult {
  for (const { title, command, argument } of mendings(failure)) {
    stream.button({ title, command, ...(argument === undefined ? {} : { arguments: [argument] }) });
  }
  return { errorDetails: { message: sentence(failure) } };
}

function pageOf(stream: ChatResponseStream): Page {
  return {
    words: (text) => {
      stream.markdown(text);
    },
    place: (citation, title) => {
      stream.anchor(locationOf(citation), title);
    },
    reference: (citation) => {
      stream.reference(locationOf(citation));
    },
    step: (summary) => {
      stream.progress(summary);
    },
  };
}

function locationOf({ uri, range }: Citation): Location {
  return new Location(Uri.parse(uri), editorRange(range));
}

/** What the question is about: the first place, else the first file, that is attached to it. */
function contextOf(references: readonly ChatPromptReference[]): AskContext | undefined {
  const values = references.map(({ value }) => value);
  const place = values.find((value) => value instanceof Location);
  if (place !== undefined) {
    return { textDocument: { uri: place.uri.toString() }, range: wireRange(place.range) };
  }
  const file = values.find((value) => value instanceof Uri);
  return file === undefined ? undefined : { textDocument: { uri: file.toString() } };
}
