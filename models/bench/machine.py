"""The machine and the versions that figures belong to."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from importlib.metadata import version

import psutil

from lsp_server import __version__


def machine(*packages: str) -> dict[str, str]:
    """Return what identifies a run, and the versions of `packages`."""
    return {
        "machine": machine_name(),
        "python": platform.python_version(),
        "inglenook": __version__,
        **{package: version(package) for package in packages},
        "date": datetime.now(UTC).date().isoformat(),
    }


def machine_name() -> str:
    """Return what kind of machine this is."""
    memory = psutil.virtual_memory().total / 2**30
    return f"{platform.system()} {platform.machine()}, {psutil.cpu_count()} CPUs, {memory:.0f} GiB"
