"""`python -m models`: the workshop's commands."""

from __future__ import annotations

import sys

from models.commands import main

if __name__ == "__main__":
    sys.exit(main())
