"""What belongs to one set of settings and folders: the workspace at once, engine and agent a little later."""

from __future__ import annotations

import logging
import os
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread
import attrs

from lsp_server.agent.base import Asker, Explainer
from lsp_server.engine.base import Engine
from lsp_server.errors import InglenookError, WorkspaceUnusable
from lsp_server.settings import Settings

if TYPE_CHECKING:
    from lsp_server.workspace.last_change import LastChanges
    from lsp_server.workspace.workspace import Workspace

_log = logging.getLogger(__name__)

_OF_THE_DOOR = ("trace_diagnostics", "hover_explain", "hover_wait", "hover_prefetch", "code_lens")
"""Settings that nothing on the bench was made from."""


@attrs.frozen
class Agent:
    """Whatever speaks with the model."""

    asker: Asker
    explainer: Explainer

    async def aclose(self) -> None:
        """Stop what runs in the background, and close connections."""
        try:
            await self.explainer.aclose()
        finally:
            await self.asker.aclose()


EngineFactory = Callable[[Settings], Engine]
AgentFactory = Callable[[Settings, "Workspace", Engine | None], Agent]


@attrs.define(eq=False)
class Bench:
    """Everything that belongs to one set of settings and folders."""

    settings: Settings
    roots: tuple[Path, ...]
    workspace: Workspace | None = None
    changes: LastChanges | None = None
    """Who last changed what; there where a workspace is."""
    engine: Engine | None = None
    agent: Agent | None = None
    problem: InglenookError | None = None
    """Why nothing can be asked; without a workspace, why nothing can be searched either."""
    furnished: anyio.Event = attrs.field(factory=anyio.Event)
    """Set when there is an agent, or a problem; or when the bench was retired before."""
    users: int = 0
    retired: bool = False

    def is_made_from(self, settings: Settings, roots: tuple[Path, ...]) -> bool:
        """Whether it would be made from just the same."""
        ours = {name: getattr(self.settings, name) for name in _OF_THE_DOOR}
        return attrs.evolve(settings, **ours) == self.settings and roots == self.roots

    async def furnish(self, engine_factory: EngineFactory, agent_factory: AgentFactory) -> None:
        """Make the engine here and the agent in a thread, which imports its framework; a failure is kept."""
        try:
            if self.engine is None and not self.settings.endpoint:
                self.engine = engine_factory(self.settings)
            if self.workspace is not None:
                made = (self.settings, self.workspace, self.engine)
                self.agent = await anyio.to_thread.run_sync(agent_factory, *made, abandon_on_cancel=True)
        except InglenookError as error:
            self.problem = error
        except Exception as error:  # noqa: BLE001 - told to the client
            self.problem = _unforeseen(error)
        self.furnished.set()

    async def aclose(self) -> None:
        """Let go of everything; what fails is logged, and the rest is let go of all the same."""
        if self.agent is not None:
            await _logged(self.agent.aclose())
        if self.engine is not None:
            await _logged(self.engine.aclose())
        if self.changes is not None:
            self.changes.close()
        if self.workspace is not None:
            await _logged(anyio.to_thread.run_sync(self.workspace.close))


async def open_bench(settings: Settings, roots: tuple[Path, ...], on_open: Callable[[Workspace], None]) -> Bench:
    """Return a bench with its workspace alone, or with the problem that there is none.

    Args:
        settings: In force from now on.
        roots: The open folders.
        on_open: Called with the workspace in the thread that opens it.
    """
    bench = Bench(settings, roots)
    try:
        await anyio.to_thread.run_sync(_open, bench, on_open, abandon_on_cancel=True)
    except InglenookError as error:
        bench.problem = error
    except Exception as error:  # noqa: BLE001 - told to the client
        bench.problem = _unforeseen(error)
    return bench


def _open(bench: Bench, on_open: Callable[[Workspace], None]) -> None:
    if not bench.roots:
        raise WorkspaceUnusable("No folder is open.", "Open the folder whose code you want to ask about.")
    # The grammars need not delay `initialize`.
    from lsp_server.workspace.last_change import LastChanges  # noqa: PLC0415
    from lsp_server.workspace.workspace import Workspace  # noqa: PLC0415

    workspace = Workspace(_present(bench.roots), bench.settings)
    on_open(workspace)
    bench.changes = LastChanges(workspace)
    bench.workspace = workspace


def _present(roots: Sequence[Path]) -> Sequence[Path]:
    """Return the folders that are there, if any: one that was deleted while it was open takes no other along."""
    present = [root for root in roots if os.path.isdir(root)]  # noqa: PTH112 - pathlib raises where access is denied
    for root in roots if present else ():
        if root not in present:
            _log.warning("The folder %s is not there; what else is open is searched without it.", root)
    return present or roots


def _unforeseen(error: Exception) -> InglenookError:
    _log.error("The server could not be made ready", exc_info=error)
    return InglenookError(f"The server could not be made ready: {type(error).__name__}: {error}")


async def _logged(work: Awaitable[None]) -> None:
    try:
        await work
    except Exception:  # noqa: BLE001 - logged
        _log.exception("Letting go failed")
