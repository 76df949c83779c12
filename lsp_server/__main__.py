"""`python -m lsp_server` is the command `inglenook`."""

from __future__ import annotations

import sys

from lsp_server.cli import main

if __name__ == "__main__":
    sys.exit(main())
