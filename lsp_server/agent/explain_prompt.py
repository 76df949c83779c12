"""Every word that the model is told when it explains a piece of code, and the version of them all."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from lsp_server.agent.question import whole_characters
from lsp_server.agent.tokens import shortened

if TYPE_CHECKING:
    from lsp_server.workspace.explaining import ExplainTarget

SYSTEM = """\
You explain code. Answer in plain prose with two or three short sentences, at most fifty words in all. First what the \
code does, then how, naming the important cases. Do not repeat names of files. No lists, no code blocks."""
_TASK = "What does {what} do? Two or three short sentences."
_SELECTION_TASK = "What do {what} do? Two or three short sentences."

_FORMAT = 1
"""Version of how the message is put together; raise it with any change of that."""
_CODE_TOKENS = 600
_DOC_TOKENS = 150
_SIGNATURE_TOKENS = 100
_CALLER_TOKENS = 40
_MOST_CALLERS = 3
_MOST_BASES = 5


def explain_turn(target: ExplainTarget) -> str:
    """Return the user's message: what is pointed at, what is known of it, its code, and the task again.

    The task stands last because small models do what they read last.
    """
    selected = target.kind == "selection"
    language = f"{target.language} " if target.language else ""
    what = f"these {language}lines" if selected else f"the {language}{target.kind} `{target.name}`"
    head = f"From {target.place.path}" + (f", in `{target.name}`:" if selected else ":")
    known = [
        _line("Signature", target.signature, _SIGNATURE_TOKENS),
        _line("Bases", ", ".join(target.bases[:_MOST_BASES]), _SIGNATURE_TOKENS),
        _line("Documentation", _doc(target), _DOC_TOKENS),
        _callers(target),
    ]
    task = (_SELECTION_TASK if selected else _TASK).format(what=what)
    blocks = [head, shortened(target.code, _CODE_TOKENS), *filter(None, known), task]
    return whole_characters("\n\n".join(blocks))


def _line(title: str, text: str | None, tokens: int) -> str:
    return f"{title}: {shortened(text.strip(), tokens)}" if text and text.strip() else ""


def _doc(target: ExplainTarget) -> str:
    """Return the documentation, unless the code holds it: a docstring does, a comment above does not."""
    doc = (target.doc or "").strip()
    first = doc.partition("\n")[0]
    return "" if first in target.code else doc


def _callers(target: ExplainTarget) -> str:
    lines = [shortened(caller, _CALLER_TOKENS) for caller in target.callers[:_MOST_CALLERS]]
    return "\n".join(["Used in:", *lines]) if lines else ""


def _version() -> str:
    limits = [_CODE_TOKENS, _DOC_TOKENS, _SIGNATURE_TOKENS, _CALLER_TOKENS, _MOST_CALLERS, _MOST_BASES]
    return hashlib.sha256(json.dumps([SYSTEM, _TASK, _SELECTION_TASK, limits, _FORMAT]).encode()).hexdigest()[:16]


EXPLAIN_VERSION: str = _version()
"""Changes with any word of the above, so that explanations that were kept are made anew."""
