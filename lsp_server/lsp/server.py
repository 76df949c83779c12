"""create_server: which message goes to which function, and nothing else."""

from __future__ import annotations

from lsprotocol import types

from lsp_server import wire
from lsp_server.lsp import documents, watched_files
from lsp_server.lsp.actions import KINDS, code_action
from lsp_server.lsp.ask import ask, ask_command
from lsp_server.lsp.bench import AgentFactory, EngineFactory
from lsp_server.lsp.explain import explain, explain_command
from lsp_server.lsp.hover import hover
from lsp_server.lsp.language_server import InglenookServer
from lsp_server.lsp.lenses import code_lens, resolve_lens
from lsp_server.lsp.model import model
from lsp_server.lsp.options import Options
from lsp_server.lsp.outline import document_symbol
from lsp_server.lsp.search import search, search_command
from lsp_server.lsp.workspace_symbol import workspace_symbol


def create_server(
    *, engine_factory: EngineFactory, agent_factory: AgentFactory, with_index: bool = True
) -> InglenookServer:
    """Return a server that is ready to run.

    Args:
        engine_factory: Makes the engine; called after `initialized`, on the loop's thread.
        agent_factory: Makes the agent; called after `initialized`, in a thread, so it may import at leisure.
        with_index: Whether there is an index behind every look at the workspace; without one the files are read.
    """
    server = InglenookServer(engine_factory, agent_factory, with_index=with_index)
    server.feature(types.INITIALIZE)(initialize)
    server.feature(types.INITIALIZED)(initialized)
    _add_documents(server)
    server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)(did_change_configuration)
    server.feature(types.TEXT_DOCUMENT_HOVER)(hover)
    server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)(document_symbol)
    server.feature(types.WORKSPACE_SYMBOL)(workspace_symbol)
    server.feature(types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(code_action_kinds=KINDS))(code_action)
    server.feature(types.TEXT_DOCUMENT_CODE_LENS)(code_lens)
    server.feature(types.CODE_LENS_RESOLVE)(resolve_lens)
    server.feature(wire.ASK)(ask)
    server.feature(wire.EXPLAIN)(explain)
    server.feature(wire.SEARCH)(search)
    server.feature(wire.MODEL)(model)
    server.feature(wire.CLEAR_TRACE)(clear_trace)
    server.feature(wire.TRUST)(trust)
    return server


def _add_documents(server: InglenookServer) -> None:
    server.feature(types.TEXT_DOCUMENT_DID_OPEN)(documents.did_open)
    server.feature(types.TEXT_DOCUMENT_DID_CHANGE)(documents.did_change)
    server.feature(types.TEXT_DOCUMENT_DID_CLOSE)(documents.did_close)
    server.feature(types.TEXT_DOCUMENT_DID_SAVE)(watched_files.did_save)
    server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)(watched_files.did_change_watched_files)
    server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)(documents.did_change_folders)


def initialize(ls: InglenookServer, params: types.InitializeParams) -> None:
    """Take the client's options; the answer itself is the library's."""
    ls.options = options = Options.read(params.initialization_options)
    ls.had_folders = params.workspace_folders is not None
    ls.trusted = options.trusted
    ls.watch_parent(params.process_id)
    ls.configuration.start(options.settings)
    if options.commands:
        ls.command(wire.ASK_COMMAND)(ask_command)
        ls.command(wire.EXPLAIN_COMMAND)(explain_command)
        ls.command(wire.SEARCH_COMMAND)(search_command)
        ls.command(wire.CLEAR_TRACE_COMMAND)(clear_trace_command)


async def initialized(ls: InglenookServer, _params: types.InitializedParams) -> None:
    """Make everything ready, now that the client has its answer."""
    ls.session.refresh()
    await ls.configuration.subscribe()
    await watched_files.subscribe(ls)


def did_change_configuration(ls: InglenookServer, params: types.DidChangeConfigurationParams) -> None:
    """Read the settings again."""
    ls.configuration.changed(params.settings)
    ls.session.refresh()


async def clear_trace(ls: InglenookServer, _params: wire.ClearTraceParams | None) -> None:
    """Drop the trace's diagnostics."""
    ls.diagnostics.clear()


async def clear_trace_command(ls: InglenookServer, _params: types.ExecuteCommandParams) -> None:
    """Drop the trace's diagnostics, for any editor."""
    ls.diagnostics.clear()


def trust(ls: InglenookServer, params: wire.TrustParams) -> None:
    """Restricted Mode begins or ends."""
    ls.trusted = params.trusted
    if workspace := ls.session.workspace:
        workspace.trusted = params.trusted
