import { readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import { isRecord } from '../guards';
import type { Citation, Trace } from '../protocol';
import { type Answer, isOpen, stopped } from './conversation';

/** Another number wherever an answer takes another form. */
const VERSION = 1;
/** Read whenever a window opens. */
const MOST_CHARACTERS = 250_000;
/** What is left of the rows of an answer that alone is more than that: as many as its words list. */
const MOST_ROWS = 50;
const LONGEST_LINE = 200;

/**
 * The conversation of a workspace, for the window that comes next. It lies in a file, since VS Code writes its own
 * storage some seconds later, and in a browser not at all when the page is gone before.
 */
export class ConversationMemory {
  #written: Promise<void> = Promise.resolve();

  /** Without a file, as where no folder is open, nothing is kept. */
  constructor(
    private readonly file: string | undefined,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  get answers(): readonly Answer[] {
    if (this.file === undefined) {
      return [];
    }
    try {
      const kept: unknown = JSON.parse(readFileSync(this.file, 'utf8'));
      return isRecord(kept) && kept['version'] === VERSION && Array.isArray(kept['answers'])
        ? kept['answers'].filter(isAnswer)
        : [];
    } catch {
      return []; // there is none, or none that can be read
    }
  }

  /** Keeps the newest answers; what is still open will have been stopped. Resolves once it is on the disk. */
  keep(answers: readonly Answer[]): Promise<void> {
    const { file } = this;
    if (file !== undefined) {
      this.#written = this.#written.then(() => write(file, newest(answers))).catch(this.onFailure);
    }
    return this.#written;
  }
}

/** Whole or not at all, whenever the window goes. */
async function write(file: string, answers: readonly string[]): Promise<void> {
  if (answers.length === 0) {
    await rm(file, { force: true });
    return;
  }
  const partial = `${file}.${process.pid}`;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(partial, `{"version":${VERSION},"answers":[${answers.join(',')}]}`, { mode: 0o600 });
  await rename(partial, file);
}

function isAnswer(value: unknown): value is Answer {
  return isRecord(value) && typeof value['id'] === 'number' && isRecord(value['question']);
}

/** As many of the newest answers as there is room for, as JSON; the last one in any case. */
function newest(answers: readonly Answer[]): readonly string[] {
  const kept: string[] = [];
  let left = MOST_CHARACTERS;
  for (const answer of answers.toReversed()) {
    const text = textOf(isOpen(answer) ? stopped(answer) : answer);
    left -= text.length;
    if (kept.length > 0 && left < 0) {
      break;
    }
    kept.unshift(text);
  }
  return kept;
}

function textOf(answer: Answer): string {
  const text = JSON.stringify(answer);
  return text.length > MOST_CHARACTERS ? JSON.stringify(shortened(answer)) : text;
}

function shortened({ trace, ...answer }: Answer): Answer {
  const evidence = answer.evidence.slice(0, MOST_ROWS).map(withShortLine);
  const citations = answer.citations.slice(0, MOST_ROWS).map(withShortLine);
  return { ...answer, citations, evidence, spans: [], ...(trace === undefined ? {} : { trace: withoutPlaces(trace) }) };
}

function withShortLine(citation: Citation): Citation {
  return { ...citation, text: citation.text.slice(0, LONGEST_LINE) };
}

function withoutPlaces(trace: Trace): Trace {
  return { ...trace, spans: trace.spans.map((span) => ({ ...span, locations: [] })) };
}
