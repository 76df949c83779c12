"""The command `inglenook`, with a language server whose model follows a script: `SCRIPT.json FOLDER ARGUMENTS`."""

from __future__ import annotations

import sys
from pathlib import Path

from lsp_server.cli import main

if __name__ == "__main__":
    server = [sys.executable, str(Path(__file__).parent / "serve_scripted.py"), *sys.argv[1:3]]
    sys.exit(main(sys.argv[3:], server=server))
