"""Every failure as a JSON-RPC error: a stable code, a sentence, and `data: {kind, hint}`."""

from __future__ import annotations

import logging

import cattrs
from lsprotocol.types import ErrorCodes, LSPErrorCodes, ResponseError
from pygls.exceptions import JsonRpcException

from lsp_server.errors import BadRequest, InglenookError

_log = logging.getLogger(__name__)


class ProtocolFault(Exception):
    """A message that the language-server protocol itself forbids; `code` is the protocol's own for it."""

    def __init__(self, code: int, sentence: str, hint: str = "This is a fault of the client: report it there.") -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.hint = hint


class Cancelled(Exception):
    """The person stopped the request."""


class Superseded(Exception):
    """A newer request took this one's place."""


def parse_error() -> ProtocolFault:
    """The message is not JSON."""
    return ProtocolFault(ErrorCodes.ParseError, "The message is not valid JSON.")


def invalid_request(sentence: str) -> ProtocolFault:
    """The message is JSON and no request."""
    return ProtocolFault(ErrorCodes.InvalidRequest, sentence)


def not_initialized(method: str) -> ProtocolFault:
    """A request came before `initialize`."""
    return ProtocolFault(ErrorCodes.ServerNotInitialized, f"`{method}` came before `initialize`.")


def shutting_down(method: str) -> ProtocolFault:
    """A request came after `shutdown`."""
    return ProtocolFault(
        ErrorCodes.InvalidRequest, f"`{method}` came after `shutdown`: the server is ending.", "Start the server again."
    )


def method_unknown(method: str) -> ProtocolFault:
    """Nothing here answers to that name."""
    return ProtocolFault(
        ErrorCodes.MethodNotFound, f"The server has no method `{method}`.", "Client and server may differ in version."
    )


def command_unknown(command: str) -> BadRequest:
    """`workspace/executeCommand` names what is not a command here."""
    return BadRequest(f"The server has no command `{command}`.", "See the commands that it advertised.")


def bad_params(method: str, error: Exception) -> BadRequest:
    """The parameters do not have the types of the method's."""
    if isinstance(error, cattrs.BaseValidationError):
        details = "; ".join(cattrs.transform_error(error)).replace("$.params.", "").replace("$.params", "params")
    else:
        details = str(error) or type(error).__name__
    return BadRequest(f"The parameters of `{method}` are not right: {details}.")


def response_error(error: BaseException) -> ResponseError:
    """Return the JSON-RPC error of any exception; an unforeseen one is logged with its traceback."""
    match error:
        case Cancelled():
            return _error(LSPErrorCodes.RequestCancelled, "The request was cancelled.", "cancelled", "")
        case Superseded():
            return _error(LSPErrorCodes.ServerCancelled, "A newer search took its place.", "superseded", "")
        case InglenookError():
            return _error(error.code, error.sentence, error.kind, error.hint)
        case ProtocolFault():
            return _error(error.code, error.sentence, "protocol", error.hint)
        case JsonRpcException():
            return _error(error.code, error.message, "protocol", "")
        case _:
            _log.error("Unforeseen failure", exc_info=error)
            sentence = f"Something failed inside the server: {type(error).__name__}: {error}"
            return response_error(InglenookError(sentence))


def _error(code: int, sentence: str, kind: str, hint: str) -> ResponseError:
    return ResponseError(code=code, message=sentence, data={"kind": kind, "hint": hint})
