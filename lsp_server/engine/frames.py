"""What passes between a client and the resident process: one JSON object a line, tagged by its kind."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import cast

import attrs
from cattrs import Converter
from cattrs.strategies import configure_tagged_union

from lsp_server.engine.base import Chunk, Job, ToolSpec
from lsp_server.errors import InglenookError
from lsp_server.wire import EngineStatus

MAX_LINE_BYTES = 64 * 2**20


@attrs.frozen
class Hello:
    """The first frame of every connection."""

    wire_version: int
    prompt_version: str
    """A hash of every word that the model is told (agent/prompts.py)."""
    probe_tool: ToolSpec
    """A tool that the model must be able to call before it is admitted."""


@attrs.frozen
class Generate:
    """Asks for one turn; the connection carries its chunks, and closing it cancels."""

    job: Job


@attrs.frozen
class Watch:
    """Asks for every change of status, until the connection closes."""


@attrs.frozen
class Count:
    """Asks for the number of tokens of a text."""

    text: str


@attrs.frozen
class Unload:
    """Asks the process to leave now; turns that run are cut off."""


@attrs.frozen
class Counted:
    """Answers Count."""

    tokens: int


@attrs.frozen
class Emitted:
    """One chunk of a turn."""

    chunk: Chunk


@attrs.frozen
class StatusChanged:
    """What the engine does now."""

    status: EngineStatus


@attrs.frozen
class Failed:
    """The last frame of a request that failed."""

    error: Mapping[str, str]

    def raised(self) -> InglenookError:
        """Return the error, to be raised."""
        return InglenookError.from_wire(self.error)


Frame = Hello | Generate | Watch | Count | Unload | Counted | Emitted | StatusChanged | Failed


@cache
def _converter() -> Converter:
    converter = Converter()
    configure_tagged_union(Chunk, converter, tag_name="is")
    configure_tagged_union(Frame, converter, tag_name="is")
    return converter


def encode(frame: Frame) -> bytes:
    """Return the frame as one line; what UTF-8 cannot hold, as file names may bring it, becomes `?`."""
    text = json.dumps(_converter().unstructure(frame, Frame), ensure_ascii=False)
    return text.encode("utf-8", "replace") + b"\n"


def decode(line: bytes) -> Frame:
    """Return the frame that a line holds.

    Raises:
        ValueError: the line is no frame of ours.
    """
    try:
        return _converter().structure(json.loads(line), cast("type[Frame]", Frame))
    except Exception as error:
        raise ValueError(f"Not a frame: {line[:80]!r}") from error
