"""Entry of a resident process whose backend follows a script: `scripted_host.py SCRIPT.json [resident options]`.

The script is read anew for each turn, so that a test may change it while the process runs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from lsp_server.engine.base import ToolSpec
from lsp_server.resident.entry import EntryOptions, parse, run


def main(argv: list[str]) -> int:
    path = Path(argv[0])

    def loader_factory(options: EntryOptions):
        sys.path.insert(0, str(Path(__file__).parent.parent))
        from support.scripted_backend import byte_chat, read_rules, rules_script, scripted_model  # noqa: PLC0415

        def load(tool: ToolSpec, progress: Callable[[int], None]):
            progress(50)
            dialect = byte_chat().dialect
            return scripted_model(
                lambda prompt: rules_script(read_rules(path)[0], dialect)(prompt),
                seconds_per_token=read_rules(path)[1],
            )

        return load

    return run(parse(argv[1:]), loader_factory)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
