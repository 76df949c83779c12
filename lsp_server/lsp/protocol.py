"""The JSON-RPC protocol with every request answered.

The library underneath leaves a client waiting where parameters do not structure, where a result does not serialise,
where any nested object bears a `jsonrpc` key, and after `shutdown`; cancelling a command there stops nothing; an edit
below a form feed lands on another line.
Each of these is mended here.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Generator, Mapping
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, cast

import attrs
from cattrs import Converter
from lsprotocol import types
from pygls.protocol import LanguageServerProtocol, lsp_method
from pygls.protocol.json_rpc import JsonRPCResponseMessage

from lsp_server.lsp import failures
from lsp_server.lsp.converter import make_strict_converter
from lsp_server.lsp.messages import OUR_MESSAGES, MessageId

if TYPE_CHECKING:
    from lsp_server.lsp.language_server import InglenookServer

_log = logging.getLogger(__name__)

Command = Callable[[types.ExecuteCommandParams], Awaitable[Any]]
Phase = Literal["new", "running", "shutdown"]


class InglenookProtocol(LanguageServerProtocol):
    """What arrives, checked and typed; what leaves, always whole."""

    _server: InglenookServer  # pyright: ignore[reportIncompatibleVariableOverride]

    def __init__(self, server: InglenookServer, converter: Converter) -> None:
        super().__init__(server, converter)
        self.strict = make_strict_converter()
        self.phase: Phase = "new"

    # What arrives

    def receive(self, body: bytes) -> None:
        """Handle one message; never raises."""
        try:
            data = json.loads(body)
        except (ValueError, RecursionError):
            self._fail(None, failures.parse_error())
            return
        try:
            self._dispatch(data)
        except Exception:  # noqa: BLE001 - logged
            _log.exception("A message could not be handled")

    def _dispatch(self, data: Any) -> None:
        message = cast("dict[str, Any]", data) if isinstance(data, dict) else {}
        if message.get("jsonrpc") != self.VERSION:
            self._fail(_usable_id(message), failures.invalid_request("The message is no JSON-RPC 2.0 object."))
        elif "method" not in message:
            self._receive_response(message)
        elif not isinstance(message["method"], str):
            self._fail(_usable_id(message), failures.invalid_request("The method's name is no string."))
        elif "id" in message:
            self._receive_request(message, message["method"])
        else:
            self._receive_notification(message, message["method"])

    def _receive_request(self, data: dict[str, Any], method: str) -> None:
        msg_id = _usable_id(data)
        if msg_id is None:
            self._fail(None, failures.invalid_request("The request's id is neither a number nor a string."))
            return
        try:
            self._admit(method, msg_id)
            if method == types.SHUTDOWN:
                data.pop("params", None)
            self._handle_message(self.structure_message(data))
        except Exception as error:  # noqa: BLE001 - whatever it is, the client is told
            self._fail(msg_id, error)

    def _admit(self, method: str, msg_id: int | str) -> None:
        """Refuse what the protocol does not allow now, or has no handler for.

        Raises:
            ProtocolFault: with the protocol's own code.
        """
        if msg_id in self._request_futures:
            raise failures.invalid_request(f"The request {msg_id!r} is still being answered.")
        if self.phase == "shutdown":
            raise failures.shutting_down(method)
        if self.phase == "new" and method != types.INITIALIZE:
            raise failures.not_initialized(method)
        if self.phase == "running" and method == types.INITIALIZE:
            raise failures.invalid_request("The server is initialized already.")
        known = cast("Mapping[str, Any]", self.fm.builtin_features | self.fm.features)  # pyright: ignore[reportUnknownMemberType]
        kind = self.get_message_type(method)
        is_notification = kind is not None and "id" not in attrs.fields_dict(kind)
        if method not in known or is_notification:
            raise failures.method_unknown(method)

    def _receive_notification(self, data: dict[str, Any], method: str) -> None:
        if method == types.EXIT:
            self._server.stop(0 if self.phase == "shutdown" else 1)
        elif self.phase == "running":
            try:
                self._handle_message(self.structure_message(data))
            except Exception as error:  # noqa: BLE001 - a notification has no answer; the log has
                _log.warning("Ignoring `%s`: %s", method, error)

    def _receive_response(self, data: dict[str, Any]) -> None:
        msg_id = _usable_id(data)
        if msg_id is None or msg_id not in self._result_types:
            if "result" not in data and "error" not in data:
                self._fail(msg_id, failures.invalid_request("The message has no method."))
            return
        waiting = self._request_futures.get(msg_id)
        try:
            data.setdefault("result", None)
            self._handle_message(self.structure_message(data))
        except Exception as error:  # noqa: BLE001 - whoever waits for the response is told
            self._result_types.pop(msg_id, None)
            self._request_futures.pop(msg_id, None)
            if waiting is not None and not waiting.done():
                waiting.set_exception(error)

    def _handle_message(self, message: Any) -> None:
        super().handle_message(message)

    def structure_message(self, data: dict[str, Any]) -> Any:
        """Return the typed message.

        Raises:
            BadRequest: the parameters are not those of the method.
        """
        method = data.get("method")
        try:
            if isinstance(method, str) and method in OUR_MESSAGES:
                return self.strict.structure(data, OUR_MESSAGES[method])
            return super().structure_message(data)
        except Exception as error:  # noqa: BLE001 - told to the client
            cause = error.__cause__ if isinstance(error.__cause__, Exception) else error
            raise failures.bad_params(str(method or "response"), cause) from None

    def get_message_type(self, method: str) -> type[Any] | None:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Return the type of our own messages, and of the standard's."""
        return OUR_MESSAGES.get(method) or types.METHOD_TO_TYPES.get(method, (None,))[0]

    def _handle_cancel_notification(self, msg_id: MessageId) -> None:
        """Cancel a request. Its answer may have crossed the notification: that is no reason for a warning."""
        if (future := self._request_futures.pop(msg_id, None)) is not None:
            future.cancel()

    # What leaves

    def _execute_handler(
        self,
        msg_id: MessageId,
        handler: Callable[..., Any],
        callback: Callable[[Future[Any]], None],
        args: tuple[Any, ...] | None = None,
        kwargs: dict[str, Any] | None = None,
    ) -> None:
        """Forget a handler once it is done: pygls keeps those of notifications, one for each keystroke, for ever."""

        def done(future: Future[Any]) -> None:
            self._request_futures.pop(msg_id, None)
            callback(future)

        super()._execute_handler(msg_id, handler, done, args, kwargs)

    def _handle_request(self, msg_id: MessageId, method_name: str, params: Any) -> None:
        self._ctx_msg_id.set(msg_id)
        self._execute_handler(
            msg_id=msg_id,
            handler=self._get_handler(method_name),
            args=(params,),
            callback=partial(self._send_handler_result, msg_id=msg_id),
        )

    def _send_handler_result(self, future: Future[Any], *, msg_id: MessageId) -> None:
        if future.cancelled():
            self._fail(msg_id, failures.Cancelled())
        elif (error := future.exception()) is not None:
            self._fail(msg_id, error)
        else:
            self._send_response(msg_id, future.result())

    def _check_handler_result(self, future: Future[Any]) -> None:
        if not future.cancelled() and (error := future.exception()) is not None:
            _log.error("A notification could not be handled", exc_info=error)

    def _send_response(
        self, msg_id: MessageId | None, result: Any = None, error: types.ResponseError | None = None
    ) -> None:
        if error is None:
            try:
                self._write(
                    JsonRPCResponseMessage(id=0 if msg_id is None else msg_id, result=result, jsonrpc=self.VERSION)
                )
            except (TypeError, ValueError, RecursionError, AttributeError) as problem:
                error = failures.response_error(problem)
            else:
                return
        self._write({"jsonrpc": self.VERSION, "id": msg_id, "error": error})

    async def cancel_all(self) -> None:
        """Stop every request that runs, and wait until they have unwound."""
        running = [future for future in self._request_futures.values() if isinstance(future, asyncio.Task)]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _fail(self, msg_id: MessageId | None, error: BaseException) -> None:
        self._send_response(msg_id, error=failures.response_error(error))

    def _send_data(self, data: Any) -> None:
        try:
            self._write(data)
        except (TypeError, ValueError, RecursionError, AttributeError):
            _log.exception("A message could not be serialised")

    def _write(self, data: Any) -> None:
        """Serialise and send.

        Raises:
            TypeError, ValueError, RecursionError, AttributeError: `data` is not JSON.
        """
        text = json.dumps(
            self._converter.unstructure(data), default=self._serialize_message, ensure_ascii=False, allow_nan=False
        )
        body = text.encode("utf-8", "replace")  # a file name may hold what UTF-8 cannot
        if self.writer is not None:
            self.writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    def _serialize_message(self, data: Any) -> Any:
        if attrs.has(cast("type[Any]", type(data))):
            return self._converter.unstructure(data)
        raise TypeError(f"{type(data).__name__} has no JSON form")

    # The library's own handlers, where they need another shape

    @lsp_method(types.INITIALIZE)
    def lsp_initialize(self, params: types.InitializeParams) -> Generator[Any, Any, types.InitializeResult]:
        """Answer `initialize`; from then on requests are admitted."""
        result = yield from super().lsp_initialize(params)
        self.phase = "running"
        return result

    @lsp_method(types.SHUTDOWN)
    def lsp_shutdown(self, *_params: Any) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Stop what runs; only `exit` is heard from now on."""
        self.phase = "shutdown"
        for future in tuple(self._request_futures.values()):
            future.cancel()

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, params: types.DidChangeTextDocumentParams
    ) -> Generator[Any, Any, None]:
        """Leave the edit to our handler: the library takes a form feed for a line's end, and counts from there on."""
        yield self.fm.features[types.TEXT_DOCUMENT_DID_CHANGE], (params,), None  # pyright: ignore[reportUnknownMemberType]

    @lsp_method(types.WORKSPACE_EXECUTE_COMMAND)
    async def lsp_workspace__execute_command(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, params: types.ExecuteCommandParams
    ) -> Any:
        """Run a command in the request's own task, so that cancelling the request stops it."""
        commands = cast("Mapping[str, Command]", self.fm.commands)  # pyright: ignore[reportUnknownMemberType]
        command = commands.get(params.command)
        if command is None:
            raise failures.command_unknown(params.command)
        return await command(params)

    @lsp_method(types.WINDOW_WORK_DONE_PROGRESS_CANCEL)
    def lsp_work_done_progress_cancel(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, params: types.WorkDoneProgressCancelParams
    ) -> None:
        """Stop the work behind the token."""
        self._server.running.cancel(params.token)


def _usable_id(data: Mapping[str, Any]) -> MessageId | None:
    msg_id = data.get("id")
    return msg_id if isinstance(msg_id, int | str) and not isinstance(msg_id, bool) else None
