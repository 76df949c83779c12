"""create_server: which message goes to which function, and nothing else."""

from __future__ import annotations

from lsprotocol import types

from lsp_server import wire
from lsp_server.lsp import documents
from lsp_server.lsp.ask import ask, ask_command
from lsp_server.lsp.language_server import InglenookServer, Options
from lsp_server.lsp.model import model
from lsp_server.lsp.session import AgentFactory, EngineFactory


def create_server(*, engine_factory: EngineFactory, agent_factory: AgentFactory) -> InglenookServer:
    """Return a server that is ready to run.

    Args:
        engine_factory: Makes the engine; called after `initialized`, on the loop's thread.
        agent_factory: Makes the agent; called after `initialized`, in a thread, so it may import at leisure.
    """
    server = InglenookServer(engine_factory, agent_factory)
    server.feature(types.INITIALIZE)(initialize)
    server.feature(types.INITIALIZED)(initialized)
    server.feature(types.TEXT_DOCUMENT_DID_OPEN)(documents.did_open)
    server.feature(types.TEXT_DOCUMENT_DID_CHANGE)(documents.did_change)
    server.feature(types.TEXT_DOCUMENT_DID_CLOSE)(documents.did_close)
    server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)(documents.did_change_folders)
    server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)(did_change_configuration)
    server.feature(wire.ASK)(ask)
    server.feature(wire.MODEL)(model)
    server.feature(wire.CLEAR_TRACE)(clear_trace)
    server.feature(wire.TRUST)(trust)
    return server


def initialize(ls: InglenookServer, params: types.InitializeParams) -> None:
    """Take the client's options; the answer itself is the library's."""
    options = Options.read(params.initialization_options)
    ls.had_folders = params.workspace_folders is not None
    ls.trusted = options.trusted
    ls.watch_parent(params.process_id)
    ls.configuration.start(options.settings)
    if options.commands:
        ls.command(wire.ASK_COMMAND)(ask_command)
        ls.command(wire.CLEAR_TRACE_COMMAND)(clear_trace_command)


async def initialized(ls: InglenookServer, _params: types.InitializedParams) -> None:
    """Make everything ready, now that the client has its answer."""
    ls.session.refresh()
    await ls.configuration.subscribe()


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
    if (bench := ls.session.bench) and bench.workspace:
        bench.workspace.trusted = params.trusted
