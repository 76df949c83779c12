"""Open buffers and workspace folders, passed on to the workspace."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from lsprotocol import types
from pygls.uris import to_fs_path

from lsp_server.lsp import edits
from lsp_server.lsp.ranges import encoding_of

if TYPE_CHECKING:
    from lsp_server.lsp.language_server import InglenookServer
    from lsp_server.workspace.workspace import Workspace


def did_open(ls: InglenookServer, params: types.DidOpenTextDocumentParams) -> None:
    """An editor shows a file: from now on its buffer is what counts."""
    document = params.text_document
    if workspace := ls.session.workspace:
        workspace.files.open_buffer(document.uri, document.text)
    ls.diagnostics.look_again(document.uri, document.text)
    ls.prefetch.looking_at(document.uri)


def did_change(ls: InglenookServer, params: types.DidChangeTextDocumentParams) -> None:
    """A buffer is edited; one that was never opened is not ours to follow."""
    uri = params.text_document.uri
    document = ls.workspace.text_documents.get(unquote(uri))  # the library's own key
    if document is None:
        return
    before = document.source
    text, done = edits.applied(before, params.content_changes, encoding_of(ls))
    ls.workspace.update_text_document(params.text_document, types.TextDocumentContentChangeWholeDocument(text))
    ls.diagnostics.follow(uri, before, done, text)
    if workspace := ls.session.workspace:
        workspace.files.change_buffer(uri, text)


def did_close(ls: InglenookServer, params: types.DidCloseTextDocumentParams) -> None:
    """The file on disk counts again."""
    if workspace := ls.session.workspace:
        workspace.files.close_buffer(params.text_document.uri)
    ls.diagnostics.read_again([params.text_document.uri])


def did_change_folders(ls: InglenookServer, _params: types.DidChangeWorkspaceFoldersParams) -> None:
    """Folders came or went: the workspace is another one."""
    ls.session.refresh()


def open_buffers(ls: InglenookServer, workspace: Workspace) -> None:
    """Tell a new workspace of every buffer that is open."""
    for document in ls.workspace.text_documents.values():
        workspace.files.open_buffer(document.uri, document.source)


def roots(ls: InglenookServer) -> tuple[Path, ...]:
    """Return the open folders; those of other schemes than `file:` are not on this machine."""
    uris = [folder.uri for folder in ls.workspace.folders.values()]
    if not uris and not ls.had_folders and ls.workspace.root_uri:
        uris = [ls.workspace.root_uri]
    return tuple(path for uri in uris if (path := file_path(uri)) is not None)


def file_path(uri: str) -> Path | None:
    """Return the path of a `file:` URI; None for any other, and for what is none."""
    try:
        path = to_fs_path(uri)
    except ValueError:
        return None
    return Path(path) if path else None
