"""From a recipe to a model folder: fetch, import, quantise, dress, probe, publish."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator
from pathlib import Path

import attrs

from lsp_server.agent.prompts import PROMPT_VERSION
from lsp_server.errors import ModelBuildFailed, ModelRefused
from lsp_server.modelstore import ModelFolder, models_root
from lsp_server.user_folders import data_root
from models import folder as folders
from models.fetch import fetch_base, forget, local_base
from models.plan import check, make_plan
from models.progress import Note, Step, Watch
from models.recipe import Recipe, load_recipe

Verify = Callable[[Path], None]
"""Raises ModelRefused where the folder is not fit to serve."""

_DISK_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@attrs.frozen
class Options:
    """How a build is made."""

    base: Path | None = None
    """A local copy of the base weights."""
    keep_base: bool = False
    """Keep what was downloaded; otherwise it goes once the model is whole, for it would double the disk it takes."""
    watch: Watch = attrs.field(factory=Watch)
    verify: Verify = attrs.field(factory=lambda: probe_apart)


def build(name: str, options: Options | None = None) -> Path:
    """Make the model of recipe `name`, or return at once if it stands; return its folder.

    Raises:
        BadRequest: there is no such recipe.
        MachineTooSmall: the machine cannot hold it; nothing was fetched.
        ModelBuildFailed: a download, a conversion or the disk failed; nothing looks finished.
        ModelRefused: it was made and the probe says no; it is deleted.
        BuildCancelled: the caller withdrew.
    """
    options = options or Options()
    recipe = load_recipe(name)
    if recipe.adapter is not None:
        raise ModelBuildFailed(
            f"The recipe {name} asks for an adapter, which this version cannot apply.", "Update Inglenook."
        )
    final = models_root() / name
    with _full_disk_told(final), _alone(final, options.watch):
        folders.recover(final)
        found = folders.existing(final, recipe)
        if found is not None and folders.is_current(found, recipe):
            if options.base is not None:
                options.watch.tell(Note(f"{name} is built already; `inglenook model remove` makes way for another."))
            return final
        _make(recipe, final, found, options)
    return final


def _make(recipe: Recipe, final: Path, found: ModelFolder | None, options: Options) -> None:
    """Make the folder beside its place, and move it there once it is whole and was probed."""
    partial = final.with_name(f".partial-{recipe.name}")
    downloads = data_root() / "downloads" / recipe.name
    _clear(partial)
    try:
        if found is not None:
            folders.link_weights(found, partial)
            origin = found.manifest.base
        else:
            origin = _weights(recipe, partial, downloads, options)
        options.watch.tell(Step("write", "hashes and manifest", 0, 1, "steps"))
        folders.dress(partial, recipe, origin)
        options.watch.tell(Step("write", "hashes and manifest", 1, 1, "steps"))
        options.watch.tell(Step("verify", "the probe", 0, 1, "steps"))
        options.verify(partial)
        options.watch.tell(Step("verify", "the probe", 1, 1, "steps"))
        folders.publish(partial, final)
    finally:
        _clear(partial)
    if not options.keep_base:
        forget(downloads)


def _weights(recipe: Recipe, partial: Path, downloads: Path, options: Options) -> str:
    """Fetch and convert the weights of `recipe` into `partial`; return where the base came from."""
    local = options.base or local_base()
    check(make_plan(recipe, models_root(), local=local is not None))
    base = fetch_base(recipe, downloads, options.watch, local)
    from models.quantize import quantize  # noqa: PLC0415 - heavy, and needless where nothing is made

    source, floats = base.path, partial.with_name(f"{partial.name}-floats")
    try:
        if source.is_file():
            from models.gguf import import_gguf  # noqa: PLC0415 - likewise

            import_gguf(source, floats, recipe.shape, options.watch)
            source = floats
        quantize(source, partial, recipe.quantisation, recipe.shape, options.watch)
    finally:
        _clear(floats)
    return base.origin


def probe_apart(path: Path) -> None:
    """Probe the model at `path` in a process of its own, so that its memory is given back.

    Raises:
        ModelRefused: the probe says no, or could not be run.
    """
    command = [sys.executable, "-m", "lsp_server.resident.probe", str(path), "--prompt-version", PROMPT_VERSION]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own module
    if done.returncode == 0:
        return
    lines = (done.stdout if done.stdout.strip() else done.stderr).strip().splitlines()
    reason = lines[-1] if lines else f"the probe ended with status {done.returncode}"
    with contextlib.suppress(ValueError, TypeError, KeyError):
        reason = str(json.loads(reason)["reason"])
    raise ModelRefused(
        f"The model was built and the probe refused it: {reason.rstrip('.')}.",
        "Choose another recipe (`inglenook model list`), or run `inglenook doctor`.",
    )


@contextlib.contextmanager
def _alone(final: Path, watch: Watch) -> Generator[None]:
    """Hold the lock of one recipe; a second build waits for the first, and then finds the model built."""
    final.parent.mkdir(parents=True, exist_ok=True)
    with final.with_name(f".lock-{final.name}").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            watch.tell(Note(f"Another build of {final.name} is running; waiting for it."))
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def _full_disk_told(final: Path) -> Generator[None]:
    """Tell what the operating system refused as a sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in _DISK_FULL:
            raise ModelBuildFailed(
                f"The disk is full: {final.parent} has no room for the model.",
                "Free some space (`inglenook model plan` says how much), or set INGLENOOK_HOME to a larger disk; "
                "what was downloaded is kept.",
            ) from error
        raise ModelBuildFailed(
            f"The model could not be written: {error}.", "Check the folder's permissions."
        ) from error


def _clear(path: Path) -> None:
    shutil.rmtree(path, ignore_errors=True)
