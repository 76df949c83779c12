"""A language server that answers `initialize` and is gone."""

from __future__ import annotations

import sys

_PROGRAM = (
    "import sys; sys.stdin.buffer.readline()\n"
    'body = \'{"jsonrpc": "2.0", "id": 1, "result": {}}\'\n'
    "print(f'Content-Length: {len(body)}\\r\\n\\r\\n{body}', end='', flush=True)"
)
SHAKES_HANDS_AND_DIES = (sys.executable, "-c", _PROGRAM)
"""The command that starts it."""
