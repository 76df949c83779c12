"""How an answer should look: what the product would undo, show twice, or what a reader should not be told."""

from __future__ import annotations

import re
from collections.abc import Sequence

_MOST_TOOL_WORDS = 75
_MOST_DIRECT_WORDS = 110
_MARKUP = re.compile(r"^\s*(?:#{1,6} |[-*+] |\d{1,2}[.)] |\|)|```", re.MULTILINE)
_CHATTER = re.compile(
    r"\b(?:based on the (?:search|tool) results?|according to the (?:search|tool)|the (?:search|tool) results? shows?"
    r"|as an ai|i hope this helps|let me know if|feel free)\b",
    re.IGNORECASE,
)
_ROW = re.compile(r"^\S+:\d+: .+", re.MULTILINE)


def unmannered(answer: str, *, tool: bool, results: Sequence[str] = ()) -> str:
    """Return in a few words what is wrong with an answer, or nothing.

    Args:
        answer: What the model should say.
        tool: Whether calls came before it.
        results: The calls' results as the model saw them.
    """
    words = len(answer.split())
    if not answer.strip() or answer != answer.strip():
        return "an answer that is empty or has blanks around it"
    if _CHATTER.search(answer):
        return "an answer with chatter"
    if words > (_MOST_TOOL_WORDS if tool else _MOST_DIRECT_WORDS):
        return "an answer that is too long"
    if tool and _MARKUP.search(answer):
        return "an answer with lists, headings or code blocks"
    if any(row in answer for result in results for row in _ROW.findall(result)):
        return "an answer that repeats a row"
    return ""
