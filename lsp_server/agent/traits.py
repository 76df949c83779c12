"""What the agent must know of the model that answers: how it writes calls, how a question begins, its window."""

from __future__ import annotations

import attrs

from lsp_server import modelstore
from lsp_server.dialects import Dialect, dialect_named
from lsp_server.engine.base import CallMode
from lsp_server.errors import InglenookError
from lsp_server.settings import Settings

_MODES: dict[str, CallMode] = {"free": "free", "demand": "demanded", "forbid": "forbidden"}


@attrs.frozen
class Traits:
    """The answering model's traits; the defaults hold for a server that tells nothing of itself."""

    dialect: Dialect | None = None
    first_call: CallMode = "free"
    speak_after_rows: bool = False
    """Whether a turn must speak once a call has found something."""
    context_tokens: int = 32_768


def traits_of(settings: Settings) -> Traits:
    """Return the traits of the model that the settings choose, from its folder's manifest.

    Without a model the first dialect stands in: the engine will say what is missing.
    """
    if settings.endpoint:
        return Traits()
    try:
        manifest = modelstore.chosen(settings).manifest
    except InglenookError:
        return Traits(dialect_named("json-fence"))
    return Traits(
        dialect=dialect_named(manifest.dialect),
        first_call=_MODES[manifest.first_call],
        speak_after_rows=manifest.after_rows == "forbid",
        context_tokens=manifest.context_tokens,
    )
