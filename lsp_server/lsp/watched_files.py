"""Files that change outside the editor's buffers: told by the client, or else watched by the index itself."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import anyio
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from lsp_server.errors import InglenookError
from lsp_server.lsp.documents import file_path

if TYPE_CHECKING:
    from lsp_server.lsp.language_server import InglenookServer

Job = Callable[[], Awaitable[None]]

_log = logging.getLogger(__name__)


def client_watches(ls: InglenookServer) -> bool:
    """Whether the client tells of changed files when it is asked to."""
    client = ls.client_capabilities.workspace
    return bool(client and client.did_change_watched_files and client.did_change_watched_files.dynamic_registration)


async def subscribe(ls: InglenookServer) -> None:
    """Ask a client that can to tell of every file."""
    if not client_watches(ls):
        return
    method = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
    watchers = [types.FileSystemWatcher(glob_pattern="**/*")]
    options = types.DidChangeWatchedFilesRegistrationOptions(watchers=watchers)
    registration = types.Registration(id=method, method=method, register_options=options)
    try:
        await ls.client_register_capability_async(types.RegistrationParams([registration]))
    except (JsonRpcException, InglenookError) as error:
        _log.warning("The client will not tell of changed files: %s", error)


class Told:
    """Changes on their way to the workspace: what is asked after a change was told is answered with it."""

    def __init__(self, start: Callable[[Job], None]) -> None:
        """Take what runs a job beside everything else."""
        self._start = start
        self._under_way: set[anyio.Event] = set()

    def add(self, job: Job) -> None:
        """Have `job` tell the workspace."""
        done = anyio.Event()
        self._under_way.add(done)
        self._start(partial(self._run, job, done))

    async def settled(self) -> None:
        """Wait for what was told before now."""
        for done in tuple(self._under_way):
            await done.wait()

    async def _run(self, job: Job, done: anyio.Event) -> None:
        try:
            await job()
        finally:
            self._under_way.discard(done)
            done.set()


def did_change_watched_files(ls: InglenookServer, params: types.DidChangeWatchedFilesParams) -> None:
    """Files were made, changed or deleted."""
    _changed(ls, [change.uri for change in params.changes])


def did_save(ls: InglenookServer, params: types.DidSaveTextDocumentParams) -> None:
    """A buffer was saved; sooner than any watcher says so."""
    _changed(ls, [params.text_document.uri])


def _changed(ls: InglenookServer, uris: Sequence[str]) -> None:
    ls.diagnostics.read_again(uris)
    paths = [path for uri in uris if (path := file_path(uri)) is not None]
    workspace = ls.session.workspace
    if paths and workspace is not None:
        ls.told.add(partial(ls.threads.short, partial(workspace.files_changed, paths)))
