"""How a tool's result is written for the model: counted, one row a line, at most so many tokens."""

from __future__ import annotations

from collections.abc import Sequence

from lsp_server.agent.tokens import fitting, most_tokens, shortened
from lsp_server.workspace.rows import SymbolRow, TextRow

RESULT_TOKENS = 600
"""The most that one result may take of the window."""

_NOTE_TOKENS = 40
_LINE_ENDS = 4
"""Of head, notes and brackets."""
_REMARK_TOKENS = 120
_PATH_TOKENS = 300
_SENTENCE_TOKENS = 220
_HINT_TOKENS = 340
_LINE_CHARACTERS = 200


def one_line(text: str, limit: int = _LINE_CHARACTERS) -> str:
    """Return `text` on one line, without control characters, cut at `limit` characters."""
    plain = "".join(character if character.isprintable() else " " for character in text[: 4 * limit]).strip()
    return plain if len(plain) <= limit else plain[: limit - 1] + "…"


def shown_path(path: str) -> str:
    """Return a path on one line: unprintable characters are escaped."""
    if path.isprintable():
        return path
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode() for character in path
    )


def text_label(row: TextRow) -> str:
    """Return what stands behind `path:line: ` in a row of `search`."""
    return _with_owner(row.text, row.within)


def symbol_label(row: SymbolRow) -> str:
    """Return what stands behind `path:line: ` in a row of `symbols`: the definition, or the line of a site."""
    if row.relation:
        return _with_owner(row.relation, row.name)
    return f"{row.kind} {one_line(row.signature, 2 * _LINE_CHARACTERS)}"


def _with_owner(line: str, owner: str) -> str:
    return f"{one_line(line)} (in {one_line(owner)})" if owner else one_line(line)


def counted(total: int, noun: str, files: int) -> str:
    """Return "12 matches in 5 files"."""
    return f"{total} {_plural(noun, total)} in {_files(files)}"


def counted_by_words(nearest: int, files: int, elsewhere: str = "") -> str:
    """Return "no line has this phrase; 6 lines nearest by its words in 4 files".

    Args:
        nearest: how many lines are.
        files: how many files these are in.
        elsewhere: the lines outside of code that have the phrase, counted.
    """
    near = f"{nearest} {_plural('line', nearest)} nearest by its words in {_files(files)}"
    if not elsewhere:
        return f"No line has this phrase; {near}"
    return f"No line of code has this phrase; {near}, then {elsewhere}"


def nothing(noun: str, searched: int, hint: str) -> str:
    """Return the result of a search that found nothing, with what was searched."""
    return f"0 {_plural(noun, 0)} in {_files(searched)} searched. {hint}"


def rows_text(head: str, rows: Sequence[str], total: int, hint: str, note: str = "") -> str:
    """Return head and rows, as many as fit, with a note of what was left out.

    Args:
        head: The counted first line.
        rows: Rows as written, in order.
        total: How many there are in all; may be more than `rows`.
        hint: How to ask for fewer.
        note: A remark of the workspace's, such as that a limit was reached.
    """
    note = shortened(one_line(note), _REMARK_TOKENS)
    reserve = max(_NOTE_TOKENS, most_tokens(_left_out(total, hint)) + _LINE_ENDS)
    kept = rows[: fitting(rows, RESULT_TOKENS - most_tokens(head) - most_tokens(note) - reserve)]
    lines = [head, *kept]
    if len(kept) < total:
        lines.append(_left_out(total - len(kept), hint))
    if note:
        lines.append(f"({note})")
    return "\n".join(lines)


def _left_out(count: int, hint: str) -> str:
    return f"({count} more left out. {hint})"


def slice_text(path: str, start: int, lines: Sequence[str], total_lines: int) -> tuple[str, int]:
    """Return a numbered slice of a file that fits, and how many of its lines are in it.

    Args:
        path: Shown path.
        start: Number of the first line.
        lines: The lines that were asked for.
        total_lines: How many the file has.
    """
    path = shortened(path, _PATH_TOKENS)
    numbered = [f"{start + offset}: {indented_line(line)}" for offset, line in enumerate(lines)]
    kept = fitting(numbered, RESULT_TOKENS - most_tokens(path) - 2 * _NOTE_TOKENS)
    last = start + kept - 1
    head = f"{path}:{start}-{last} of {total_lines} lines" if kept else f"{path} has {total_lines} lines"
    shown = [head, *numbered[:kept]]
    if kept < len(lines):
        shown.append(f"({len(lines) - kept} more lines left out. Read on with start={last + 1}.)")
    return "\n".join(shown), kept


def output_text(text: str, exit_code: int, note: str) -> str:
    """Return a command's output that fits, its first lines first."""
    lines = ["".join(c if c.isprintable() or c == "\t" else " " for c in line) for line in text.splitlines()]
    lines = [line if len(line) <= _LINE_CHARACTERS else line[: _LINE_CHARACTERS - 1] + "…" for line in lines]
    head = f"{len(lines)} {_plural('line', len(lines))} of output"
    if exit_code:
        head += f", exit status {exit_code}"
    return rows_text(head, lines, len(lines), "Narrow the command.", note)


def problem_text(sentence: str, hint: str) -> str:
    """Return a failure as an ordinary result."""
    sentence = shortened(one_line(sentence, 300), _SENTENCE_TOKENS)
    return f"Not done: {sentence}\n{shortened(one_line(hint, 800), _HINT_TOKENS)}".rstrip()


def indented_line(line: str) -> str:
    """Return `one_line` with the white space at its beginning, tabs as four blanks."""
    indent = line[: len(line) - len(line.lstrip())][:_LINE_CHARACTERS].expandtabs(4)
    return indent[:_LINE_CHARACTERS] + one_line(line)


def _files(number: int) -> str:
    return f"{number} {_plural('file', number)}"


def _plural(noun: str, number: int) -> str:
    if number == 1:
        return noun
    return f"{noun}es" if noun.endswith("h") else f"{noun}s"
