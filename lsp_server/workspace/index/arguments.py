"""What a window tells the indexer on its command line: the folder, and the settings that decide about files."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, cast

import attrs

from lsp_server.settings import Settings
from lsp_server.workspace.index.cache_folder import decisive


def arguments(root: Path, settings: Settings) -> str:
    """Return both as one argument."""
    return json.dumps({"root": os.fsdecode(root), "settings": decisive(settings)})


def read_arguments(text: str) -> tuple[Path, Settings]:
    """Return what `arguments` wrote.

    Raises:
        ValueError: it is something else.
    """
    try:
        given = json.loads(text)
        values = {key: _frozen(value) for key, value in given["settings"].items()}
        return Path(given["root"]), attrs.evolve(Settings(), **values)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("These are not the indexer's arguments.") from error


def _frozen(value: Any) -> Any:
    return tuple(cast("list[str]", value)) if isinstance(value, list) else value
