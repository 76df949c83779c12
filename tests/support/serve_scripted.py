"""A language server whose model follows a script: `serve_scripted.py SCRIPT.json FOLDER`.

Everything but the model's weights is the product's: the server, the agent, the socket, the queue and the grammar.
FOLDER names the model, so that each test has a resident process of its own; servers that name the same share one.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from lsp_server.cli import make_agent
from lsp_server.lsp.streams import take_standard_pipes

if TYPE_CHECKING:
    from lsp_server.engine.base import Engine
    from lsp_server.settings import Settings

HERE = Path(__file__).parent


def main(script: str, folder: str) -> int:
    """Serve on stdin and stdout."""
    pipes = take_standard_pipes()
    from lsp_server.lsp.logs import log_to_stderr  # noqa: PLC0415 - after the pipes are taken, as the product does
    from lsp_server.lsp.server import create_server  # noqa: PLC0415

    def make_engine(settings: Settings) -> Engine:
        sys.path.insert(0, str(HERE.parent))
        from lsp_server.agent.prompts import PROBE_TOOL, PROMPT_VERSION  # noqa: PLC0415
        from lsp_server.engine.base import WIRE_VERSION  # noqa: PLC0415
        from lsp_server.engine.client import ResidentEngine  # noqa: PLC0415
        from lsp_server.engine.frames import Hello  # noqa: PLC0415
        from support.scripted_model import scripted_folder  # noqa: PLC0415

        return ResidentEngine(
            settings,
            hello=Hello(WIRE_VERSION, PROMPT_VERSION, PROBE_TOOL),
            command=[sys.executable, str(HERE / "scripted_host.py"), script],
            folder=lambda: scripted_folder(Path(folder)),
        )

    log_to_stderr()
    return create_server(engine_factory=make_engine, agent_factory=make_agent).run(pipes)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
