"""What the extension's tests start as their server: `vscode_server.py SCRIPT.json [serve | model ...]`.

The model follows the script and stands where the folder `model` lies beside it: without that folder nothing is set up.
`model build` makes it in the steps that the script names, so that set-up needs no network. Windows that name the same
script share one resident process. Everything else is the product's.
"""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsp_server.cli import main as command_line
from lsp_server.cli import make_agent
from lsp_server.lsp.streams import take_standard_pipes

if TYPE_CHECKING:
    from lsp_server.engine.base import Engine
    from lsp_server.modelstore import ModelFolder
    from lsp_server.settings import Settings

HERE = Path(__file__).parent
RECIPE = "qwen2.5-coder-0.5b"
TITLE = "Scripted"


def main(script: Path, words: list[str]) -> int:
    """Serve, or do what the words say."""
    match words:
        case [] | ["serve", *_]:
            return serve(script)
        case ["model", "build", *_]:
            return build(script)
        case ["model", "plan", *_]:
            plan = "Download: 531 MB. Disk: 525 MB. Memory: 2.4 GB."
            return say({"recipe": RECIPE, "fits": True, "refusals": [], "plan": plan})
        case ["model", "list", *_]:
            built = model_path(script).is_dir()
            models = [{"recipe": RECIPE, "title": TITLE, "built": built, "path": str(model_path(script))}]
            return say({"models": models, "current": RECIPE})
        case _:
            return command_line(words)


def serve(script: Path) -> int:
    """Be the language server on stdin and stdout."""
    pipes = take_standard_pipes()
    from lsp_server.lsp.logs import log_to_stderr  # noqa: PLC0415 - after the pipes are taken, as the product does
    from lsp_server.lsp.server import create_server  # noqa: PLC0415

    def make_engine(settings: Settings) -> Engine:
        from lsp_server.agent.prompts import PROBE_TOOL, PROMPT_VERSION  # noqa: PLC0415
        from lsp_server.engine.base import WIRE_VERSION  # noqa: PLC0415
        from lsp_server.engine.client import ResidentEngine  # noqa: PLC0415
        from lsp_server.engine.frames import Hello  # noqa: PLC0415

        return ResidentEngine(
            settings,
            hello=Hello(WIRE_VERSION, PROMPT_VERSION, PROBE_TOOL),
            command=[sys.executable, str(HERE / "scripted_host.py"), str(script)],
            folder=lambda: find_model(script),
        )

    log_to_stderr()
    server = create_server(engine_factory=make_engine, agent_factory=make_agent)
    server.command_line = (sys.executable, __file__, str(script))
    return server.run(pipes)


def model_path(script: Path) -> Path:
    """Return where the scripted model stands, if it does."""
    return script.parent / "model"


def find_model(script: Path) -> ModelFolder:
    """Return the model, or fail as the product does where none was built."""
    from lsp_server.errors import ModelMissing  # noqa: PLC0415

    sys.path.insert(0, str(HERE.parent))
    from support.scripted_model import scripted_folder  # noqa: PLC0415

    path = model_path(script)
    if not path.is_dir():
        raise ModelMissing(
            f"The model {RECIPE} has not been built yet.", f"Run `inglenook model build --recipe {RECIPE}`."
        )
    return scripted_folder(path)


def build(script: Path) -> int:
    """Make the model in the script's steps: `{"label": text, "percent": n, "seconds": s}`, or `{"error": ...}`."""
    for step in json.loads(script.read_text("utf-8")).get("build", []):
        if "error" in step:
            say({"error": step["error"]})
            return 1
        say({"label": step["label"], "done": step["percent"], "total": 100})
        threading.Event().wait(step.get("seconds", 0))  # the network's speed, not a signal
    model_path(script).mkdir(exist_ok=True)
    return say({"recipe": RECIPE, "path": str(model_path(script))})


def say(value: dict[str, Any]) -> int:
    """Print one line of JSON."""
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
