"""Explain targets by hand, and an explainer over the sample workspace and a scripted engine."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import attrs

from lsp_server.agent.explain import ModelExplainer
from lsp_server.engine.base import Engine
from lsp_server.settings import Settings
from lsp_server.wire import ExplainResult
from lsp_server.workspace.explaining import ExplainTarget
from lsp_server.workspace.places import Located, Place
from lsp_server.workspace.workspace import Workspace
from support.listening import Heard

WORDS = "It closes the basket. Then it tells the audit."


def target(key: str = "k1", root: Path = Path("/folder"), **changes: Any) -> ExplainTarget:
    """Return a method of the sample workspace, with what the test changes of it."""
    path = "src/shop/core.py"
    made = ExplainTarget(
        key=key,
        name="Basket.close",
        kind="method",
        language="python",
        place=Place(root, path, (root / path).as_uri(), 26, 27),
        located=Located(root, path),
        code="def close(self, *, force: bool = False) -> None:\n    audit(self.owner)",
        doc="",
        callers=("src/shop/till.py:6: basket.close(force=True)",),
        bases=(),
        signature="close(self, *, force: bool = False) -> None",
    )
    return attrs.evolve(made, **changes)


@asynccontextmanager
async def explaining(
    root: Path, engine: Engine | None, settings: Settings | None = None, **options: Any
) -> AsyncGenerator[ModelExplainer]:
    """Make an explainer over a folder and close it at the end."""
    chosen = settings or Settings()
    explainer = ModelExplainer(chosen, Workspace([root], chosen), engine, **options)
    try:
        yield explainer
    finally:
        await explainer.aclose()


async def explain(
    explainer: ModelExplainer, of: ExplainTarget, heard: Heard | None = None, *, refresh: bool = False
) -> ExplainResult:
    """Ask for an explanation as a person does."""
    return await explainer.explain(of, refresh=refresh, listener=heard or Heard())
