"""Work-done progress and partial results of a request, as context managers that forget their tokens."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Generator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from lsp_server.errors import BadRequest, InglenookError
from lsp_server.lsp.failures import Cancelled
from lsp_server.wire import ProgressToken

if TYPE_CHECKING:
    from lsp_server.lsp.language_server import InglenookServer


class Running:
    """The work that the person may cancel by its progress token."""

    def __init__(self) -> None:
        self._cancels: dict[ProgressToken, Callable[[], None]] = {}

    def add(self, token: ProgressToken, cancel: Callable[[], None]) -> None:
        """Let `token` cancel.

        Raises:
            BadRequest: another request's progress goes by that token at this moment.
        """
        if token in self._cancels:
            raise BadRequest(f"The progress token {token!r} is in use.", "Use another token for each running request.")
        self._cancels[token] = cancel

    def forget(self, token: ProgressToken) -> None:
        """Free the token, so that it may be used again."""
        self._cancels.pop(token, None)

    def cancel(self, token: ProgressToken) -> None:
        """Stop the work behind `token`; one that is not running is no error."""
        if cancel := self._cancels.get(token):
            cancel()


class WorkDone:
    """The progress of one request. Where the client shows none, the reports go nowhere.

    A progress that the server creates begins when the client has agreed; what was reported before is
    told then, so nothing ever waits for the client.
    """

    def __init__(self, ls: InglenookServer, title: str) -> None:
        self._ls = ls
        self._title = title
        self._token: ProgressToken | None = None
        self._last: types.WorkDoneProgressReport | None = None
        self._over = False
        self.ending = "Done"
        """What the end says; an error or a cancellation says its own."""

    def begin(self, token: ProgressToken) -> None:
        """Show progress under a token that the client knows."""
        if self._over:
            return
        self._token = token
        self._send(types.WorkDoneProgressBegin(title=self._title, cancellable=True))
        if self._last is not None:
            self._send(self._last)

    def report(self, message: str, percentage: int | None = None) -> None:
        """Tell what is being done."""
        self._last = types.WorkDoneProgressReport(message=message, percentage=percentage, cancellable=True)
        self._send(self._last)

    def end(self, message: str) -> None:
        """Close the progress; later calls do nothing."""
        if not self._over:
            self._over = True
            self._send(types.WorkDoneProgressEnd(message=message))

    def _send(self, value: Any) -> None:
        if self._token is not None:
            self._ls.protocol.notify(types.PROGRESS, types.ProgressParams(token=self._token, value=value))


@contextmanager
def work_done(
    ls: InglenookServer,
    title: str,
    *,
    token: ProgressToken | None,
    cancel: Callable[[], None],
    create: bool = False,
) -> Generator[WorkDone]:
    """Show progress around the block; leaving it ends the progress and frees the token.

    Args:
        ls: The server.
        title: What is being done.
        token: The client's own token, where it gave one.
        cancel: Called when the person cancels the progress.
        create: Whether to ask the client for a progress where it gave no token.
    """
    progress = WorkDone(ls, title)
    used = token
    if token is not None:
        ls.running.add(token, cancel)
        progress.begin(token)
    elif create and ls.shows_progress:
        used = f"inglenook/{uuid.uuid4()}"
        ls.running.add(used, cancel)
        _create(ls, progress, used)
    try:
        yield progress
    except InglenookError as error:
        progress.ending = error.sentence
        raise
    except BaseException as error:
        progress.ending = "Cancelled" if not isinstance(error, Exception) or isinstance(error, Cancelled) else "Failed"
        raise
    finally:
        progress.end(progress.ending)
        if used is not None:
            ls.running.forget(used)


def _create(ls: InglenookServer, progress: WorkDone, token: str) -> None:
    def created(future: Future[None]) -> None:
        if not future.cancelled() and future.exception() is None:
            progress.begin(token)

    params = types.WorkDoneProgressCreateParams(token=token)
    ls.protocol.send_request(types.WINDOW_WORK_DONE_PROGRESS_CREATE, params).add_done_callback(created)
