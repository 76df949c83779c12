import type { Answer } from './conversation';
import { placesIn } from './inWords';
import { type Resolved, unnamedEvidence } from './resolve';
import { timingLine } from './timing';

/** An answer as a Markdown document of its own. */
export function answerDocument(answer: Answer): string {
  const { question, text, trace, mishap, state } = answer;
  const evidence = unnamedEvidence(answer, placesIn(text));
  const blocks = [
    `# ${heading(question.text)}`,
    ...(question.about === undefined ? [] : [`About \`${question.about.label}\`.`]),
    ...(text.trim() === '' ? [] : [text.trim()]),
    ...(mishap === undefined ? [] : [[mishap.sentence, mishap.hint].filter((words) => words !== '').join(' ')]),
    ...(state === 'stopped' ? ['(Stopped before its end.)'] : []),
    ...(evidence.length === 0 ? [] : ['## Evidence', evidence.map(evidenceRow).join('\n')]),
    ...(trace === undefined ? [] : ['---', `${trace.model} · ${timingLine(trace)}`]),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function heading(text: string): string {
  return text.trim().replace(/\s+/g, ' ');
}

function evidenceRow({ citation: { path, range, text } }: Resolved): string {
  const line = text.trim();
  return `- \`${path}:${range.start.line + 1}\`${line === '' ? '' : `: ${codeSpan(line)}`}`;
}

/** Text as a code span, whatever back-ticks it holds. */
function codeSpan(text: string): string {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  return longest === 0 ? `\`${text}\`` : `${'`'.repeat(longest + 1)} ${text} ${'`'.repeat(longest + 1)}`;
}
