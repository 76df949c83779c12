"""Runs a server's entry and notes, at each response, which packages are imported: `NOTES_FOLDER ENTRY [ARGUMENTS]`."""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path
from typing import Any

from lsp_server.lsp.protocol import InglenookProtocol


def note_imports(folder: Path) -> None:
    """Write `ID.json` into the folder before the response to request ID is sent."""
    answer = InglenookProtocol._send_response  # pyright: ignore[reportPrivateUsage]

    def noting(self: InglenookProtocol, msg_id: Any, *rest: Any, **named: Any) -> None:
        packages = sorted({name.partition(".")[0] for name in sys.modules})
        (folder / f"{msg_id}.json").write_text(json.dumps(packages))
        answer(self, msg_id, *rest, **named)

    InglenookProtocol._send_response = noting  # pyright: ignore[reportPrivateUsage]


if __name__ == "__main__":
    note_imports(Path(sys.argv[1]))
    sys.argv = sys.argv[2:]
    runpy.run_path(sys.argv[0], run_name="__main__")
