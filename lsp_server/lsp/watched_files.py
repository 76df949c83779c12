"""Files that change outside the editor's buffers: told by the client, or else watched by the index itself."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from lsp_server.errors import InglenookError
from lsp_server.lsp.documents import file_path

if TYPE_CHECKING:
    from lsp_server.lsp.language_server import InglenookServer

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
        ls.in_background(partial(ls.threads.short, partial(workspace.files_changed, paths)))
