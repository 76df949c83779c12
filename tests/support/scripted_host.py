"""Entry of a resident process whose backend follows a script: `scripted_host.py SCRIPT.json [resident options]`.

The script is read anew for each turn, so that a test may change it while the process runs. Its `"load"` says how
loading goes: `{"seconds": s}` takes that long, `{"error": text}` ends in a refusal.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from lsp_server.engine.frames import Hello
from lsp_server.resident.entry import EntryOptions, parse, run

if TYPE_CHECKING:  # nothing heavy before the fork
    from lsp_server.resident.generate import Model
    from lsp_server.resident.host import ModelLoader


def main(argv: list[str]) -> int:
    path = Path(argv[0])

    def loader_factory(_: EntryOptions) -> ModelLoader:
        sys.path.insert(0, str(Path(__file__).parent.parent))
        from support.scripted_backend import byte_chat, read_rules, rules_script, scripted_model  # noqa: PLC0415

        dialect = byte_chat().dialect

        def script(prompt: str) -> str:
            return rules_script(read_rules(path)[0], dialect)(prompt)

        def load(_: Hello, progress: Callable[[int], None]) -> Model:
            load_as_told(path, progress)
            return scripted_model(script, seconds_per_token=read_rules(path)[1])

        return load

    return run(parse(argv[1:]), loader_factory)


def load_as_told(script: Path, progress: Callable[[int], None]) -> None:
    """Take the time that the script says, and fail if it says so."""
    from lsp_server.errors import ModelRefused  # noqa: PLC0415 - nothing heavy before the fork

    told = json.loads(script.read_text("utf-8")).get("load", {})
    progress(50)
    threading.Event().wait(told.get("seconds", 0))  # the disk's speed, not a signal
    if "error" in told:
        raise ModelRefused(told["error"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
