"""How our own modules are started as processes: with nothing of the current folder on their path."""

from __future__ import annotations

import sys


def module_command(module: str, *arguments: str) -> tuple[str, ...]:
    """Return the command that runs a module in this interpreter.

    Without `-P` Python would look for every import in the current folder first, which may be a stranger's repository.
    """
    return (sys.executable, "-P", "-m", module, *arguments)


LANGUAGE_SERVER = module_command("lsp_server", "serve", "--stdio")
