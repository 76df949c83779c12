"""The parameters of a command of ours: the first argument holds all of the request's, or is one bare string."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import attrs
import cattrs
from lsprotocol import types

from lsp_server.errors import BadRequest
from lsp_server.lsp import failures
from lsp_server.wire import AskParams, ExplainParams, SearchParams

if TYPE_CHECKING:
    from lsp_server.lsp.language_server import InglenookServer

Params = TypeVar("Params", AskParams, ExplainParams, SearchParams)

_BARE: Mapping[type, str] = {AskParams: "question", SearchParams: "query"}
"""What a bare string is taken as."""


def command_params(ls: InglenookServer, params: types.ExecuteCommandParams, kind: type[Params]) -> Params:
    """Return the request's parameters; the progress token may also be the command's own.

    Raises:
        BadRequest: they are not those of the request.
    """
    arguments: list[Any] = list(params.arguments or ())
    if len(arguments) != 1:
        raise BadRequest(
            f"`{params.command}` takes one argument and got {len(arguments)}.",
            f"Give it the {_BARE.get(kind, 'parameters of the request')}.",
        )
    [given] = arguments
    if isinstance(given, str) and kind in _BARE:
        given = {_BARE[kind]: given}
    try:
        asked = ls.protocol.strict.structure(given, kind)
    except (cattrs.BaseValidationError, ValueError, TypeError, KeyError) as error:
        raise failures.bad_params(params.command, error) from None
    if asked.work_done_token is None:
        asked = attrs.evolve(asked, work_done_token=params.work_done_token)
    return asked
