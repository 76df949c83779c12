"""A question on its way to the model: checked, with what of it exists and what was selected."""

from __future__ import annotations

from lsp_server.agent import prompts
from lsp_server.agent.base import Selection
from lsp_server.agent.tokens import fitting, most_tokens, shortened
from lsp_server.errors import BadRequest, QuestionTooLong

MOST_CHARACTERS = 12_000
"""A longer question is code pasted in, for which there are selections."""
SELECTION_TOKENS = 800


def checked_question(question: str) -> str:
    """Return the question without blanks around it.

    Raises:
        BadRequest: it is empty.
        QuestionTooLong: it has more than `MOST_CHARACTERS` characters.
    """
    question = whole_characters(question).strip()
    if not any(character.isprintable() and not character.isspace() for character in question):
        raise BadRequest("The question is empty.", "Type a question about the code in this workspace.")
    if len(question) > MOST_CHARACTERS:
        raise QuestionTooLong(
            f"The question has {len(question):,} characters; at most {MOST_CHARACTERS:,} are possible.",
            "Ask a shorter question, and select the code that it is about in the editor.",
        )
    return question


def whole_characters(text: str) -> str:
    """Return `text` with surrogate pairs joined and lone halves replaced: what follows speaks UTF-8."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def selected(selection: Selection | None) -> str:
    """Return the selection as the model sees it, at most `SELECTION_TOKENS` long, or nothing."""
    if selection is None or not selection.text.strip():
        return ""
    lines = whole_characters(selection.text).splitlines()
    head = prompts.selection_block(selection.path, selection.start, selection.end, "", cut=len(lines))
    # A line that is longer than everything, as in minified code, gives its beginning.
    shown = [shortened(line, SELECTION_TOKENS // 2) for line in lines[:SELECTION_TOKENS]]
    kept = fitting(shown, SELECTION_TOKENS - most_tokens(head))
    return prompts.selection_block(
        selection.path, selection.start, selection.end, "\n".join(shown[:kept]), cut=len(lines) - kept
    )
