"""`python -m lsp_server.resident.device`: prints as JSON what the model would run on here."""

from __future__ import annotations

import json
import sys

import attrs


def main() -> int:
    """Print the report; it is a process of its own, so that the caller imports no mlx."""
    from lsp_server.resident.mlx_backend import device_report  # noqa: PLC0415 - importing it loads mlx

    json.dump(attrs.asdict(device_report()), sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
